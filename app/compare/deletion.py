"""The deletion test on the page Compare: regions of the match are occluded, and the score is measured."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.compare import charts, lessons, texts
from app.compare.explanations import Explainer, Mean
from app.components import figure_export
from app.components.data_url import pixels_url
from app.shared import formulas
from app.shared.probe_picker import Chosen

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution


def show_deletion(
    explainer: Explainer,
    pair: tuple[Chosen, Chosen],
    attribution: "Attribution",
    match: "Regions",
    mean: Mean | None,
) -> None:
    """Show the deletion test of a probe and a match; the baseline is the mean, or zero."""
    from core.explain.deletion import occlude

    order = np.argsort(-attribution.of_regions[1], kind="stable")
    found = explainer.delete_regions(pair, attribution, match, order, mean)
    reverse = np.array([attribution.score_without([], order[::-1][:count]) for count in found.counts])
    left, right = st.columns([1, 4], gap="medium")
    with right:
        place = st.container()
        occluded = st.select_slider(
            texts.OCCLUDED_REGIONS,
            found.counts.tolist(),
            value=int(found.counts[min(3, len(found.counts) - 1)]),
            key="gone",
        )
    step = found.counts.tolist().index(occluded)
    with left:
        shown = pixels_url(occlude(match, order[:occluded]))
        st.image(shown, width=150, alt=texts.OCCLUDED_MATCH.format(count=occluded))
        st.caption(
            texts.DELETION_SCORES.format(
                predicted=found.predicted[step], recomputed=found.recomputed[step], painted=found.painted[step]
            )
        )
    with place:
        figure_export.show(charts.deletion_figure(found, reverse, occluded), "deletion", texts.DELETION_FIGURE)
    formulas.teach(lessons.DELETION)
