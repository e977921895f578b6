"""Batch-norm adaptation (AdaBN): batch-norm statistics for each camera, without labels and without training."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from torch import Tensor

from core.data.images import Source
from core.data.loading import OnError, load_images
from core.data.records import Record
from core.errors import UserError
from core.inference.camera_statistics import ALL, read_statistics, statistics_name, write_statistics
from core.inference.model import Model
from core.models.network import Network
from core.models.norm_statistics import (
    MAX_IMAGES_FOR_BN,
    Statistics,
    copy_statistics,
    measure_statistics,
    set_statistics,
)

OnProgress = Callable[[int], None]  # called with the number of images processed since the last call
PRIOR_IMAGES = 16  # weight of the training's statistics, as a number of images


class CameraModels:
    """Describe images with the batch-norm statistics of their camera.

    The light, colours and sharpness of a camera shift the mean and variance of the activations away from those of the
    training. `fit` estimates the statistics of each camera from its images. Labels are not needed. The embedding stays
    an affine function of the region vectors.

    With few images the estimate is close to the training's statistics: these count as 16 images. Images of a camera
    that `fit` has not seen use the statistics of all cameras together, which are estimated at the first such image.

    Args:
        model: The model to adapt, which stays unchanged.

    Attributes:
        statistics_: The batch-norm statistics of each camera, set by `fit`.

    Raises:
        UserError: If the network has no batch normalisation.

    Source:
        AdaBN: Li et al., Pattern Recognition 2018. Statistics of each camera: Zhuang et al., ECCV 2020.
    """

    def __init__(self, model: Model):
        network = deepcopy(model.network)
        self.model = Model(replace(model.checkpoint, network=network), model.device, model.flip)
        self._lock = Lock()  # the network holds the statistics of one camera at a time
        self.trained = copy_statistics(network)
        if not self.trained:
            raise UserError(
                "This model has no batch normalisation and cannot be adapted to cameras; use a model of the "
                "preset fast."
            )

    def fit(
        self,
        records: Sequence[Record],
        on_progress: OnProgress = lambda count: None,
        folder: Path | None = None,
    ) -> "CameraModels":
        """Estimate the statistics of each camera from its images.

        At most 2,048 images of a camera are used. Images without a known camera count as one camera. Images that cannot
        be read are skipped.

        Args:
            records: The images with their cameras.
            on_progress: Called after each batch with the number of its images.
            folder: A folder in which the statistics are stored. They are read from it if they are there for this model
                and these images.

        Returns:
            The object itself.
        """
        self._records, self._file, stored = records, None, {}
        if folder:
            set_statistics(self.model.network, self.trained)
            settings = (PRIOR_IMAGES, MAX_IMAGES_FOR_BN)
            self._file = folder / statistics_name(self.model.network, records, settings)
            stored = read_statistics(self._file, self.trained)
        self._of_all: Statistics | None = stored.pop(ALL, None)
        by_camera = _by_camera(records)
        if stored.keys() == by_camera.keys():
            self.statistics_ = stored
            return self
        self.statistics_ = {
            camera: self._statistics([records[index] for index in indices], on_progress)
            for camera, indices in by_camera.items()
        }
        self._store()
        return self

    def _store(self) -> None:
        if self._file:
            statistics: dict[int | str, Statistics] = dict(self.statistics_)
            if self._of_all:
                statistics[ALL] = self._of_all
            with suppress(OSError):  # without a writeable folder, the next call estimates the statistics again
                write_statistics(self._file, statistics)

    def _statistics(self, records: Sequence[Record], on_progress: OnProgress = lambda count: None) -> Statistics:
        drawn = np.random.default_rng(0).permutation(len(records))[:MAX_IMAGES_FOR_BN]  # identities in random order
        size = self.model.network.config.image_size
        images, _ = load_images([records[index] for index in drawn], lambda source, why: None, size=size)
        set_statistics(self.model.network, self.trained)
        return mix_statistics(self.model.network, images, on_progress)

    def describe(self, images: Sequence[Source], camera: int) -> np.ndarray:
        """Describe images of one camera, like `Model.describe`. A new camera gets the statistics of all cameras."""
        with self._lock:
            return self._of(camera).describe(images)

    def describe_records(
        self,
        records: Sequence[Record],
        on_error: OnError = lambda source, why: None,
        on_progress: OnProgress = lambda count: None,
    ) -> tuple[np.ndarray, list[Record]]:
        """Describe the images of records, like `Model.describe_records`, each with the statistics of its camera."""
        rows: dict[int, np.ndarray] = {}
        for camera, indices in _by_camera(records).items():
            own = [records[index] for index in indices]
            with self._lock:
                described, kept = self._of(camera).describe_records(own, on_error=on_error, on_progress=on_progress)
            remaining = iter(indices.tolist())
            for record, row in zip(kept, described, strict=True):
                rows[next(index for index in remaining if records[index] is record)] = row
        described = np.empty((len(rows), self.model.network.config.descriptor), np.float32)
        for number, index in enumerate(sorted(rows)):
            described[number] = rows[index]
        return described, [records[index] for index in sorted(rows)]

    def _of(self, camera: int) -> Model:
        """Return the model with the statistics of a camera."""
        values = self.statistics_.get(camera, self._of_all)
        if values is None:
            values = self._of_all = self._statistics(self._records)
            self._store()
        set_statistics(self.model.network, values)
        return self.model


def mix_statistics(network: Network, images: Tensor, on_progress: OnProgress = lambda count: None) -> Statistics:
    """Estimate statistics from images and average them with the network's own, which count as 16 images.

    Args:
        network: The network, which stays unchanged.
        images: uint8 (N, 3, 160, 60). With less than 2 images the network's own statistics are returned.
        on_progress: Called after each batch with the number of its images.
    """
    before = copy_statistics(network)
    if len(images) < 2:
        return before
    weight = len(images) / (len(images) + PRIOR_IMAGES)
    pairs = zip(before, measure_statistics(network, images, on_progress), strict=True)
    return [
        (mean.lerp(new_mean, weight), variance.lerp(new_variance, weight))
        for (mean, variance), (new_mean, new_variance) in pairs
    ]


def _by_camera(records: Sequence[Record]) -> dict[int, np.ndarray]:
    cameras = np.array([record.camera for record in records])
    return {int(camera): np.flatnonzero(cameras == camera) for camera in np.unique(cameras)}
