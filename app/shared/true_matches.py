"""The true matches, false matches and ignored images of a ranking, and the texts for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.components.image_grid import EXCLUDED, RIGHT, UNKNOWN, WRONG
from app.shared import texts
from app.shared.images import below
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.evaluation.same_camera import same_camera, same_camera_rule_applies

if TYPE_CHECKING:
    import pandas as pd

    from core.search.gallery import Gallery

MARK_TEXTS = {RIGHT: texts.TRUE_MATCH, WRONG: texts.FALSE_MATCH, UNKNOWN: "", EXCLUDED: texts.SAME_CAMERA}


@dataclass(frozen=True)
class TrueMatches:
    """The true matches in the ranking, and the images of the probe's identity that are ignored."""

    counted: "pd.DataFrame"
    excluded: "pd.DataFrame"

    @property
    def sentence(self) -> str:
        """The first rank, the number and the average precision of the true matches, as a sentence."""
        from core.evaluation.metrics import average_precision

        ranks = self.counted["rank"].to_numpy()
        if not len(ranks):
            return texts.NO_TRUE_MATCH
        precision = average_precision(ranks)
        return texts.FIRST_TRUE_MATCH.format(rank=ranks[0], count=len(ranks), precision=precision)


def is_known(probe: Record | None) -> bool:
    """Return whether the probe has an identity; otherwise no result is a true or a false match."""
    return probe is not None and probe.is_labelled


def rule_applies(probe: Record) -> bool:
    """Return whether the same-camera rule applies to a probe."""
    return same_camera_rule_applies(probe)


def asked_for(probe: Record | None, rule: bool) -> Record | None:
    """Return the record to search with; without the same-camera rule, only the probe's own file is ignored."""
    return probe if probe is None or rule else Record(probe.path)


def verdict(identity: str, probe: Record | None) -> str:
    """Return the mark of a gallery image."""
    if not is_known(probe) or not identity:
        return UNKNOWN
    return RIGHT if identity == probe.identity else WRONG


def find_true_matches(
    gallery: "Gallery", ranking: "pd.DataFrame", probe: Record, rule: bool, cameras: list[int]
) -> TrueMatches:
    """Find the true matches in `ranking`, which has all true matches and at least the first false matches."""
    import pandas as pd

    counted = ranking[ranking["identity"] == probe.identity]
    ignored = same_camera(probe, gallery.identities, gallery.cameras) & (gallery.paths != str(probe.path))
    if cameras:
        ignored &= np.isin(gallery.cameras, cameras)
    rows = np.flatnonzero(ignored) if rule else []
    excluded = pd.DataFrame({"path": gallery.paths[rows], "camera": gallery.cameras[rows]})
    return TrueMatches(counted, excluded)


def is_distractor(identity: str) -> bool:
    """Return whether an identity is that of distractors."""
    return identity == DISTRACTOR


def who(identity: str) -> str:
    """Return the text for an identity."""
    if identity == DISTRACTOR:
        return texts.DISTRACTOR
    return texts.IDENTITY.format(identity=identity) if identity else ""


def where(camera: int) -> str:
    """Return the text for a camera."""
    return texts.CAMERA.format(camera=camera) if camera != UNKNOWN_CAMERA else ""


def as_csv(ranking: "pd.DataFrame", folder: Path) -> bytes:
    """Return the ranking as a CSV file; paths are relative to the data folder where they are inside it."""
    paths = [below(Path(path), folder) for path in ranking["path"]]
    return ranking.assign(path=paths).to_csv(index=False, float_format="%.6f").encode()
