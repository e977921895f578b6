"""A model adapted to cameras: batch normalisation by the images it is used on, without labels, without training."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from threading import Lock

import numpy as np
from torch import Tensor

from core.data.images import Source
from core.data.loading import OnError, load_images
from core.data.records import Record
from core.errors import UserError
from core.inference.model import Model
from core.models.network import Network
from core.models.norm_statistics import (
    MAX_IMAGES_FOR_BN,
    Statistics,
    copy_statistics,
    measure_statistics,
    set_statistics,
)

OnProgress = Callable[[int], None]  # is told how many images were looked at
PRIOR_IMAGES = 16  # the training's statistics count as so many images


class CameraModels:
    """One model a camera: they differ in the mean and variance that their batch normalisations subtract and divide by.

    A camera's light, colours and sharpness shift the statistics that training has left in a network. Taking them from
    the camera's own images shifts them back (AdaBN, Li et al., Pattern Recognition 2018; camera by camera: Zhuang et
    al., ECCV 2020). Nobody has to be known in these images. A descriptor stays affine in the region vectors.

    `fit` learns `statistics_` of each camera. Those of all, for images of other cameras, are taken when the first
    such image is described. Those of few images lean on the training's.
    Raises UserError for a network without batch normalisation.
    """

    def __init__(self, model: Model):
        network = deepcopy(model.checkpoint.network)
        self.model = Model(replace(model.checkpoint, network=network), model.device, model.flip)
        self._lock = Lock()  # one network takes the statistics of one camera after another
        self.trained = copy_statistics(network)
        if not self.trained:
            raise UserError(
                "This model has no batch normalisation, so it cannot be adapted to cameras; models of the "
                "preset fast have it."
            )

    def fit(self, records: Sequence[Record], on_progress: OnProgress = lambda count: None) -> "CameraModels":
        """Look at the images of each camera, at most 2,048; `on_progress` is told how many more were looked at.

        Images of unknown cameras count as one camera's. Those that cannot be read are left out.
        """
        self._records = records
        self._of_all: Statistics | None = None
        self.statistics_ = {
            camera: self._statistics([records[place] for place in places], on_progress)
            for camera, places in _by_camera(records).items()
        }
        return self

    def _statistics(self, records: Sequence[Record], on_progress: OnProgress = lambda count: None) -> Statistics:
        drawn = np.random.default_rng(0).permutation(len(records))[:MAX_IMAGES_FOR_BN]  # so that people are mixed
        images, _ = load_images([records[place] for place in drawn], lambda source, why: None)
        set_statistics(self.model.network, self.trained)
        return leaning(self.model.network, images, on_progress)

    def describe(self, images: Sequence[Source], camera: int) -> np.ndarray:
        """As `Model.describe`, by a camera's model, or that of all cameras where `fit` saw no such one."""
        with self._lock:
            return self._of(camera).describe(images)

    def describe_records(
        self,
        records: Sequence[Record],
        on_error: OnError = lambda source, why: None,
        on_progress: OnProgress = lambda count: None,
    ) -> tuple[np.ndarray, list[Record]]:
        """As `Model.describe_records`, each camera's images as `describe` does."""
        rows: dict[int, np.ndarray] = {}
        for camera, places in _by_camera(records).items():
            own = [records[place] for place in places]
            with self._lock:
                described, kept = self._of(camera).describe_records(own, on_error=on_error, on_progress=on_progress)
            left = iter(places.tolist())
            for record, row in zip(kept, described, strict=True):
                rows[next(place for place in left if records[place] is record)] = row
        described = np.empty((len(rows), self.model.network.config.descriptor), np.float32)
        for number, place in enumerate(sorted(rows)):
            described[number] = rows[place]
        return described, [records[place] for place in sorted(rows)]

    def _of(self, camera: int) -> Model:
        values = self.statistics_.get(camera, self._of_all)
        if values is None:
            values = self._of_all = self._statistics(self._records)
        set_statistics(self.model.network, values)
        return self.model


def leaning(network: Network, images: Tensor, on_progress: OnProgress = lambda count: None) -> Statistics:
    """uint8 (N, 3, 160, 60) -> their statistics in the network, mixed with those it has, as with 16 images more."""
    before = copy_statistics(network)
    if len(images) < 2:
        return before
    own = len(images) / (len(images) + PRIOR_IMAGES)
    pairs = zip(before, measure_statistics(network, images, on_progress), strict=True)
    return [
        (mean.lerp(new_mean, own), variance.lerp(new_variance, own))
        for (mean, variance), (new_mean, new_variance) in pairs
    ]


def _by_camera(records: Sequence[Record]) -> dict[int, np.ndarray]:
    cameras = np.array([record.camera for record in records])
    return {int(camera): np.flatnonzero(cameras == camera) for camera in np.unique(cameras)}
