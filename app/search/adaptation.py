"""Batch-norm adaptation on the page Search: read from a named gallery, or computed once in a thread of the server."""

from concurrent.futures import ThreadPoolExecutor, TimeoutError
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.search import texts
from app.shared.cache import of_galleries
from core.galleries.adaptation import is_adapted
from core.galleries.gallery_folder import StoredGallery

if TYPE_CHECKING:
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import Model
    from core.search.gallery import Gallery

MAX_IMAGES_ADAPTED = 5000  # images of a gallery that is adapted because of a search


def is_default(gallery: StoredGallery | None) -> bool:
    """Return whether searches of this gallery are adapted by default: its job has stored the adapted descriptors.

    The demo gallery is not: adaptation does not help the default model on the rendered cameras. The figures are in
    docs/ranking-and-calibration.md.
    """
    return gallery is not None and is_adapted(gallery)


class Adapting:
    """The adaptation of a gallery, which continues if the visitor leaves the page."""

    def __init__(self, model: "Model", indexed: "Gallery", stored: StoredGallery | None):
        self.processed, self.total = 0, 2 * len(indexed)  # each image is read for the statistics, then described
        self._of = model, indexed, stored
        self._future = _pool().submit(self._adapt)

    def wait(self, seconds: float) -> "tuple[Gallery, CameraModels] | None":
        """Return the adapted gallery and models, or None if it takes longer. Raises UserError if it failed."""
        try:
            return self._future.result(timeout=seconds)
        except TimeoutError:
            return None

    def _adapt(self) -> "tuple[Gallery, CameraModels]":
        import torch

        from core.folders import cache_folder
        from core.galleries.adaptation import open_adapted
        from core.inference.camera_statistics import CAMERA_STATISTICS
        from core.search.reranking import adapt_gallery

        torch.set_num_threads(1)  # as in app/shared/model_loading.py
        model, indexed, stored = self._of
        if stored:
            return open_adapted(stored, model, indexed, self._on_progress, MAX_IMAGES_ADAPTED)
        return adapt_gallery(model, indexed, self._on_progress, cache_folder() / CAMERA_STATISTICS)

    def _on_progress(self, count: int) -> None:
        self.processed += count


def wait_for(
    key: tuple, model: "Model", indexed: "Gallery", stored: StoredGallery | None, place: DeltaGenerator
) -> "tuple[Gallery, CameraModels]":
    """Show the progress of the adaptation until it is done; `key` identifies the gallery and the model in the cache.

    Raises UserError if it fails.
    """
    adapting = _adapting(key, model, indexed, stored)
    bar = place.empty()
    try:
        adapted = adapting.wait(0.05)
        while adapted is None:
            bar.progress(min(1.0, adapting.processed / adapting.total), texts.ADAPTING)
            adapted = adapting.wait(0.2)
    except Exception:
        _adapting.clear(key, model, indexed, stored)  # the next search tries again
        raise
    bar.empty()
    return adapted


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def _adapting(key: tuple, _model: "Model", _indexed: "Gallery", _stored: StoredGallery | None) -> Adapting:
    return Adapting(_model, _indexed, _stored)


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="adaptation")
