"""Below which score a ranking is doubtful, how likely each answer is right, and whether the person is there at all."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from app.shared import widgets
from app.shared.keys import FALSE_MATCHES, PRIOR
from app.shared.settings import checkpoint_key, file_versions
from core.errors import UserError
from core.evaluation.verification import share_above

if TYPE_CHECKING:  # it imports torch, for which the first page is not to wait
    from core.evaluation.calibration import Calibration

PRIORS, RATES = [10, 100, 1000, 10_000], [100, 1000, 10_000]  # one in so many
ASKED = {PRIOR: PRIORS, FALSE_MATCHES: RATES}  # what a link may ask for
MIN_SHARE_SHOWN = 0.01  # a share that has no figure
MAX_IMPROBABLE_SHARE = 0.1  # a share of searches that is called improbable


def controls() -> tuple[int, int]:
    """What the reader assumes and allows: one image in how many shows the person, one false match in how many."""
    with st.popover("Scores", icon=":material/percent:"), st.container(width=400):
        prior = st.segmented_control(
            "Before looking, one image in so many shows the person",
            PRIORS,
            default=1000,
            required=True,
            key=PRIOR,
            bind="query-params",
            format_func=lambda one: f"{one:,}",
        )
        rate = st.segmented_control(
            "The line: of images of others, one in so many scores as high",
            RATES,
            default=1000,
            required=True,
            key=FALSE_MATCHES,
            bind="query-params",
            format_func=lambda one: f"{one:,}",
        )
        st.caption(
            "The fewer images show the person, the less the same score is worth: that is why a probability "
            "needs the first number. Both rest on the model's calibration."
        )
    return prior, rate


def of(checkpoint: Path) -> "Calibration | None":
    """A checkpoint's calibration; a sentence on the page if it is damaged."""
    try:
        return calibration(checkpoint)
    except UserError as error:
        widgets.warn([str(error)])
        return None


def chance(probability: float) -> str:
    """For a corner of an image."""
    return "<1 %" if probability < 0.01 else ">99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def with_meaning(
    crops: list[dict], ranking: pd.DataFrame, calibration: "Calibration", prior: int, rate: int, line: bool
) -> list[dict]:
    """Crops of a ranking's first rows with their probabilities, and a line where scores fall below the threshold."""
    scores = ranking["score"].to_numpy()[: len(crops)]
    found = [
        crop | {"chance": chance(one), "title": f"{crop['title']}. {chance(one)} likely the same person"}
        for crop, one in zip(crops, calibration.probability(scores, 1 / prior), strict=True)
    ]
    threshold = calibration.threshold(1 / rate)
    place = int(np.sum(scores >= threshold))
    if line and place < len(found):
        found.insert(place, {"cut": f"below {threshold:.3f}: more than 1 in {rate:,} images of others score as high"})
    return found


def verdict(ranking: pd.DataFrame, images: int, calibration: "Calibration") -> str:
    """Whether the person is in the gallery at all, as far as the best of so many scores tells, with the figures."""
    best = float(ranking["score"].max())
    without = calibration.false_alarm_rate(best, images)
    there = float(share_above(calibration.counts.own, best))
    if without <= MAX_IMPROBABLE_SHARE:
        words = "Probably in this gallery"
    elif there >= 1 - MAX_IMPROBABLE_SHARE:
        words = "Probably not in this gallery"
    else:
        words = "Perhaps in this gallery"
    if there < MIN_SHARE_SHOWN:  # two small shares side by side would seem to cancel out
        with_them = "even somebody who is there seldom does"
    else:
        with_them = f"somebody who is, in {_share(there)}"
    return (
        f"**{words}**: somebody who is not there would reach the best score, {best:.3f}, in {_share(without)} of "
        f"searches; {with_them}"
    )


def foundation(calibration: "Calibration | None", prior: int, images: int, averaged: bool, better: bool) -> str:
    """On what the figures rest, and where they do not hold."""
    if calibration is None:
        from core.evaluation.calibration import HOW_TO_MAKE_ONE

        return f"What these scores mean is not known for this model: {HOW_TO_MAKE_ONE}."
    about = calibration.about
    parts = [
        f"Percentages: how likely an image shows the person, if 1 in {prior:,} does. Calibrated on {about.data}: "
        f"{about.people}. Other cameras shift them, as a rule towards too much confidence."
    ]
    if images > about.gallery:
        parts.append(f"False alarms were measured among {about.gallery:,} images and are taken further to {images:,}.")
    if averaged:
        parts.append("Your images are averaged, which scores higher than the single images of the calibration.")
    if better:
        parts.append("Scores are still those of your image alone; only the order is another.")
    return " ".join(parts)


def _share(value: float) -> str:
    return "less than 1 %" if value < MIN_SHARE_SHOWN else "more than 99 %" if value > 0.99 else f"{100 * value:.0f} %"


def calibration(checkpoint: Path) -> "Calibration | None":
    """What a checkpoint's scores mean, if that is known. Raises UserError if what is kept is damaged."""
    from core.evaluation.calibration import CALIBRATION, FOLDER, SCORES
    from core.inference.checkpoint import find_checkpoint

    found = find_checkpoint(checkpoint)
    files = (found / FOLDER / name for name in (CALIBRATION, SCORES))
    return _calibration(checkpoint_key(found), file_versions(*files), found)


@st.cache_resource(max_entries=20, show_spinner=False)
def _calibration(key: tuple, changed: tuple, _checkpoint: Path) -> "Calibration | None":
    from core.evaluation.calibration import read_calibration

    return read_calibration(_checkpoint)
