"""What is known about each answer: who is right, who is wrong, who does not count; and the words for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from app.components.image_grid import EXCLUDED, RIGHT, UNKNOWN, WRONG
from app.shared.images import below
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.evaluation.evaluators import same_camera
from core.evaluation.metrics import average_precision

if TYPE_CHECKING:
    from core.search.gallery import Gallery

MARK_TEXTS = {RIGHT: "same person", WRONG: "someone else", UNKNOWN: "", EXCLUDED: "same camera, does not count"}


@dataclass(frozen=True)
class Answers:
    """The right answers: those in the ranking, and those that do not count because the probe's camera took them."""

    counted: pd.DataFrame
    excluded: pd.DataFrame

    @property
    def sentence(self) -> str:
        ranks = self.counted["rank"].to_numpy()
        if not len(ranks):
            return "None of the images searched is a right answer that counts."
        answers = "1 right answer" if len(ranks) == 1 else f"{len(ranks)} right answers"
        precision = average_precision(ranks)
        return f"**First right answer at rank {ranks[0]}**; {answers}, average precision {precision:.0%}"


def is_known(probe: Record | None) -> bool:
    """Whether it is known who the probe shows; without that, no answer is right or wrong."""
    return probe is not None and probe.identity not in ("", DISTRACTOR)


def asked_for(probe: Record | None, rule: bool) -> Record | None:
    """The record to search with: without the rule only the probe's own file is left out of the ranking."""
    return probe if probe is None or rule else Record(probe.path)


def verdict(identity: str, probe: Record | None) -> str:
    if not is_known(probe) or not identity:
        return UNKNOWN
    return RIGHT if identity == probe.identity else WRONG


def right_answers(gallery: "Gallery", ranking: pd.DataFrame, probe: Record, rule: bool, cameras: list[int]) -> Answers:
    """`ranking` holds every right answer with its rank; of other answers it may hold the first ones alone."""
    counted = ranking[ranking["identity"] == probe.identity]
    out = same_camera(probe, gallery.identities, gallery.cameras) & (gallery.paths != str(probe.path))
    if cameras:
        out &= np.isin(gallery.cameras, cameras)
    places = np.flatnonzero(out) if rule else []
    excluded = pd.DataFrame({"path": gallery.paths[places], "camera": gallery.cameras[places]})
    return Answers(counted, excluded)


def who(identity: str) -> str:
    """An identity in words for under an image."""
    return "distractor" if identity == DISTRACTOR else f"person {identity}" if identity else ""


def where(camera: int) -> str:
    return f"camera {camera}" if camera != UNKNOWN_CAMERA else ""


def as_csv(ranking: pd.DataFrame, folder: Path) -> bytes:
    """The ranking as a file, with paths below the data folder; images of an own gallery may lie elsewhere."""
    paths = [below(Path(path), folder) for path in ranking["path"]]
    return ranking.assign(path=paths).to_csv(index=False, float_format="%.6f").encode()
