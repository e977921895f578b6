"""Batch-norm adaptation of a gallery: read from a named gallery, or computed once in a thread of the server."""

from concurrent.futures import ThreadPoolExecutor, TimeoutError
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app.shared import linked_widgets, texts
from app.shared.cache import of_galleries
from app.shared.images import Images
from app.shared.keys import ADAPT
from core.galleries.adaptation import MIN_IMAGES, is_adapted
from core.galleries.gallery_folder import StoredGallery

if TYPE_CHECKING:
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import Model
    from core.search.gallery import Gallery

MAX_IMAGES_ADAPTED = 5000  # images of a gallery that is adapted because a user asks for it


def is_default(gallery: StoredGallery | None) -> bool:
    """Return whether rankings of this gallery are adapted by default: its job has stored the adapted descriptors.

    The demo gallery is not: adaptation does not help the default model on the rendered cameras. The figures are in
    docs/ranking-and-calibration.md.
    """
    return gallery is not None and is_adapted(gallery)


def toggle(images: Images, gallery: StoredGallery | None) -> bool:
    """Show the switch of the adaptation, and return its value. A gallery of one camera or of too many images has none.

    The gallery is a named one, or None for the images of the data folder.
    """
    default = is_default(gallery)
    if len(images.cameras) < 2 or not default and len(images.gallery) > MAX_IMAGES_ADAPTED:
        return False
    return linked_widgets.toggle(texts.ADAPT, ADAPT, default=default, help=texts.ADAPT_HELP.format(count=MIN_IMAGES))


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
@st.cache_data(max_entries=500, show_spinner=False)
def describe(
    gallery: tuple, content: tuple, camera: int, _models: "CameraModels", _images: list[Image.Image]
) -> np.ndarray:
    """Describe images (N, D) by the model adapted to a camera of a gallery."""
    return _models.describe(_images, camera)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def _adapting(key: tuple, _model: "Model", _indexed: "Gallery", _stored: StoredGallery | None) -> Adapting:
    return Adapting(_model, _indexed, _stored)


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="adaptation")
