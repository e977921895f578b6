"""The deletion check on the page Compare: regions of the match are taken away, and the score falls as predicted."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.compare import charts, explanations
from app.components.data_url import pixels_url
from app.shared import formulas

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution
    from core.inference.model import Model


def show_deletion(key: tuple, model: "Model", why: "Attribution", match: "Regions") -> None:
    """`key` names model, images and reference."""
    from core.explain.deletion import paint_over

    order = np.argsort(-why.of_regions[1], kind="stable")
    found = explanations.deletion(key, model, why, match, order)
    reverse = np.array([why.score_without([], order[::-1][:count]) for count in found.counts])
    left, right = st.columns([1, 4], gap="medium")
    with right:
        place = st.container()
        gone = st.select_slider(
            "Regions taken away, the strongest first",
            found.counts.tolist(),
            value=int(found.counts[min(3, len(found.counts) - 1)]),
            key="gone",
        )
    step = found.counts.tolist().index(gone)
    with left:
        st.image(pixels_url(paint_over(match, order[:gone])), width=150)
        st.caption(
            f"Predicted **{found.predicted[step]:.4f}**, recomputed **{found.recomputed[step]:.4f}**, with the "
            f"pixels painted over {found.painted[step]:.4f}"
        )
    place.plotly_chart(
        charts.deletion_figure(found, reverse, gone),
        key="deletion",
        alt="The score as regions are taken away",
        config={"displayModeBar": False},
    )
    formulas.teach(formulas.DELETION)
