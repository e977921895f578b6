"""Records: what is known of an image without opening it; and data sets, which are lists of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

DISTRACTOR = "0000"  # Market-1501's identity of boxes that hold nobody in particular
UNKNOWN_CAMERA = 0  # cameras are counted from 1


@dataclass(frozen=True)
class Record:
    """One image: where it lies, who it shows ("" if unknown), which camera took it (0 if unknown), and when.

    Times are seconds since whatever moment the data set counts from, None if unknown.
    """

    path: Path
    identity: str = ""
    camera: int = UNKNOWN_CAMERA
    time: float | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set as found on disk; lists that the layout does not have are empty."""

    root: Path
    layout: (
        str  # "market1501", "cuhk03-labeled", "cuhk03-detected", "cuhk01", "viper", "identity folders", "flat folder"
    )
    train: list[Record] = field(default_factory=list)
    query: list[Record] = field(default_factory=list)
    gallery: list[Record] = field(default_factory=list)
    pool: list[Record] = field(default_factory=list)  # all images, where only a protocol says who is tested
    test_sets: list[list[str]] = field(default_factory=list)  # official test identities of each split, if there are any
    notes: list[str] = field(default_factory=list)  # what was odd while reading
    own_namespace: str = ""  # see `namespace`

    @property
    def name(self) -> str:
        """A benchmark's own name, or the folder's."""
        return self.layout if self.pool else self.root.resolve().name

    @property
    def namespace(self) -> str:
        """The name within which an identity's name means one person, whatever the folder is called where that is known.

        It is the benchmark's name, shared by both kinds of CUHK03's boxes, or what the data say of themselves, or the
        folder's name.
        """
        return self.layout.split("-")[0] if self.pool else self.own_namespace or self.root.resolve().name

    @property
    def source(self) -> Path:
        """What to read to get the same data again: CUHK03's folder needs the boxes' name."""
        return self.root / self.layout.removeprefix("cuhk03-") if self.layout.startswith("cuhk03-") else self.root

    @property
    def searchable(self) -> list[Record]:
        """The images to rank for somebody's own probe: the gallery, or all images where there is none."""
        return self.pool or (self.train if self.layout == "identity folders" else self.gallery)

    def report(self) -> str:
        """What was found and what was odd, for a person to read."""
        lines = [f"{self.root}: layout {self.layout}"]
        for part in ("train", "query", "gallery", "pool"):
            records = getattr(self, part)
            if records:
                lines.append(f"  {part:8}{summary(records)}")
        for part, records in {"training ": self.train, "test ": self.query + self.gallery, "": self.pool}.items():
            if alone := one_camera_identities(records):
                lines.append(f"  {len(alone)} {part}identities are seen by one camera only, e.g. {alone[0]}")
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def summary(records: Iterable[Record]) -> str:
    """Counts of images, identities, cameras and distractors in one line."""
    records = list(records)
    identities = {record.identity for record in records} - {"", DISTRACTOR}
    cameras = {record.camera for record in records} - {UNKNOWN_CAMERA}
    distractors = sum(record.identity == DISTRACTOR for record in records)
    counts = [f"{len(records):,} images", f"{len(identities):,} identities", f"{len(cameras)} cameras"]
    if distractors:
        counts.append(f"{distractors:,} distractors")
    return ", ".join(counts)


def one_camera_identities(records: Iterable[Record]) -> list[str]:
    """Identities that only one known camera has seen: no pair across cameras can be learned or tested from them."""
    cameras = defaultdict(set)
    for record in records:
        cameras[record.identity].add(record.camera)
    return sorted(
        identity
        for identity, seen in cameras.items()
        if identity not in ("", DISTRACTOR) and len(seen) == 1 and UNKNOWN_CAMERA not in seen
    )
