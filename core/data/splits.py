"""Splits: who is trained on, who is validated on, and which images are probes and gallery."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.records import Dataset, Record
from core.errors import UserError


@dataclass(frozen=True)
class Split:
    """One division of a data set. An empty `validation` means that training holds out people of its own."""

    number: int  # from 1
    origin: str  # where it comes from, in words
    train: list[Record]
    validation: list[Record]
    query: list[Record]
    gallery: list[Record]

    @property
    def tested(self) -> list[Record]:
        """Probes and gallery."""
        return self.query + self.gallery

    def record(self) -> dict[str, Any]:
        """What is written beside a result, so that a drawn split can be told and repeated elsewhere."""
        people = {
            name: sorted({record.identity for record in records})
            for name, records in {"validation": self.validation, "test": self.tested}.items()
        }
        return {"split": self.number, "origin": self.origin, **people}


def given_split(dataset: Dataset, number: int = 1) -> Split:
    """The lists that come with the data."""
    return Split(1, "as distributed", dataset.train, [], dataset.query, dataset.gallery)


def held_out_split(dataset: Dataset, number: int) -> Split:
    """Half of the identities to train and half (one more of an odd number) to test, drawn with `number` as the seed.

    For data of one folder an identity. Raises UserError for fewer than four identities.
    """
    people = sorted({record.identity for record in dataset.train})
    if len(people) < 4:
        raise UserError(
            f"{dataset.root} has {len(people)} identities; at least 4 are needed, since half of them are "
            "held out of the training for the test; `--protocol all-identities` trains on all and tests "
            "all."
        )
    order = np.random.default_rng(number).permutation(people).tolist()
    train, test = order[: len(order) // 2], order[len(order) // 2 :]
    return Split(
        number,
        f"identities drawn with seed {number}",
        of_people(dataset.train, train),
        [],
        of_people(dataset.query, test),
        of_people(dataset.gallery, test),
    )


def half_split(dataset: Dataset, number: int) -> Split:
    """Half of the people to train and half (one more of an odd number) to test, drawn with `number` as the seed.

    Probes come from camera A (1), the gallery from camera B (2).
    """
    people = sorted({record.identity for record in dataset.pool})
    order = np.random.default_rng(number).permutation(people).tolist()
    train, test = of_people(dataset.pool, order[: len(order) // 2]), of_people(dataset.pool, order[len(order) // 2 :])
    query, gallery = ([record for record in test if record.camera == camera] for camera in (1, 2))
    return Split(number, f"people drawn with seed {number}", train, [], query, gallery)


def hold_out(records: list[Record], identities: int, seed: int) -> tuple[list[Record], list[Record]]:
    """Records -> (for training, for validation): `identities` people, at most a fifth of all, chosen by the seed."""
    people = sorted({record.identity for record in records})
    count = min(identities, len(people) // 5)
    chosen = set(np.random.default_rng(seed).permutation(people)[:count].tolist())
    return [record for record in records if record.identity not in chosen], of_people(records, chosen)


def of_people(records: Iterable[Record], people: Collection[str]) -> list[Record]:
    """The records that show one of these people, in their order."""
    people = set(people)
    return [record for record in records if record.identity in people]


def both_cameras(records: Iterable[Record]) -> list[str]:
    """The people whom more than one camera saw, sorted."""
    cameras = defaultdict(set)
    for record in records:
        cameras[record.identity].add(record.camera)
    return sorted(person for person, seen in cameras.items() if len(seen) > 1)
