"""Which images can be searched and searched with, and what a link calls each of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from core.data.datasets import read_dataset
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

DEMO_PROBES = 10


@dataclass(frozen=True)
class Images:
    """A data folder, or an own gallery, as the search page sees it."""

    folder: Path
    root: Path  # of the data set in it
    data: str  # the data set's name, as results call it, or the gallery's
    gallery: list[Record]
    query: list[Record]  # all probes of the data set
    probes: list[Record]  # a few to start with, each of another person
    records: dict[str, Record]  # by the name that a link uses
    names: dict[Path, str]  # the other way round
    is_own: bool = False  # an own gallery

    @cached_property
    def cameras(self) -> list[int]:
        """The gallery's known cameras."""
        return sorted({record.camera for record in self.gallery} - {UNKNOWN_CAMERA})


def read_images(folder: Path) -> Images:
    """Raises UserError if the folder is missing or has no gallery."""
    dataset = read_dataset(folder)
    gallery = dataset.searchable
    if not gallery:
        raise UserError(
            f"There are no gallery images in {folder}: give a folder with images named like "
            "0002_c1s1_000451_03.jpg in bounding_box_test, one folder an identity, or any images."
        )
    return _images(folder, dataset.root, dataset.name, gallery, dataset.query)


def read_stored(stored: StoredGallery) -> Images:
    """A gallery on disk. Raises UserError if it is gone, not described yet, or has no images."""
    table = stored.records()
    if table.empty:
        raise UserError(f"The gallery {stored.name} has no image that can be searched; add some on the page Data.")
    rows = zip(table["path"], table["identity"], table["camera"].tolist(), strict=True)
    gallery = [Record(stored.folder / path, identity, camera) for path, identity, camera in rows]
    return replace(_images(stored.folder, stored.folder, stored.name, gallery, []), is_own=True)


def names_in_links(paths: list[Path], root: Path) -> dict[Path, str]:
    """An image's file name, or its path, below `root` if it lies there, where two files have the same name."""
    count = Counter(path.name for path in paths)
    return {path: path.name if count[path.name] == 1 else below(path, root) for path in paths}


def below(path: Path, root: Path) -> str:
    """The path below `root`, or in full if it lies elsewhere."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def spread_out(candidates: list[Record], gallery: list[Record], count: int) -> list[Record]:
    """`count` candidates of different people whom the gallery holds, evenly spread, from one camera after the other."""
    known = {record.identity for record in gallery} - {DISTRACTOR}
    by_person = defaultdict(list)
    for record in candidates:
        if record.identity in known:
            by_person[record.identity or record.path].append(record)
    people = list(by_person.values())
    chosen = [people[place * len(people) // count] for place in range(count)] if len(people) > count else people
    return [images[turn % len(images)] for turn, images in enumerate(chosen)]


def _images(folder: Path, root: Path, data: str, gallery: list[Record], query: list[Record]) -> Images:
    records = {record.path: record for record in (*query, *gallery)}
    names = names_in_links(list(records), root)
    probes = spread_out(query or gallery, gallery, DEMO_PROBES)
    by_name = {name: records[path] for path, name in names.items()}
    return Images(folder, root, data, gallery, query, probes, by_name, names)
