"""Records (path, identity, camera and time of an image) and data sets (lists of records)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.counts import counted

DISTRACTOR = "0000"  # Market-1501's identity of distractors: gallery images of people who have no probe
UNKNOWN_CAMERA = 0  # cameras are numbered from 1


@dataclass(frozen=True)
class Record:
    """The path, identity, camera and time of one image.

    The identity is "" if unknown, the camera 0, the time None. A time is a number of seconds; its zero is chosen by the
    data set.
    """

    path: Path
    identity: str = ""
    camera: int = UNKNOWN_CAMERA
    time: float | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set as found on disk. Lists that the layout does not have are empty."""

    root: Path
    layout: (
        str  # "market1501", "cuhk03-labeled", "cuhk03-detected", "cuhk01", "viper", "identity folders", "flat folder"
    )
    train: list[Record] = field(default_factory=list)
    query: list[Record] = field(default_factory=list)
    gallery: list[Record] = field(default_factory=list)
    pool: list[Record] = field(default_factory=list)  # all images, if a protocol selects the test identities
    test_sets: list[list[str]] = field(default_factory=list)  # official test identities of each split
    notes: list[str] = field(default_factory=list)  # unusual findings, for the user
    own_namespace: str = ""  # see `namespace`

    @property
    def name(self) -> str:
        """The name of the benchmark, or of the folder."""
        return self.layout if self.pool else self.root.resolve().name

    @property
    def namespace(self) -> str:
        """The name that makes identities unique: two data sets with one namespace use an identity for the same person.

        It is the name of the benchmark (the same for both kinds of CUHK03's boxes), the data set's own namespace, or
        the name of the folder.
        """
        return self.layout.split("-")[0] if self.pool else self.own_namespace or self.root.resolve().name

    @property
    def source(self) -> Path:
        """The path from which `read_dataset` reads the same data again. For CUHK03 it names the boxes."""
        return self.root / self.layout.removeprefix("cuhk03-") if self.layout.startswith("cuhk03-") else self.root

    @property
    def searchable(self) -> list[Record]:
        """The images to search in with a new probe: the gallery, or all images if the layout has no gallery."""
        return self.pool or (self.train if self.layout == "identity folders" else self.gallery)

    def report(self) -> str:
        """Format the counts and the unusual findings as text for the user."""
        lines = [f"{self.root}: layout {self.layout}"]
        for part in ("train", "query", "gallery", "pool"):
            records = getattr(self, part)
            if records:
                lines.append(f"  {part:8}{summary(records)}")
        for part, records in {"training ": self.train, "test ": self.query + self.gallery, "": self.pool}.items():
            if single := one_camera_identities(records):
                identities = counted(len(single), f"{part}identity is", f"{part}identities are")
                lines.append(f"  {identities} seen by one camera only, e.g. {single[0]}")
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def summary(records: Iterable[Record]) -> str:
    """Format the numbers of images, identities, cameras and distractors as one line."""
    records = list(records)
    identities = {record.identity for record in records} - {"", DISTRACTOR}
    cameras = {record.camera for record in records} - {UNKNOWN_CAMERA}
    distractors = sum(record.identity == DISTRACTOR for record in records)
    counts = [
        counted(len(records), "image"),
        counted(len(identities), "identity", "identities"),
        counted(len(cameras), "camera"),
    ]
    if distractors:
        counts.append(counted(distractors, "distractor"))
    return ", ".join(counts)


def one_camera_identities(records: Iterable[Record]) -> list[str]:
    """List the identities that only one known camera has seen: they have no pair of images across cameras."""
    cameras = defaultdict(set)
    for record in records:
        cameras[record.identity].add(record.camera)
    return sorted(
        identity
        for identity, seen in cameras.items()
        if identity not in ("", DISTRACTOR) and len(seen) == 1 and UNKNOWN_CAMERA not in seen
    )
