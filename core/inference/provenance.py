"""Provenance: the identities that a network was trained and validated on, by itself and by all its ancestors.

A checkpoint keeps it in `provenance.json`: one record for each training behind its weights. An ancestor is a checkpoint
that a training started from (`--init`) or that became a part of an ensemble (`join`). An identity is recorded as two
hashes of 64 bits, so that no name is given away and an overlap can still be counted:

    name      of the data set and the identity's name in it: the same identity in other images
    content   the smallest hash of the identity's image files: the same images under another name
"""

import hashlib
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from core.data.images import file_of, read_content
from core.data.records import DISTRACTOR, Dataset, Record
from core.errors import UserError
from core.json_file import read_json, write_json

PROVENANCE = "provenance.json"
COUNT_FIELDS = ("tested", "trained_on", "validated_on")  # what a result says of an overlap
SEEN_FIELDS = ("trained", "validated")  # the fields of a record that hold identities


class IdentityHash(NamedTuple):
    """One identity of a data set; `content` is "" if none of its images could be read."""

    name: str
    content: str = ""


def hash_identity(namespace: str, identity: str) -> str:
    """The hash of an identity's name in a data set (`Dataset.namespace`)."""
    return _hash(f"{namespace}\0{identity}".encode())


def hash_identities(dataset: Dataset, records: Iterable[Record]) -> set[IdentityHash]:
    """The identities in these records of a data set, without unknown ones and distractors. Reads the image files."""
    smallest: dict[str, str] = {}
    for record in records:
        if record.identity not in ("", DISTRACTOR):
            one = _content_hash(record.path)
            known = smallest.setdefault(record.identity, one)
            smallest[record.identity] = min(known, one) if known and one else known or one
    return {IdentityHash(hash_identity(dataset.namespace, identity), found) for identity, found in smallest.items()}


@dataclass(frozen=True)
class TrainingRecord:
    """One training: its checkpoint's name, its data, its split, and the identities that it has seen.

    `samples` counts the images of all batches, repeats included.
    """

    checkpoint: str
    data: str
    protocol: str | None = None
    split: int = 1
    origin: str = ""  # where the split comes from, in words
    samples: int = 0
    trained: frozenset[IdentityHash] = frozenset()
    validated: frozenset[IdentityHash] = frozenset()

    def merge(self, other: "TrainingRecord") -> "TrainingRecord":
        """This record with the identities of an earlier sitting of the same training."""
        return replace(self, trained=self.trained | other.trained, validated=self.validated | other.validated)

    def to_json(self) -> dict[str, Any]:
        return self.summary | {name: sorted(map(":".join, getattr(self, name))) for name in SEEN_FIELDS}

    @property
    def summary(self) -> dict[str, Any]:
        """The record without the hashes."""
        return {
            "checkpoint": self.checkpoint,
            "data": self.data,
            "protocol": self.protocol,
            "split": self.split,
            "origin": self.origin,
            "samples": self.samples,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TrainingRecord":
        seen = {name: frozenset(IdentityHash(*one.split(":")) for one in value[name]) for name in SEEN_FIELDS}
        return cls(**value | seen)

    @property
    def sentence(self) -> str:
        """One line for the model card."""
        split = f"split {self.split}, {self.origin}; " if self.origin else ""
        return (
            f"{self.checkpoint}: {self.data}, {len(self.trained):,} identities trained on and "
            f"{len(self.validated):,} validated on ({split}{self.samples:,} images, repeats counted)"
        )


@dataclass(frozen=True)
class Provenance:
    """The records of a network's trainings, its own first, and the names of ancestors that have no record."""

    records: tuple[TrainingRecord, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """Images of all trainings, repeats included."""
        return sum(record.samples for record in self.records)

    @property
    def trained(self) -> frozenset[IdentityHash]:
        return frozenset().union(*(record.trained for record in self.records))

    @property
    def validated(self) -> frozenset[IdentityHash]:
        return frozenset().union(*(record.validated for record in self.records))

    def overlap(self, tested: Collection[IdentityHash]) -> "Overlap":
        """How many of the tested identities are in the records. One that was trained on is not counted twice."""
        trained = find(tested, self.trained)
        validated = find(set(tested) - trained, self.validated)
        return Overlap(len(tested), len(trained), len(validated), self.unknown)

    def to_json(self) -> dict[str, Any]:
        return {"records": [record.to_json() for record in self.records], "unknown": list(self.unknown)}


def combine(provenances: Iterable[Provenance]) -> Provenance:
    """The provenance of what was made of several networks; an ancestor that they share is counted once."""
    found = list(provenances)
    return Provenance(
        tuple(dict.fromkeys(record for each in found for record in each.records)),
        tuple(dict.fromkeys(name for each in found for name in each.unknown)),
    )


def find(tested: Iterable[IdentityHash], recorded: Iterable[IdentityHash]) -> set[IdentityHash]:
    """The tested identities that are recorded, by name or by content."""
    recorded = set(recorded)
    names, contents = {one.name for one in recorded}, {one.content for one in recorded} - {""}
    return {one for one in tested if one.name in names or one.content in contents}


@dataclass(frozen=True)
class Overlap:
    """How many tested identities a network has seen; `unknown` names what has no record."""

    tested: int
    trained: int = 0
    validated: int = 0  # and not trained on
    unknown: tuple[str, ...] = field(default=())

    def __add__(self, other: "Overlap") -> "Overlap":
        """Of several splits: each counts for itself."""
        return Overlap(
            self.tested + other.tested,
            self.trained + other.trained,
            self.validated + other.validated,
            tuple(dict.fromkeys(self.unknown + other.unknown)),
        )

    @property
    def seen(self) -> int | None:
        """Trained or validated on; None if none is recorded, but a record is missing."""
        count = self.trained + self.validated
        return None if self.unknown and not count else count

    @property
    def mark(self) -> str:
        """A few words for the name of a result that is not known to be on unseen identities; "" for others."""
        if self.seen is None:
            return "training identities unknown"
        at_least = "at least " if self.unknown else ""
        return f"{at_least}{self.seen:,}{self._of} tested identities seen in training" if self.seen else ""

    @property
    def _of(self) -> str:
        return f" of {self.tested:,}" if self.tested else ""  # older results do not count the tested identities

    @property
    def sentence(self) -> str:
        """What is known, for the command line, the card and the Results page."""
        missing = f"There is no record of the identities that {', '.join(self.unknown)} was trained on."
        if self.seen is None:
            return f"Unknown: {missing[0].lower()}{missing[1:]}"
        if not self.seen:
            return f"None of the {self.tested:,} tested identities is in the training record."
        return (
            f"{self.seen:,}{self._of} tested identities are in the training record ({self.trained:,} trained on, "
            f"{self.validated:,} validated on): these figures are too good."
            + (f" There may be more. {missing}" if self.unknown else "")
        )

    def to_json(self) -> dict[str, Any]:
        seen = "unknown" if self.seen is None else self.seen
        return {
            "tested": self.tested,
            "seen": seen,
            "trained_on": self.trained,
            "validated_on": self.validated,
            "no_record_of": list(self.unknown),
        }

    @staticmethod
    def is_kept_in(result: dict[str, Any]) -> bool:
        """Whether a result says nothing of it, as older ones do, or what `to_json` says."""
        kept = result.get("tested_identities")
        if not isinstance(kept, dict):
            return kept is None
        return all(isinstance(kept.get(name), int) for name in COUNT_FIELDS) and isinstance(
            kept.get("no_record_of"), list
        )

    @classmethod
    def of_result(cls, result: dict[str, Any]) -> "Overlap":
        """What a result says of it (`core.evaluation.report`); unknown for results of older versions."""
        kept = result.get("tested_identities")
        if kept is None:
            return cls(0, int(result.get("test_people_trained_on") or 0), 0, ("the model of this older result",))
        tested, trained, validated = (kept[name] for name in COUNT_FIELDS)
        return cls(tested, trained, validated, tuple(map(str, kept["no_record_of"])))


def write_provenance(provenance: Provenance, folder: Path) -> None:
    """Write a checkpoint's provenance beside its weights."""
    write_json(folder / PROVENANCE, provenance.to_json())


def read_provenance(folder: Path) -> Provenance | None:
    """A checkpoint's provenance; None if it has none. Raises UserError if it is damaged."""
    if not (folder / PROVENANCE).exists():
        return None
    kept = read_json(folder / PROVENANCE)
    try:
        return Provenance(tuple(map(TrainingRecord.from_json, kept["records"])), tuple(map(str, kept["unknown"])))
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{folder / PROVENANCE} is not a provenance record ({error!r}): it is damaged.") from None


def _content_hash(path: Path) -> str:
    try:
        return _hash_of_file(str(path), file_of(path).stat().st_mtime_ns)
    except (OSError, UserError):
        return ""


@lru_cache(maxsize=200_000)
def _hash_of_file(path: str | os.PathLike, changed: int) -> str:
    return _hash(read_content(path))


def _hash(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=8).hexdigest()
