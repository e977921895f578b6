"""Explanations of the page Compare, in caches: with the model, or with the models of the images' cameras (AdaBN)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from app.compare import texts
from app.shared import adaptation, cache, widgets
from app.shared import texts as shared_texts
from app.shared.cache import of_galleries
from app.shared.probe_picker import Chosen
from core.data.records import UNKNOWN_CAMERA
from core.data.subsample import REFERENCE_IMAGES, sample
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

if TYPE_CHECKING:
    from core.data.images import Source
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution
    from core.explain.deletion import Deletion
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import Model
    from core.search.gallery import Gallery


class Mean(NamedTuple):
    """Mean region vectors of images, (R, K), and what identifies these images in caches."""

    content: str
    vectors: np.ndarray


@dataclass(frozen=True)
class Explainer:
    """Computes descriptors and explanations.

    Attributes:
        key: Identifies the model and the gallery in caches.
        model: The model.
        gallery: The described gallery; with batch-norm adaptation, its adapted descriptors.
        adapted: The models of the cameras. None without batch-norm adaptation.
    """

    key: tuple
    model: "Model"
    gallery: "Gallery"
    adapted: "CameraModels | None" = None

    def adapt(self, gallery: StoredGallery | None) -> "Explainer":
        """Return an explainer of the adapted gallery, or this one with a warning if it cannot be adapted.

        The gallery is a named one, or None for the images of the data folder.
        """
        try:
            adapted, models = adaptation.wait_for(self.key, self.model, self.gallery, gallery, st.container())
        except UserError as error:  # adaptation may be the default
            widgets.warn([shared_texts.NOT_ADAPTED.format(why=error)])
            return self
        return Explainer(self.key, self.model, adapted, models)

    def describe(self, images: Sequence[Chosen]) -> np.ndarray:
        """Describe images of one camera, (N, D); gallery images one at a time."""
        record, content = images[0].record, tuple(each.content for each in images)
        content = images[0].content if record else content  # as on the page Search, whose cache is shared
        pixels = [each.image for each in images]
        if self.adapted is None:
            return cache.descriptors(self.model, self.key, content, pixels)[0]
        return adaptation.describe(self.key, content, _camera(images[0]), self.adapted, pixels)

    def inspect(self, image: Chosen) -> "Regions":
        """Return the regions of an image."""
        key, model = self._of(image)
        return cache.inside(key, image.content, None, model, image.image)

    def average(self) -> Mean:
        """Return the mean region vectors of gallery images. Raises UserError if none can be read."""
        rows = sample(range(len(self.gallery)), REFERENCE_IMAGES)
        paths = tuple(self.gallery.paths[row] for row in rows)
        content = cache.content_of(paths)
        if self.adapted is None:
            return Mean(content, _average(self.key, content, self.model, paths))
        cameras = self.gallery.cameras[list(rows)].tolist()
        return Mean(content, _average_adapted(self.key, content, self.adapted, paths, cameras))

    def explain(
        self, probe: Chosen, match: Chosen, both: "tuple[Regions, Regions]", mean: Mean | None
    ) -> "Attribution":
        """Return the attribution of the score of two images; the baseline is the mean, or zero."""
        vectors = mean.vectors if mean else None
        return _explain(self._key_of(probe, match, mean), self.models(probe, match), both, vectors)

    def delete_regions(
        self,
        pair: tuple[Chosen, Chosen],
        attribution: "Attribution",
        match: "Regions",
        order: np.ndarray,
        mean: Mean | None,
    ) -> "Deletion":
        """Compute the scores of the deletion test."""
        return _delete_regions(self._key_of(*pair, mean), self.models(*pair)[1], attribution, match, order)

    def models(self, probe: Chosen, match: Chosen) -> "tuple[Model, Model]":
        """Return the models of a probe and a match, for `explain_match`."""
        return self._of(probe)[1], self._of(match)[1]

    def _key_of(self, probe: Chosen, match: Chosen, mean: Mean | None) -> tuple:
        """Return what identifies the explanation of two images in caches."""
        return self._of(probe)[0], self._of(match)[0], probe.content, match.content, mean.content if mean else ""

    def _of(self, image: Chosen) -> tuple[tuple, "Model"]:
        """Return the model that describes an image, and what identifies it in caches."""
        if self.adapted is None:
            return self.key, self.model
        camera = _camera(image)
        return (self.key, camera), _of_camera(self.key, camera, self.adapted)


def _camera(image: Chosen) -> int:
    return image.record.camera if image.record else UNKNOWN_CAMERA


def _skip(source: "Source", reason: str) -> None:
    """Leave an image that cannot be read out of the mean."""


@of_galleries
@st.cache_resource(max_entries=40, show_spinner=False)
def _of_camera(key: tuple, camera: int, _models: "CameraModels") -> "Model":
    return _models.of(camera)


@of_galleries
@st.cache_data(max_entries=8, show_spinner=texts.AVERAGING)
def _average(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> np.ndarray:
    from core.explain.mean_vectors import average_vectors

    return average_vectors(_model, _paths, on_error=_skip)


@of_galleries
@st.cache_data(max_entries=8, show_spinner=texts.AVERAGING)
def _average_adapted(
    model: tuple, content: str, _models: "CameraModels", _paths: tuple[str, ...], _cameras: list[int]
) -> np.ndarray:
    from core.explain.mean_vectors import average_adapted_vectors

    return average_adapted_vectors(_models, _paths, _cameras, _skip)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def _explain(
    key: tuple, _models: "tuple[Model, Model]", _both: "tuple[Regions, Regions]", _reference: np.ndarray | None
) -> "Attribution":
    from core.explain.attribution import explain_match

    return explain_match(_models, *_both, _reference)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def _delete_regions(
    key: tuple, _model: "Model", _attribution: "Attribution", _match: "Regions", _order: np.ndarray
) -> "Deletion":
    from core.explain.deletion import delete_regions

    return delete_regions(_model, _attribution, _match, _order)
