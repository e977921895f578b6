"""Records (path, identity, camera and time of an image) and data sets (lists of records)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from core.counts import counted

DISTRACTOR = "distractor"  # identity of gallery images of people who have no probe
EARLIER_DISTRACTOR = "0000"  # the same in files of earlier versions
UNKNOWN_CAMERA = 0  # cameras are numbered from 1
RULES_MARK = "::"  # between a folder and its rules in one path: `images::dataset.toml`
COMBINED_MARK = "++"  # between the paths of several data sets in one path
PARTS = ("train", "validation", "query", "gallery", "pool")  # lists of a data set
IDENTITY_FOLDERS, FLAT = "identity folders", "flat folder"  # layouts of the user's own images


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
    place: tuple[int, ...] = ()  # the cameras of its place, if the camera shares the place with others

    @property
    def is_labelled(self) -> bool:
        """Whether the identity is known, and not that of distractors."""
        return self.identity not in ("", DISTRACTOR)

    @property
    def viewpoint(self) -> int:
        """The number that the same-camera rule compares: that of the camera, or the first one of its place."""
        return min(self.place, default=self.camera)


@dataclass(frozen=True)
class Dataset:
    """A data set as found on disk. Lists that the layout does not have are empty."""

    root: Path
    layout: str  # IDENTITY_FOLDERS, FLAT, "cuhk03-labeled", "cuhk03-detected", or the layout of rules
    train: list[Record] = field(default_factory=list)
    query: list[Record] = field(default_factory=list)
    gallery: list[Record] = field(default_factory=list)
    validation: list[Record] = field(default_factory=list)
    pool: list[Record] = field(default_factory=list)  # all images, if a protocol selects the test identities
    test_sets: list[list[str]] = field(default_factory=list)  # official test identities of each split
    notes: list[str] = field(default_factory=list)  # unusual findings, for the user
    own_namespace: str = ""  # see `namespace`
    own_name: str = ""  # the name that rules give
    protocols: tuple[str, ...] = ()  # evaluation protocols that rules name
    undivided: bool = False  # no split is given; `query` and `gallery` are images of `train`
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)  # of combined data: namespace, identity in it
    rules: str = ""  # the rules that were chosen: a file, the name of a preset, or "guess"

    @property
    def name(self) -> str:
        """The name of the benchmark, or of the folder."""
        return self.own_name or (self.layout if self.pool else self.root.resolve().name)

    @property
    def namespace(self) -> str:
        """The name that makes identities unique: two data sets with one namespace use an identity for the same person.

        It is the name of the benchmark (the same for both kinds of CUHK03's boxes), the data set's own namespace, or
        the name of the folder.
        """
        return "cuhk03" if self.layout.startswith("cuhk03-") else self.own_namespace or self.name

    @property
    def source(self) -> Path:
        """The path from which `read_dataset` reads the same data again. It names CUHK03's boxes, or chosen rules."""
        if self.layout.startswith("cuhk03-"):
            return self.root / self.layout.removeprefix("cuhk03-")
        return Path(f"{self.root}{RULES_MARK}{self.rules}") if self.rules else self.root

    @property
    def searchable(self) -> list[Record]:
        """The images to search in with a new probe: the gallery, or all images if the layout has no gallery."""
        return self.pool or (self.train if self.undivided else self.gallery)

    def report(self) -> str:
        """Format the counts and the unusual findings as text for the user."""
        lines = [f"{self.root}: layout {self.layout}"]
        lines += [f"  {part:8}{summary(records)}" for part in PARTS if (records := getattr(self, part))]
        return "\n".join([*lines, *(f"  {finding}" for finding in self.findings())])

    def findings(self) -> list[str]:
        """Return a sentence for each unusual finding."""
        findings = []
        for part, records in {"training ": self.train, "test ": self.query + self.gallery, "": self.pool}.items():
            if single := one_camera_identities(records):
                identities = counted(len(single), f"{part}identity is", f"{part}identities are")
                findings.append(f"{identities} seen by one camera only, e.g. {single[0]}")
        if unused := sum(not record.is_labelled for record in self.train + self.validation + self.pool):
            findings.append(f"{counted(unused, 'image has', 'images have')} no identity; training does not use them")
        return [*findings, *self.notes]


class Counts(NamedTuple):
    """The numbers of images, identities, cameras and distractors."""

    images: int
    identities: int
    cameras: int
    distractors: int


def count_records(records: Collection[Record]) -> Counts:
    """Count images, identities, known cameras and distractors."""
    identities = {record.identity for record in records} - {"", DISTRACTOR}
    cameras = {record.camera for record in records} - {UNKNOWN_CAMERA}
    distractors = sum(record.identity == DISTRACTOR for record in records)
    return Counts(len(records), len(identities), len(cameras), distractors)


def summary(records: Iterable[Record]) -> str:
    """Format the numbers of images, identities, cameras and distractors as one line."""
    count = count_records(list(records))
    counts = [
        counted(count.images, "image"),
        counted(count.identities, "identity", "identities"),
        counted(count.cameras, "camera"),
    ]
    if count.distractors:
        counts.append(counted(count.distractors, "distractor"))
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
