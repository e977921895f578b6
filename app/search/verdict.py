"""The verdict on a ranking: whether the probe shows a person, and whether this person is in the gallery."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.search import calibration_panel
from app.shared import calibrations, person_check, widgets
from app.shared.model_loading import Loading, Searcher

if TYPE_CHECKING:  # the first page does not wait for its import
    import pandas as pd


def judge(
    crops: list[dict],
    ranking: "pd.DataFrame",
    searched: int,
    searcher: Searcher,
    loading: Loading,
    descriptors: np.ndarray,
    chosen: tuple[bool, int, int],
    is_plain: bool,
) -> tuple[list[dict], str]:
    """Show the verdict; return the crops with probabilities and the threshold, and the caption on the calibration.

    Args:
        crops: The crops of the results.
        ranking: The results.
        searched: Number of gallery images that were searched.
        searcher: The model and the gallery.
        loading: What loaded the model and the gallery.
        descriptors: Descriptors (N, D) of the images of the probe.
        chosen: The values of `calibration_panel.controls`.
        is_plain: Whether the ranking has no post-processing.
    """
    with_probabilities, prior, rate = chosen
    flags, no_person = person_check.flag_images(loading.checkpoint, descriptors)
    widgets.warn(no_person)
    own = calibrations.read_or_warn(loading.checkpoint)
    # post-processing changes the order only: the scores stay those of the gallery without it
    calibration = calibrations.transfer(own, searcher.gallery, loading.key)
    judged = len(ranking) > 0 and not flags.all()  # an image without a person has no verdict
    if calibration and judged:
        st.markdown(calibration_panel.judge_presence(ranking, searched, calibration))
        if with_probabilities:
            crops = calibration_panel.add_probabilities(crops, ranking, calibration, prior)
        if is_plain:  # the line needs results in the order of their scores
            crops = calibration_panel.mark_threshold(crops, ranking, calibration, rate)
    if calibration and not judged:
        return crops, ""
    prior = prior if with_probabilities else 0
    return crops, calibration_panel.describe(calibration, prior, rate, searched, len(descriptors) > 1, not is_plain)
