"""The images of a gallery and its probes, and their names in links."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from app.shared import texts
from core.data.datasets import read_dataset
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

DEMO_PROBES = 10


@dataclass(frozen=True)
class Images:
    """The images of a data folder or of a named gallery."""

    folder: Path
    root: Path  # of the data set in it
    data: str  # the name of the data set, as in results, or of the gallery
    gallery: list[Record]
    query: list[Record]  # all probes of the data set
    probes: list[Record]  # demo probes, each of another identity
    records: dict[str, Record]  # by the name in links
    names: dict[Path, str]  # the name in links by path
    is_own: bool = False  # a named gallery

    @cached_property
    def cameras(self) -> list[int]:
        """Return the known cameras of the gallery."""
        return sorted({record.camera for record in self.gallery} - {UNKNOWN_CAMERA})


def read_images(folder: Path) -> Images:
    """Read a data folder. Raises UserError if it is missing or has no gallery images."""
    dataset = read_dataset(folder)
    gallery = dataset.searchable
    if not gallery:
        raise UserError(texts.NO_IMAGES_IN_FOLDER.format(folder=folder))
    return _images(folder, dataset.root, dataset.name, gallery, dataset.query)


def read_stored(stored: StoredGallery) -> Images:
    """Read a named gallery. Raises UserError if it is deleted, not indexed yet, or has no images."""
    table = stored.records()
    if table.empty:
        raise UserError(texts.NO_IMAGES_IN_GALLERY.format(name=stored.name))
    rows = zip(table["path"], table["identity"], table["camera"].tolist(), strict=True)
    gallery = [Record(stored.folder / path, identity, camera) for path, identity, camera in rows]
    return replace(_images(stored.folder, stored.folder, stored.name, gallery, []), is_own=True)


def names_in_links(paths: list[Path], root: Path) -> dict[Path, str]:
    """Return the file name of each image, or its path relative to `root` where two files have the same name."""
    count = Counter(path.name for path in paths)
    return {path: path.name if count[path.name] == 1 else below(path, root) for path in paths}


def below(path: Path, root: Path) -> str:
    """Return the path relative to `root`, or the full path if it is outside."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def spread_out(candidates: list[Record], gallery: list[Record], count: int) -> list[Record]:
    """Choose `count` candidates of different identities of the gallery, evenly spaced, from alternating cameras."""
    known = {record.identity for record in gallery} - {DISTRACTOR}
    by_identity = defaultdict(list)
    for record in candidates:
        if record.identity in known:
            by_identity[record.identity or record.path].append(record)
    identities = list(by_identity.values())
    chosen = identities
    if len(identities) > count:
        chosen = [identities[place * len(identities) // count] for place in range(count)]
    return [images[turn % len(images)] for turn, images in enumerate(chosen)]


def _images(folder: Path, root: Path, data: str, gallery: list[Record], query: list[Record]) -> Images:
    records = {record.path: record for record in (*query, *gallery)}
    names = names_in_links(list(records), root)
    probes = spread_out(query or gallery, gallery, DEMO_PROBES)
    by_name = {name: records[path] for path, name in names.items()}
    return Images(folder, root, data, gallery, query, probes, by_name, names)
