"""Where a gallery's images come from: a folder where they stay, a zip, or uploads, which are written into its own."""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from core.data.images import IMAGE_SUFFIXES, list_image_files
from core.data.labels import LABEL_RULES, LAYOUT, TABLE, TABLE_NAME, label_images, only_folder
from core.data.records import Record
from core.data.zip_archive import NOT_AN_IMAGE, LeftOut, check_zip, inside, shown, unpack
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.json_file import read_json, write_json

FROM_FOLDER, FROM_ZIP, UPLOADED = "folder", "zip", "uploads"
SKIPPED_FILE = ".left_out.json"  # beside the images of a zip or of uploads
ARRIVAL_TIMEOUT_S = 86_400  # seconds after which what is still arriving counts as left by a process that died
Table = Path | bytes | None  # a CSV of labels: a file that is read at each update, or its content


@dataclass(frozen=True)
class Source:
    """As gallery.json has it. `origin` is what the user named; `table` is a path, "" if there is none."""

    number: int
    kind: str
    origin: str
    labels: str = LAYOUT
    table: str = ""


def add_folder(gallery: StoredGallery, folder: Path, labels: str = LAYOUT, table: Table = None) -> None:
    """Images stay where they are, and are looked for again at each update; a folder given again is labelled anew.

    Raises UserError if there are none, or a table of labels has a mistake.
    """
    folder = Path(os.path.abspath(folder))
    with _arriving(gallery) as arriving:
        labels, table = _labelled_by(arriving, labels, table)
        label_images(folder, labels, table)
        _enter(gallery, FROM_FOLDER, str(folder), labels, table)


def add_zip(
    gallery: StoredGallery, file: Path | BinaryIO, labels: str = LAYOUT, table: Table = None, name: str = "upload.zip"
) -> None:
    """A zip file, or an upload of that name. It is unpacked when the gallery is brought up to date.

    Raises UserError at once if what its headers say refuses it (core.data.zip_archive).
    """
    with _arriving(gallery) as arriving:
        labels, table = _labelled_by(arriving, labels, table)
        if isinstance(file, Path):
            _check_zip(file, file.name)
            _enter(gallery, FROM_ZIP, os.path.abspath(file), labels, table)
            return
        with (arriving / "upload.zip").open("wb") as copy:
            shutil.copyfileobj(file, copy, 2**20)
        _check_zip(arriving / "upload.zip", name)
        _enter(gallery, FROM_ZIP, name, labels, table, arriving / "upload.zip")


def add_uploads(
    gallery: StoredGallery, files: Iterable[tuple[str, bytes]], labels: str = LAYOUT, table: Table = None
) -> LeftOut:
    """Names and contents, one at a time; returns what was left out, by name with the reason.

    A name may have folders in it. Two of one name are both kept, unless they are the same. Raises UserError if nothing
    is left.
    """
    with _arriving(gallery) as arriving:
        labels, table = _labelled_by(arriving, labels, table)
        images, left_out, count = arriving / "images", [], 0
        images.mkdir()
        for name, content in files:
            if why := _write_upload(images, name, content):
                left_out.append((shown(name), why))
            else:
                count += 1
        if not count:
            raise UserError(
                "None of the uploads is an image" + "".join(f": {name} {why}" for name, why in left_out[:1]) + "."
            )
        label_images(images, labels, table)
        write_json(images / SKIPPED_FILE, left_out)
        _enter(gallery, UPLOADED, f"{count:,} uploads", labels, table, images)
    return left_out


def remove_source(gallery: StoredGallery, number: int) -> None:
    """Its images go at the next update, and with them what a zip or uploads have put into the gallery's folder."""
    with gallery.edited() as found:
        numbers = [source["number"] for source in found["sources"]]
        if number not in numbers:
            raise UserError(
                f"The gallery {gallery.name} has no source {number}; it has {', '.join(map(str, numbers)) or 'none'}."
            )
        found["sources"] = [source for source in found["sources"] if source["number"] != number]
        found["asked"] += 1


def list_sources(gallery: StoredGallery) -> list[Source]:
    return [Source(**source) for source in gallery.read()["sources"]]


def read_source(
    gallery: StoredGallery, source: Source, on_progress: Callable[[int], None] = lambda count: None
) -> tuple[list[Record], list[str], LeftOut]:
    """Records of a source's images as they are now, what was odd, and what was left out. A zip is unpacked first.

    Raises UserError if the source cannot be read.
    """
    if source.kind == FROM_FOLDER:
        folder, left_out = Path(source.origin), []
    else:
        folder = _place(gallery, source.number)
        if source.kind == FROM_ZIP and not folder.exists():
            _unpack(gallery, source, folder, on_progress)
        left_out = [tuple(row) for row in read_json(folder / SKIPPED_FILE)]
        folder = only_folder(folder, source.labels)
    table = gallery.folder / source.table if source.table else None
    try:
        records, notes = label_images(folder, source.labels, table)
    except UserError:
        if not folder.is_dir() or list_image_files(folder):
            raise
        return [], [f"{source.origin} has no images any more"], left_out
    return records, notes, left_out


def sweep(gallery: StoredGallery, numbers: set[int]) -> None:
    """Delete what belongs to these sources, which are gone, and what never arrived."""
    for path in (gallery.folder / "sources").glob("*"):
        number = path.name.partition(".")[0]
        never_arrived = path.name.startswith(".arriving-") and time.time() - path.stat().st_mtime > ARRIVAL_TIMEOUT_S
        if never_arrived or (number.isdigit() and int(number) in numbers):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _unpack(gallery: StoredGallery, source: Source, folder: Path, on_progress: Callable[[int], None]) -> None:
    """In one step, so that a process that dies leaves no half of it."""
    own = folder.with_suffix(".zip")
    half = folder.with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    try:
        left_out = unpack(own if own.exists() else Path(source.origin), half, on_progress)
    except UserError as error:
        shutil.rmtree(half, ignore_errors=True)
        raise UserError(str(error).replace(own.name, shown(source.origin), 1)) from None
    write_json(half / SKIPPED_FILE, left_out)
    os.replace(half, folder)
    own.unlink(missing_ok=True)


def _enter(
    gallery: StoredGallery, kind: str, origin: str, labels: str, table: Path | None, arrived: Path | None = None
) -> None:
    """Write a source into gallery.json, and move what has arrived into its place."""
    with gallery.edited() as found:
        if os.path.isabs(origin):
            found["sources"] = [source for source in found["sources"] if source["origin"] != origin]
        number = found["counted"] = found.get("counted", 0) + 1
        place = _place(gallery, number)
        if arrived is not None:
            os.replace(arrived, place.with_suffix(".zip") if kind == FROM_ZIP else place)
        kept = ""
        if table is not None:
            kept = os.path.abspath(table)
            if table.parent.parent == place.parent:
                os.replace(table, place.with_suffix(".csv"))
                kept = place.with_suffix(".csv").relative_to(gallery.folder).as_posix()
        found["sources"].append(asdict(Source(number, kind, origin, labels, kept)))
        found["asked"] += 1


@contextmanager
def _arriving(gallery: StoredGallery) -> Iterator[Path]:
    """A folder for what is on its way into the gallery."""
    gallery.read()
    folder = gallery.folder / "sources" / f".arriving-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except FileNotFoundError:
        gallery.read()  # deleted meanwhile
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _labelled_by(arriving: Path, labels: str, table: Table) -> tuple[str, Path | None]:
    """A table decides how images are labelled; its content is written to a file that arrives with them."""
    if labels not in LABEL_RULES:
        raise UserError(f"There are no labels {labels!r}; choose among {', '.join(LABEL_RULES)}.")
    if isinstance(table, bytes):
        (arriving / TABLE_NAME).write_bytes(table)
        table = arriving / TABLE_NAME
    return labels if table is None else TABLE, table


def _check_zip(file: Path, name: str) -> None:
    try:
        if not check_zip(file):
            raise UserError(f"There is no image in {file.name}.")
    except UserError as error:
        raise UserError(str(error).replace(file.name, shown(name), 1)) from None


def _write_upload(folder: Path, name: str, content: bytes) -> str:
    """Why an upload was left out, "" if it was written."""
    try:
        path = folder / inside(name)
    except UserError as error:
        return f"is refused: {error}"
    if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith("."):
        return NOT_AN_IMAGE
    stem, number = path.stem, 1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while path.exists():
            if path.read_bytes() == content:
                return "is the same as another upload of this name"
            number += 1
            path = path.with_stem(f"{stem}_{number}")
        path.write_bytes(content)
    except (OSError, ValueError):
        return "has a name that no file can have"
    return ""


def _place(gallery: StoredGallery, number: int) -> Path:
    return gallery.folder / "sources" / f"{number:03d}"
