"""Provenance: the identities that a network was trained and validated on, by itself and by all its ancestors.

`provenance.json` in a checkpoint's folder has one record for each training of the network and of its ancestors. An
ancestor is a checkpoint that a training started from (`--init`) or a member of an ensemble (`join`). An identity is
recorded as two hashes of 64 bits. They do not disclose names, and an overlap with test identities can be counted:

    name      hash of the data set and the identity: finds the same identity in other images
    content   smallest hash of the identity's image files: finds the same images under another name
"""

import hashlib
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from core.data.images import file_of, read_content
from core.data.records import Dataset, Record
from core.errors import UserError
from core.inference.overlap import Overlap
from core.json_file import read_json, write_json

PROVENANCE = "provenance.json"
SEEN_FIELDS = ("trained", "validated")  # the fields of a record that hold identities


class IdentityHash(NamedTuple):
    """One identity of a data set; `content` is "" if none of its images could be read."""

    name: str
    content: str = ""


def hash_identity(namespace: str, identity: str) -> str:
    """Compute the hash of an identity's name in a data set (`Dataset.namespace`)."""
    return _hash(f"{namespace}\0{identity}".encode())


def hash_identities(dataset: Dataset, records: Iterable[Record]) -> set[IdentityHash]:
    """Compute the hashes of the identities of records, except unknown ones and distractors. Reads the image files."""
    smallest: dict[str, str] = {}
    for record in records:
        if record.is_labelled:
            content = _content_hash(record.path)
            known = smallest.setdefault(record.identity, content)
            smallest[record.identity] = min(known, content) if known and content else known or content
    return {
        IdentityHash(hash_identity(*dataset.origins.get(identity, (dataset.namespace, identity))), found)
        for identity, found in smallest.items()
    }


@dataclass(frozen=True)
class TrainingRecord:
    """One training: its checkpoint's name, data and split, and the hashes of its identities.

    `samples` is the number of images of all batches; repeated images count again.
    """

    checkpoint: str
    data: str
    protocol: str | None = None
    split: int = 1
    origin: str = ""  # how the split was made (`Split.origin`)
    samples: int = 0
    trained: frozenset[IdentityHash] = frozenset()
    validated: frozenset[IdentityHash] = frozenset()

    def merge(self, other: "TrainingRecord") -> "TrainingRecord":
        """Add the identities of an earlier part of the same run, before it was resumed."""
        return replace(self, trained=self.trained | other.trained, validated=self.validated | other.validated)

    def to_json(self) -> dict[str, Any]:
        """Convert the record to a JSON object."""
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
        """Make a record from a JSON object."""
        seen = {name: frozenset(IdentityHash(*one.split(":")) for one in value[name]) for name in SEEN_FIELDS}
        return cls(**value | seen)

    @property
    def sentence(self) -> str:
        """The record as one line of the model card."""
        split = f"split {self.split}, {self.origin}; " if self.origin else ""
        return (
            f"{self.checkpoint}: {self.data}, {len(self.trained):,} training identities and "
            f"{len(self.validated):,} validation identities ({split}{self.samples:,} samples)"
        )


@dataclass(frozen=True)
class Provenance:
    """The records of the trainings of a network and its ancestors, and the names of ancestors without a record."""

    records: tuple[TrainingRecord, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """The number of samples of all trainings."""
        return sum(record.samples for record in self.records)

    @property
    def trained(self) -> frozenset[IdentityHash]:
        """The training identities of all trainings."""
        return frozenset().union(*(record.trained for record in self.records))

    @property
    def validated(self) -> frozenset[IdentityHash]:
        """The validation identities of all trainings."""
        return frozenset().union(*(record.validated for record in self.records))

    def overlap(self, tested: Collection[IdentityHash]) -> Overlap:
        """Count the tested identities that are in the records, each as a training or a validation identity."""
        trained = find(tested, self.trained)
        validated = find(set(tested) - trained, self.validated)
        return Overlap(len(tested), len(trained), len(validated), self.unknown)

    def has_images_of(self, paths: Iterable[Path]) -> bool:
        """Return whether the image files of a training identity's record are among these. Reads the files.

        Of each training identity, the record has one image. So the answer may be no if few of the training images are
        among the files.
        """
        recorded = {one.content for one in self.trained} - {""}
        return bool(recorded) and any(_content_hash(path) in recorded for path in paths)

    def to_json(self) -> dict[str, Any]:
        """Convert the provenance to a JSON object."""
        return {"records": [record.to_json() for record in self.records], "unknown": list(self.unknown)}


def combine(provenances: Iterable[Provenance]) -> Provenance:
    """Combine the provenance of several networks. An ancestor that they share is included once."""
    provenances = list(provenances)
    return Provenance(
        tuple(dict.fromkeys(record for each in provenances for record in each.records)),
        tuple(dict.fromkeys(name for each in provenances for name in each.unknown)),
    )


def find(tested: Iterable[IdentityHash], recorded: Iterable[IdentityHash]) -> set[IdentityHash]:
    """Return the tested identities that are recorded, by name or by content."""
    recorded = set(recorded)
    names, contents = {one.name for one in recorded}, {one.content for one in recorded} - {""}
    return {one for one in tested if one.name in names or one.content in contents}


def write_provenance(provenance: Provenance, folder: Path) -> None:
    """Write `provenance.json` to a checkpoint's folder."""
    write_json(folder / PROVENANCE, provenance.to_json())


def read_provenance(folder: Path) -> Provenance | None:
    """Read a checkpoint's provenance.

    Returns:
        The provenance, or None if there is no file.

    Raises:
        UserError: If the file is damaged.
    """
    if not (folder / PROVENANCE).exists():
        return None
    kept = read_json(folder / PROVENANCE)
    try:
        return Provenance(tuple(map(TrainingRecord.from_json, kept["records"])), tuple(map(str, kept["unknown"])))
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{folder / PROVENANCE} is damaged: it is not a provenance record ({error!r}).") from None


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
