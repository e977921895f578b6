"""What a training works on, read into memory: images of training people, and people held out for validation."""

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor
from tqdm import tqdm

from core.config import TrainingConfig
from core.data.loading import load_images
from core.data.records import Dataset, Record, summary
from core.data.splits import Split, hold_out
from core.errors import UserError
from core.training.distributed_processes import is_first
from core.training.validation import Validation


@dataclass(frozen=True)
class Material:
    """Images uint8 (N, 3, 160, 60) of identities (N,); `data` says in words what they are.

    `records` are those of the images, of `dataset`.
    """

    images: Tensor
    identities: np.ndarray
    validation: Validation
    data: dict[str, Any]
    dataset: Dataset
    records: list[Record]

    @property
    def people(self) -> int:
        return len(np.unique(self.identities))

    @property
    def fingerprint(self) -> int:
        """A number that other images or identities would hardly have."""
        return zlib.crc32(" ".join(self.identities).encode(), zlib.crc32(self.images.numpy().data))


def divide_people(split: Split, config: TrainingConfig) -> tuple[list[Record], list[Record]]:
    """What is trained on, and what validates it: people of the split, or if it has none some of its training people."""
    if split.validation:
        return split.train, split.validation
    return hold_out(split.train, config.validation_identities, config.seed)


def read_material(dataset: Dataset, split: Split, config: TrainingConfig) -> Material:
    """Read a split's images; one that cannot be read is named and left out."""
    training, held_out = divide_people(split, config)
    refused: list[str] = []

    def refuse(source, why: str) -> None:
        refused.append(why)

    with tqdm(total=len(training) + len(held_out), desc="reading images", unit="image", disable=not is_first()) as bar:
        images, kept = load_images(training, refuse, bar.update)
        validation = Validation(*load_images(held_out, refuse, bar.update))
    for why in refused:
        tqdm.write(f"left out: {why}")
    data = {
        "name": dataset.name,
        "layout": dataset.layout,
        "split": split.number,
        "origin": split.origin,
        "training": summary(kept),
        "validation": summary(validation.records),
    }
    identities = np.array([record.identity for record in kept])
    return Material(images, identities, validation, data, dataset, kept)


def fit_batches(config: TrainingConfig, identities: np.ndarray, dataset: Dataset) -> TrainingConfig:
    """Batches of fewer identities where the data has no more. Raises UserError if it holds nothing to tell apart."""
    with_pairs = int((np.unique(identities, return_counts=True)[1] > 1).sum())
    if with_pairs < 2:
        raise UserError(
            f"{dataset.root} has {with_pairs} labelled identities with two or more images; training "
            "needs at least 2; use Market-1501's layout or one folder an identity."
        )
    if config.batches == "identities" and with_pairs < config.identities:
        tqdm.write(f"batches hold {with_pairs} identities instead of {config.identities}: the data has no more")
        return replace(config, identities=with_pairs)
    return config
