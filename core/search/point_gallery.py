"""A gallery of lifted points (core.inference.lifting), which is ranked by the Euclidean distance."""

import numpy as np

from core.inference.lifting import probes, rows
from core.inference.model import Model
from core.search.gallery import Gallery
from core.search.nearest_index import NearestIndex


class PointGallery(Gallery):
    """A gallery whose scores are 1 - |p - q|^2 / 2, where p and q are the points of the descriptors."""

    def __init__(self, *columns):
        """Take the arguments of `Gallery`."""
        super().__init__(*columns)
        self._rows = rows(self.descriptors)
        self._index = NearestIndex(self._rows)

    def _prepare(self, descriptor: np.ndarray) -> np.ndarray:
        return probes(super()._prepare(descriptor)[None])[0]


def for_model(gallery: Gallery, model: Model) -> Gallery:
    """Return the gallery with the scores of a model: a `PointGallery` if the model lifts points."""
    if not model.lifts:
        return gallery
    return PointGallery(gallery.descriptors, gallery.paths, gallery.identities, gallery.cameras, gallery.times)
