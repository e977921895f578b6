"""Batch-norm adaptation (AdaBN): batch-norm statistics for each camera, without labels and without training."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from core.data.images import Source
from core.data.loading import OnError, load_images
from core.data.records import Record
from core.errors import UserError
from core.inference.camera_statistics import (
    DESCRIPTORS,
    STATISTICS,
    hash_network,
    name_files,
    read_descriptors,
    read_statistics,
    write_descriptors,
    write_statistics,
)
from core.inference.model import Model
from core.models.norm_statistics import (
    MAX_IMAGES_FOR_BN,
    PRIOR_IMAGES,
    Statistics,
    copy_statistics,
    mix_statistics,
    set_statistics,
)

OnProgress = Callable[[int], None]  # called with the number of images processed since the last call
IMAGES, FILES, ALL_CAMERAS = "images", "files", "all"  # names in a list of stored files


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
        self._of_all: Statistics | None = None  # the statistics of all cameras together
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
        root: Path | None = None,
    ) -> "CameraModels":
        """Estimate the statistics of each camera from its images.

        At most 2,048 images of a camera are used. Images without a known camera count as one camera. Images that cannot
        be read are skipped.

        Args:
            records: The images with their cameras.
            on_progress: Called after each batch with the number of its images.
            folder: A folder in which the statistics of each camera are stored. They are read from it if they are there
                for this model and the images of the camera.
            root: A folder of the images that may be renamed.

        Returns:
            The object itself.
        """
        self._start(records, folder, root)
        self.statistics_ = {
            camera: self._statistics(own, on_progress) for camera, own in self._records_of_cameras().items()
        }
        return self

    def fit_pooled(self, on_progress: OnProgress = lambda count: None) -> "CameraModels":
        """Estimate the statistics of all cameras together now, and not at the first image of an unknown camera."""
        self._of_all = self._of_all or self._statistics(self._records, on_progress)
        return self

    @property
    def stored(self) -> dict[str, Any]:
        """A list of the stored files of `fit` and `fit_pooled`, for JSON, from which `restore` reads them.

        `files` are the names for each camera and for all cameras together, without suffix. `images` is a hash of the
        network and of the paths and cameras of the images.
        """
        groups = {str(camera): own for camera, own in self._records_of_cameras().items()} | {ALL_CAMERAS: self._records}
        names = {camera: name_files(self._network, group, self._root) for camera, group in groups.items()}
        return {IMAGES: self._hash_images(), FILES: names}

    def restore(
        self, records: Sequence[Record], stored: Mapping[str, Any], folder: Path, root: Path | None = None
    ) -> np.ndarray | None:
        """Read the statistics and descriptors of a former `fit`, without looking at the image files.

        Args:
            records: The records of the images.
            stored: The list of the stored files.
            folder: The folder of these files.
            root: A folder of the images that may have been renamed.

        Returns:
            Descriptors, float32 (N, D), in the order of the records. None if a file is missing or damaged, or if the
            files are those of another network or of other images.
        """
        self._start(records, folder, root)
        if self.model.flip or stored.get(IMAGES) != self._hash_images():
            return None
        files = {camera: folder / name for camera, name in stored[FILES].items()}
        statistics = {
            camera: read_statistics(file.with_name(file.name + STATISTICS), self.trained)
            for camera, file in files.items()
        }
        if not all(statistics.values()):
            return None
        self._of_all = statistics.pop(ALL_CAMERAS)
        self.statistics_ = {int(camera): found for camera, found in statistics.items() if found}
        described = np.empty((len(records), self.model.length), np.float32)
        for camera, indices in _by_camera(records).items():
            file = files[str(camera)]
            rows = read_descriptors(file.with_name(file.name + DESCRIPTORS), (len(indices), self.model.length))
            if rows is None:
                return None
            described[indices] = rows
        return described

    def _start(self, records: Sequence[Record], folder: Path | None, root: Path | None) -> None:
        set_statistics(self.model.network, self.trained)
        self._records, self._folder, self._root = records, folder, root
        self._network = hash_network(self.model.network, (PRIOR_IMAGES, MAX_IMAGES_FOR_BN)) if folder else b""
        self._of_all = None

    def _hash_images(self) -> str:
        return name_files(self._network, self._records, self._root, with_files=False)

    def _records_of_cameras(self) -> dict[int, list[Record]]:
        return {
            camera: [self._records[index] for index in indices] for camera, indices in _by_camera(self._records).items()
        }

    def _statistics(self, records: Sequence[Record], on_progress: OnProgress = lambda count: None) -> Statistics:
        """Read the statistics of images, or estimate and store them."""
        if not self._folder:
            return self._estimate(records, on_progress)
        file = self._folder / (name_files(self._network, records, self._root) + STATISTICS)
        statistics = read_statistics(file, self.trained)
        if statistics is None:
            statistics = self._estimate(records, on_progress)
            with suppress(OSError):  # without a writeable folder, the next call estimates the statistics again
                write_statistics(file, statistics)
        return statistics

    def _estimate(self, records: Sequence[Record], on_progress: OnProgress) -> Statistics:
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

    def describe_fitted(self, on_progress: OnProgress = lambda count: None) -> np.ndarray:
        """Describe the images that `fit` was given, or read their descriptors from its folder.

        Returns:
            Descriptors, float32 (N, D), in the order of the records.

        Raises:
            UserError: If an image can no longer be read.
        """
        described = np.empty((len(self._records), self.model.length), np.float32)
        own = self._records_of_cameras()
        for camera, indices in _by_camera(self._records).items():
            described[indices] = self._read_or_describe(camera, own[camera], on_progress)
        return described

    def _read_or_describe(self, camera: int, records: Sequence[Record], on_progress: OnProgress) -> np.ndarray:
        file = None
        if self._folder and not self.model.flip:
            file = self._folder / (name_files(self._network, records, self._root) + DESCRIPTORS)
            stored = read_descriptors(file, (len(records), self.model.length))
            if stored is not None:
                return stored
        with self._lock:
            described, kept = self._of(camera).describe_records(records, on_progress=on_progress)
        if missing := len(records) - len(kept):
            raise UserError(
                f"{missing:,} of the {len(records):,} images of camera {camera} can no longer be read, but batch-norm "
                "adaptation needs all of them."
            )
        if file:
            with suppress(OSError):  # without a writeable folder, the next call describes the images again
                write_descriptors(file, described)
        return described

    def of(self, camera: int) -> Model:
        """Return a model of its own with the statistics of a camera. A new camera gets the statistics of all cameras.

        The models share their weights.
        """
        with self._lock:
            shared = self._of(camera)
            weights = {id(parameter): parameter for parameter in shared.network.parameters()}
            network = deepcopy(shared.network, weights)
        return Model(replace(shared.checkpoint, network=network), shared.device, shared.flip)

    def _of(self, camera: int) -> Model:
        """Set the statistics of a camera, and return the model."""
        values = self.statistics_.get(camera) or self.fit_pooled()._of_all
        assert values is not None
        set_statistics(self.model.network, values)
        return self.model


def can_adapt(model: Model) -> bool:
    """Return whether a model has batch normalisation. A comparison method has none."""
    return not model.lifts and bool(copy_statistics(model.network))


def _by_camera(records: Sequence[Record]) -> dict[int, np.ndarray]:
    cameras = np.array([record.camera for record in records])
    return {int(camera): np.flatnonzero(cameras == camera) for camera in np.unique(cameras)}
