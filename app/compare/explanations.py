"""Caches of explanations."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.compare import texts
from app.shared.cache import of_galleries

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution
    from core.explain.deletion import Deletion
    from core.inference.model import Model


@of_galleries
@st.cache_data(max_entries=8, show_spinner=texts.AVERAGING)
def average(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> np.ndarray:
    """Compute the mean region vectors of images."""
    from core.explain.mean_vectors import average_vectors

    return average_vectors(_model, _paths)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def explain(
    model: tuple,
    contents: tuple,
    baseline: str,
    _model: "Model",
    _both: "tuple[Regions, Regions]",
    _reference: np.ndarray | None,
) -> "Attribution":
    """Compute the attribution of a score; `baseline` is the content of the images of the reference."""
    from core.explain.attribution import explain_match

    return explain_match(_model, *_both, _reference)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def delete_regions(
    key: tuple, _model: "Model", _attribution: "Attribution", _match: "Regions", _order: np.ndarray
) -> "Deletion":
    """Compute the scores of the deletion test; `key` identifies model, images and baseline."""
    from core.explain.deletion import delete_regions

    return delete_regions(_model, _attribution, _match, _order)
