"""Splits: the division of a data set's identities into training, validation and test identities."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Dataset, Record
from core.errors import UserError


@dataclass(frozen=True)
class Split:
    """One split of a data set. If `validation` is empty, the training holds out validation identities itself."""

    number: int  # from 1
    origin: str  # how the split was made; checkpoints store it and protocols compare it, so the texts must not change
    train: list[Record]
    validation: list[Record]
    query: list[Record]
    gallery: list[Record]

    @property
    def tested(self) -> list[Record]:
        """The probes and the gallery."""
        return self.query + self.gallery

    def record(self) -> dict[str, Any]:
        """Return what results store about the split, so that a random split can be identified and repeated."""
        people = {
            name: sorted({record.identity for record in records})
            for name, records in {"validation": self.validation, "test": self.tested}.items()
        }
        return {"split": self.number, "origin": self.origin, **people}


def given_split(dataset: Dataset, number: int = 1) -> Split:
    """Return the split that comes with the data set. Images without an identity are not used for training."""
    train, validation = _labelled(dataset.train), _labelled(dataset.validation)
    return Split(1, "as distributed", train, validation, dataset.query, dataset.gallery)


def held_out_split(dataset: Dataset, number: int) -> Split:
    """Draw half of the identities for training and the others for the test, for data sets of identity folders.

    The number of the split is the seed. If the number of identities is odd, the test has one more. Distractors are in
    the gallery. Images without an identity are not used.

    Raises:
        UserError: If there are fewer than four identities.
    """
    people = _identities(dataset.train)
    if len(people) < 4:
        raise UserError(
            f"{dataset.root} has {len(people)} identities; at least 4 are needed, because half of them are "
            "held out for the test. With `--protocol all-identities` all are used for both training and test."
        )
    order = np.random.default_rng(number).permutation(people).tolist()
    train, test = order[: len(order) // 2], order[len(order) // 2 :]
    return Split(
        number,
        f"identities drawn with seed {number}",
        select_identities(dataset.train, train),
        [],
        select_identities(dataset.query, test),
        select_identities(dataset.gallery, [*test, DISTRACTOR]),
    )


def half_split(dataset: Dataset, number: int) -> Split:
    """Draw half of the identities for training and the others for the test, for data sets with two cameras.

    The number of the split is the seed. If the number of identities is odd, the test has one more. The probes are from
    camera A (1), the gallery is from camera B (2). Distractors of camera B are in the gallery. Images without an
    identity are not used.

    Raises:
        UserError: If an image is from another camera.
    """
    if others := sorted({record.camera for record in dataset.pool if record.identity} - {1, 2}):
        camera = f"camera {others[0]}" if others[0] != UNKNOWN_CAMERA else "an unknown camera"
        raise UserError(
            f"{dataset.root} has images of {camera}, but this protocol needs images of the cameras 1 and 2. Change the "
            "rules: skip the other images, or give the images the splits train, probe and gallery instead of pool."
        )
    people = _identities(dataset.pool)
    order = np.random.default_rng(number).permutation(people).tolist()
    train, test = (
        select_identities(dataset.pool, order[: len(order) // 2]),
        select_identities(dataset.pool, [*order[len(order) // 2 :], DISTRACTOR]),
    )
    query = [record for record in test if record.camera == 1 and record.is_labelled]
    gallery = [record for record in test if record.camera == 2]
    return Split(number, f"people drawn with seed {number}", train, [], query, gallery)


def every_image_split(dataset: Dataset, number: int = 1) -> Split:
    """Return all images as the gallery, and those with an identity and a camera as the probes.

    Raises:
        UserError: If identities or cameras are missing, or if no identity was seen by two cameras. The message names
            what is missing.
    """
    images = dataset.gallery
    labelled = _labelled(images)
    probes = [record for record in labelled if record.camera != UNKNOWN_CAMERA]
    needs = "An evaluation needs images of one identity from at least two cameras."
    if not labelled:
        raise UserError(f"None of the {len(images):,} images of {dataset.name} has an identity. {needs}")
    if not probes:
        raise UserError(
            f"None of the {len(labelled):,} images of {dataset.name} with an identity has a camera number. {needs}"
        )
    if not find_identities_of_several_cameras(probes):
        identities = {record.identity for record in probes}
        raise UserError(f"Each of the {len(identities):,} identities of {dataset.name} has one camera only. {needs}")
    return Split(1, "every image", [], [], probes, images)


def hold_out(records: list[Record], identities: int, seed: int) -> tuple[list[Record], list[Record]]:
    """Hold out validation identities.

    Args:
        records: The records to divide.
        identities: Number of validation identities; at most a fifth of all identities are held out.
        seed: Seed of the random choice.

    Returns:
        The records for training and those for validation.
    """
    people = _identities(records)
    count = min(identities, len(people) // 5)
    chosen = set(np.random.default_rng(seed).permutation(people)[:count].tolist())
    return [record for record in records if record.identity not in chosen], select_identities(records, chosen)


def select_identities(records: Iterable[Record], people: Collection[str]) -> list[Record]:
    """Return the records of some identities, in the same order."""
    people = set(people)
    return [record for record in records if record.identity in people]


def _labelled(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.is_labelled]


def _identities(records: Iterable[Record]) -> list[str]:
    return sorted({record.identity for record in records if record.is_labelled})


def find_identities_of_several_cameras(records: Iterable[Record]) -> list[str]:
    """List the identities that more than one camera has seen, sorted."""
    cameras = defaultdict(set)
    for record in records:
        cameras[record.identity].add(record.camera)
    return sorted(person for person, seen in cameras.items() if len(seen) > 1)
