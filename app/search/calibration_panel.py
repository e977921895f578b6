"""Whether the person is in the gallery, the threshold, and probabilities of true matches."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.search import texts
from app.shared import calibrations, linked_widgets
from app.shared.keys import FALSE_MATCHES, PERCENTAGES, PRIOR

if TYPE_CHECKING:  # with torch, which takes seconds: the first page does not wait for it
    import pandas as pd

    from core.evaluation.calibration import Calibration

PRIORS, RATES = [10, 100, 1000, 10_000], [100, 1000, 10_000]  # N of 1 in N
ASKED = {PERCENTAGES: ["true", "false"], PRIOR: PRIORS, FALSE_MATCHES: RATES}  # valid values in a link
MIN_SHARE_SHOWN = 0.01  # a smaller share is shown as less than this


def controls() -> tuple[bool, int, int]:
    """Show the controls.

    Returns:
        Whether to show probabilities, N of the prior (1 in N), and N of the false-match rate at the threshold.
    """
    with st.popover(texts.CALIBRATION, icon=":material/percent:"), st.container(width=400):
        rate = linked_widgets.choose_one(
            st.segmented_control, texts.FALSE_MATCH_RATE, RATES, FALSE_MATCHES, default=1000, required=True
        )
        percentages = linked_widgets.toggle(texts.PERCENTAGES, PERCENTAGES)
        prior = linked_widgets.choose_one(
            st.segmented_control, texts.PRIOR, PRIORS, PRIOR, default=1000, required=True, disabled=not percentages
        )
        st.caption(texts.CALIBRATION_HELP)
    return percentages, prior, rate


def add_probabilities(crops: list[dict], ranking: "pd.DataFrame", calibration: "Calibration", prior: int) -> list[dict]:
    """Add to the crops of the first results their probabilities of a true match."""
    from core.evaluation.verdict import format_probability

    scores = ranking["score"].to_numpy()[: len(crops)]
    found = []
    for crop, probability in zip(crops, calibration.probability(scores, 1 / prior), strict=True):
        chance = format_probability(probability)
        title = texts.PROBABILITY_TITLE.format(title=crop["title"], probability=chance)
        found.append(crop | {"chance": chance, "title": title})
    return found


def mark_threshold(crops: list[dict], ranking: "pd.DataFrame", calibration: "Calibration", rate: int) -> list[dict]:
    """Mark the first crop whose score is below the threshold of a false-match rate of 1 in `rate`."""
    threshold = calibration.threshold(1 / rate)
    below = np.flatnonzero(ranking["score"].to_numpy()[: len(crops)] < threshold)
    if not len(below):
        return crops
    marked = crops[below[0]] | {"cut": texts.THRESHOLD_LINE.format(threshold=threshold, rate=rate)}
    return [*crops[: below[0]], marked, *crops[below[0] + 1 :]]


def judge_presence(ranking: "pd.DataFrame", images: int, calibration: "Calibration") -> str:
    """Judge from the top score of `images` scores whether the person is in the gallery, with the figures."""
    from core.evaluation.verdict import judge_presence

    word, absent, present = judge_presence(calibration, float(ranking["score"].max()), images)
    return texts.PRESENCE[word].format(absent=_of_100(absent), present=_of_100(present))


def describe(
    calibration: "Calibration | None", prior: int, rate: int, images: int, averaged: bool, reordered: bool
) -> str:
    """Describe what the verdict and the probabilities rest on, and where they are less reliable.

    `prior` is 0 if no probabilities are shown.
    """
    if calibration is None:
        return calibrations.describe(None)
    about = calibration.about
    parts = [texts.PRIOR_USED.format(prior=prior)] if prior else []
    parts.append(calibrations.describe(calibration))
    if not reordered:
        parts.append(texts.THRESHOLD_USED.format(threshold=calibration.threshold(1 / rate), rate=rate))
    if images > about.gallery:
        parts.append(texts.EXTRAPOLATED.format(gallery=about.gallery, images=images))
    if averaged:
        parts.append(texts.AVERAGED)
    if reordered:
        parts.append(texts.REORDERED)
    return " ".join(parts)


def describe_basis(calibration: "Calibration | None", images: int) -> str:
    """Describe the calibration, and where its verdicts are less reliable."""
    described = calibrations.describe(calibration)
    if calibration is None or images <= calibration.about.gallery:
        return described
    return f"{described} {texts.EXTRAPOLATED.format(gallery=calibration.about.gallery, images=images)}"


def _of_100(share: float) -> str:
    """Return a share as a number of searches out of 100."""
    if share < MIN_SHARE_SHOWN:
        return texts.FEWER_THAN_1
    return texts.MORE_THAN_99 if share > 0.99 else f"{100 * share:.0f}"
