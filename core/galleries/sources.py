"""Sources of a named gallery: folders, zip archives and uploads.

Images of a folder are not copied. Images of zip archives and uploads are written into the gallery's folder.
"""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from core.atomic_files import DISK_ERRORS
from core.counts import counted
from core.data.datasets import split_address
from core.data.file_names import IMAGE_SUFFIXES, printable
from core.data.images import list_image_files
from core.data.labels import LABEL_RULES, LAYOUT, TABLE, TABLE_NAME, find_image_folder, label_images
from core.data.records import Record
from core.data.zip_archive import NOT_AN_IMAGE, SkippedFiles, check_zip, safe_relative_path, unpack_zip
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.json_file import read_json, write_json

FROM_FOLDER, FROM_ZIP, UPLOADED = "folder", "zip", "uploads"
NOTES_FILE = ".notes.json"  # list of notes about a zip archive, next to its images
SKIPPED_FILE = ".left_out.json"  # list of skipped files, next to the images of a zip archive or of uploads
ARRIVAL_TIMEOUT_S = 86_400  # an unfinished source counts as left by a dead process after this time
Table = Path | bytes | None  # a CSV file of labels, read at each update; or its content


@dataclass(frozen=True)
class Source:
    """A source, as stored in gallery.json.

    `origin` is the path or name that the user gave. `table` is the path of the label table, "" if there is none.
    """

    number: int
    kind: str
    origin: str
    labels: str = LAYOUT
    table: str = ""


def add_folder(gallery: StoredGallery, folder: Path, labels: str = LAYOUT, table: Table = None) -> None:
    """Add a folder. Its images are not copied; each update lists them again.

    If the gallery has the folder already, its labels are replaced.

    Args:
        gallery: The gallery.
        folder: The folder of images.
        labels: The rule that gives the labels, a key of LABEL_RULES.
        table: A label table, which takes precedence over `labels`.

    Raises:
        UserError: If the folder has no images, or if the label table is invalid.
    """
    folder = Path(os.path.abspath(folder))
    with _temporary_folder(gallery) as temporary:
        labels, table = _label_rule(temporary, labels, table)
        label_images(folder, labels, table)
        _add_source(gallery, FROM_FOLDER, str(folder), labels, table)


def add_zip(
    gallery: StoredGallery, file: Path | BinaryIO, labels: str = LAYOUT, table: Table = None, name: str = "upload.zip"
) -> None:
    """Add a zip archive. The next update unpacks it.

    Args:
        gallery: The gallery.
        file: The path of the archive, or an upload as a binary file.
        labels: The rule that gives the labels, a key of LABEL_RULES.
        table: A label table, which takes precedence over `labels`.
        name: The name of an upload.

    Raises:
        UserError: If the headers of the archive show that it cannot be used (core.data.zip_archive).
    """
    with _temporary_folder(gallery) as temporary:
        labels, table = _label_rule(temporary, labels, table)
        if isinstance(file, Path):
            _check_zip(file, file.name)
            _add_source(gallery, FROM_ZIP, os.path.abspath(file), labels, table)
            return
        with (temporary / "upload.zip").open("wb") as copy:
            shutil.copyfileobj(file, copy, 2**20)
        _check_zip(temporary / "upload.zip", name)
        _add_source(gallery, FROM_ZIP, name, labels, table, temporary / "upload.zip")


def add_uploads(
    gallery: StoredGallery, files: Iterable[tuple[str, bytes]], labels: str = LAYOUT, table: Table = None
) -> SkippedFiles:
    """Add uploaded images.

    Args:
        gallery: The gallery.
        files: Names and contents. A name may contain folders. Files with the same name are all stored, unless their
            contents are equal.
        labels: The rule that gives the labels, a key of LABEL_RULES.
        table: A label table, which takes precedence over `labels`.

    Returns:
        The names of skipped files with the reasons.

    Raises:
        UserError: If no file can be used.
    """
    with _temporary_folder(gallery) as temporary:
        labels, table = _label_rule(temporary, labels, table)
        images, skipped, count = temporary / "images", [], 0
        images.mkdir()
        for name, content in files:
            if reason := _write_upload(images, name, content):
                skipped.append((printable(name), reason))
            else:
                count += 1
        if not count:
            raise UserError(
                "None of the uploads is an image" + "".join(f": {name} {reason}" for name, reason in skipped[:1]) + "."
            )
        label_images(images, labels, table)
        write_json(images / SKIPPED_FILE, skipped)
        _add_source(gallery, UPLOADED, counted(count, "upload"), labels, table, images)
    return skipped


def remove_source(gallery: StoredGallery, number: int) -> None:
    """Remove a source. The next update removes its images, with the files of a zip archive or of uploads.

    Args:
        gallery: The gallery.
        number: The number of the source.

    Raises:
        UserError: If there is no source with this number.
    """
    with gallery.edited() as content:
        numbers = [source["number"] for source in content["sources"]]
        if number not in numbers:
            raise UserError(
                f"The gallery {gallery.name} has no source {number}; it has {', '.join(map(str, numbers)) or 'none'}."
            )
        content["sources"] = [source for source in content["sources"] if source["number"] != number]
        content["asked"] += 1


def list_sources(gallery: StoredGallery) -> list[Source]:
    """List the sources of a gallery."""
    return [Source(**source) for source in gallery.read()["sources"]]


def read_source(
    gallery: StoredGallery, source: Source, on_progress: Callable[[int], None] = lambda count: None
) -> tuple[list[Record], list[str], SkippedFiles]:
    """List the present images of a source. A zip archive is unpacked first.

    Args:
        gallery: The gallery.
        source: The source.
        on_progress: Called with the number of files unpacked since the last call.

    Returns:
        The records of the images, notes about the source, and skipped files with the reasons.

    Raises:
        UserError: If the source cannot be read.
    """
    if source.kind == FROM_FOLDER:
        folder, skipped = Path(source.origin), []
        unpacking_notes: list[str] = []
    else:
        folder = _source_folder(gallery, source.number)
        if source.kind == FROM_ZIP and not folder.exists():
            _unpack(gallery, source, folder, on_progress)
        skipped = [tuple(row) for row in read_json(folder / SKIPPED_FILE)]
        unpacking_notes = read_json(folder / NOTES_FILE) if (folder / NOTES_FILE).exists() else []
        folder = find_image_folder(folder, source.labels)
    table = gallery.folder / source.table if source.table else None
    try:
        records, notes = label_images(folder, source.labels, table)
    except UserError:
        if not folder.is_dir() or list_image_files(folder):
            raise
        return [], [f"{source.origin} has no images any more"], skipped
    return records, unpacking_notes + notes, skipped


def sweep(gallery: StoredGallery, numbers: set[int]) -> None:
    """Delete the files of removed sources, and those of sources whose adding process died.

    Args:
        gallery: The gallery.
        numbers: The numbers of the removed sources.
    """
    for path in (gallery.folder / "sources").glob("*"):
        number = path.name.partition(".")[0]
        is_abandoned = path.name.startswith(".arriving-") and time.time() - path.stat().st_mtime > ARRIVAL_TIMEOUT_S
        if is_abandoned or (number.isdigit() and int(number) in numbers):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _unpack(gallery: StoredGallery, source: Source, folder: Path, on_progress: Callable[[int], None]) -> None:
    """Unpack a zip archive and then rename its folder, so that a process that dies leaves no incomplete source."""
    uploaded = folder.with_suffix(".zip")
    temporary = folder.with_suffix(".new")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        unpacked = unpack_zip(uploaded if uploaded.exists() else Path(source.origin), temporary, on_progress)
    except (UserError, OSError) as error:
        shutil.rmtree(temporary, ignore_errors=True)  # a full disk needs the space
        if isinstance(error, OSError):
            raise
        raise UserError(str(error).replace(uploaded.name, printable(source.origin), 1)) from None
    write_json(temporary / SKIPPED_FILE, unpacked.skipped)
    write_json(temporary / NOTES_FILE, unpacked.notes())
    os.replace(temporary, folder)
    uploaded.unlink(missing_ok=True)


def _add_source(
    gallery: StoredGallery, kind: str, origin: str, labels: str, table: Path | None, files: Path | None = None
) -> None:
    """Write a source into gallery.json, and move its files from the temporary folder into its own."""
    with gallery.edited() as content:
        if os.path.isabs(origin):
            folder, _ = split_address(origin)  # with or without rules, it is the same source
            content["sources"] = [one for one in content["sources"] if split_address(one["origin"])[0] != folder]
        number = content["counted"] = content.get("counted", 0) + 1
        folder = _source_folder(gallery, number)
        if files is not None:
            os.replace(files, folder.with_suffix(".zip") if kind == FROM_ZIP else folder)
        table_path = ""
        if table is not None:
            table_path = os.path.abspath(table)
            if table.parent.parent == folder.parent:
                os.replace(table, folder.with_suffix(".csv"))
                table_path = folder.with_suffix(".csv").relative_to(gallery.folder).as_posix()
        content["sources"].append(asdict(Source(number, kind, origin, labels, table_path)))
        content["asked"] += 1


@contextmanager
def _temporary_folder(gallery: StoredGallery) -> Iterator[Path]:
    """Yield a folder for the files of a source that is being added."""
    gallery.read()
    folder = gallery.folder / "sources" / f".arriving-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except FileNotFoundError:
        gallery.read()  # raises if the gallery was deleted meanwhile
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _label_rule(temporary: Path, labels: str, table: Table) -> tuple[str, Path | None]:
    """Return the label rule and the path of the label table. The content of a table is written to a file."""
    if labels not in LABEL_RULES:
        raise UserError(f"There is no label rule {labels!r}. Choose one of {', '.join(LABEL_RULES)}.")
    if isinstance(table, bytes):
        (temporary / TABLE_NAME).write_bytes(table)
        table = temporary / TABLE_NAME
    return labels if table is None else TABLE, table


def _check_zip(file: Path, name: str) -> None:
    try:
        if not check_zip(file):
            raise UserError(f"There is no image in {file.name}.")
    except UserError as error:
        raise UserError(str(error).replace(file.name, printable(name), 1)) from None


def _write_upload(folder: Path, name: str, content: bytes) -> str:
    """Write an upload, and return "" or the reason why it was skipped."""
    try:
        path = folder / safe_relative_path(name)
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
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise OSError(error.errno, error.strerror, str(path)) from error
        return "has a name that is not a valid file name"
    return ""


def _source_folder(gallery: StoredGallery, number: int) -> Path:
    return gallery.folder / "sources" / f"{number:03d}"
