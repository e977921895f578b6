"""Explanations that are kept between reruns."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.shared.cache import of_galleries

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution
    from core.explain.deletion import Deletion
    from core.inference.model import Model


@of_galleries
@st.cache_data(max_entries=8, show_spinner="Averaging images of the gallery")
def average(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> np.ndarray:
    """The mean region vectors of images."""
    from core.explain.attribution import average_vectors

    return average_vectors(_model, _paths)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def why(
    model: tuple,
    contents: tuple,
    measured_from: str,
    _model: "Model",
    _both: "tuple[Regions, Regions]",
    _reference: np.ndarray | None,
) -> "Attribution":
    """The score of two images in terms; `measured_from` is the content of the images in the reference."""
    from core.explain.attribution import explain_match

    return explain_match(_model, *_both, _reference)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def deletion(key: tuple, _model: "Model", _why: "Attribution", _match: "Regions", _order: np.ndarray) -> "Deletion":
    """The score as regions of the match are taken away; `key` names model, images and reference."""
    from core.explain.deletion import delete_regions

    return delete_regions(_model, _why, _match, _order)
