"""Read the training images and the validation images of a split into memory."""

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor
from tqdm import tqdm

from core.config import IMAGE_COLUMNS, IMAGE_ROWS, TrainingConfig
from core.data.families import read_families
from core.data.loading import load_images
from core.data.records import Dataset, Record, summary
from core.data.splits import Split, hold_out
from core.errors import UserError
from core.training.distributed_processes import is_distributed, is_first
from core.training.validation import Validation


@dataclass(frozen=True)
class TrainingData:
    """The data of a training.

    Attributes:
        images: Training images, uint8 (N, 3, 160, 60).
        identities: Their identities (N,).
        validation: The validation identities and their images.
        data: Description of the data for the checkpoint: name, layout, split and counts.
        dataset: The data set that the images are from.
        records: The records of the training images, in the same order.
        families: The families of their identities (N,), if the batches need them.
    """

    images: Tensor
    identities: np.ndarray
    validation: Validation
    data: dict[str, Any]
    dataset: Dataset
    records: list[Record]
    families: np.ndarray | None = None

    @property
    def cameras(self) -> np.ndarray:
        """The camera of each training image (N,)."""
        return np.array([record.camera for record in self.records])

    @property
    def people(self) -> int:
        """Number of training identities."""
        return len(np.unique(self.identities))

    @property
    def fingerprint(self) -> int:
        """CRC-32 checksum of the images and their labels."""
        families = np.array([]) if self.families is None else self.families
        labels = " ".join(str(label) for each in (self.identities, self.cameras, families) for label in each)
        return zlib.crc32(labels.encode(), zlib.crc32(self.images.numpy().data))


def divide_people(split: Split, config: TrainingConfig) -> tuple[list[Record], list[Record]]:
    """Return the training records and the validation records of a split.

    A split without validation identities gives some of its training identities for validation.
    """
    if split.validation:
        return split.train, split.validation
    return hold_out(split.train, config.validation_identities, config.seed)


def read_training_data(
    dataset: Dataset, split: Split, config: TrainingConfig, size: tuple[int, int] = (IMAGE_ROWS, IMAGE_COLUMNS)
) -> TrainingData:
    """Read the images of a split; images that cannot be read are skipped, and the reasons are printed.

    Args:
        dataset: The data set.
        split: The split.
        config: The training configuration.
        size: The rows and columns that the images are resized to.

    Raises:
        UserError: If the batches need families of look-alikes and the data set has none.
    """
    training, held_out = divide_people(split, config)
    needs_families = config.batches == "families"
    if needs_families:  # before the images are read, which takes time
        read_families(dataset.root, np.array([record.identity for record in training]))
    reasons: list[str] = []

    def skip(source, reason: str) -> None:
        reasons.append(reason)

    with tqdm(total=len(training) + len(held_out), desc="reading images", unit="image", disable=not is_first()) as bar:
        images, kept = load_images(training, skip, bar.update, size)
        validation = Validation(*load_images(held_out, skip, bar.update, size))
    for reason in reasons:
        tqdm.write(f"skipped: {reason}")
    data = {
        "name": dataset.name,
        "layout": dataset.layout,
        "split": split.number,
        "origin": split.origin,
        "training": summary(kept),
        "validation": summary(validation.records),
    }
    identities = np.array([record.identity for record in kept])
    families = read_families(dataset.root, identities) if needs_families else None
    return TrainingData(images, identities, validation, data, dataset, kept, families)


def fit_batches(config: TrainingConfig, identities: np.ndarray, dataset: Dataset) -> TrainingConfig:
    """Return a configuration whose batches have no more identities than the data.

    Raises:
        UserError: Fewer than two identities have two or more images, or several processes use camera-based batch
            normalisation.
    """
    if config.camera_norm and is_distributed():
        raise UserError("Camera-based batch normalisation trains in one process. Start one, or use camera_norm=false.")
    with_pairs = int((np.unique(identities, return_counts=True)[1] > 1).sum())
    if with_pairs < 2:
        raise UserError(
            f"{dataset.root} has {with_pairs} labelled identities with two or more images, but training "
            "needs at least 2. Use Market-1501's layout or one folder per identity."
        )
    if config.batches in ("identities", "families") and with_pairs < config.identities:
        tqdm.write(f"note: batches have {with_pairs} identities instead of {config.identities}, as many as the data")
        return replace(config, identities=with_pairs)
    return config
