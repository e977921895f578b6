"""Add folders, zip archives and uploads to a named gallery, as sources (core.galleries.sources)."""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from core.atomic_files import DISK_ERRORS
from core.counts import counted
from core.data.addresses import split_address
from core.data.file_names import IMAGE_SUFFIXES, printable
from core.data.labels import LABEL_RULES, LAYOUT, TABLE, TABLE_NAME, label_images
from core.data.zip_archive import NOT_AN_IMAGE, SkippedFiles, check_zip, safe_relative_path
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.galleries.sources import FROM_FOLDER, FROM_ZIP, SKIPPED_FILE, UPLOADED, Source, source_folder
from core.json_file import write_json

Table = Path | bytes | None  # a CSV file of labels, read at each update; or its content


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


def _add_source(
    gallery: StoredGallery, kind: str, origin: str, labels: str, table: Path | None, files: Path | None = None
) -> None:
    """Write a source into gallery.json, and move its files from the temporary folder into its own."""
    with gallery.edited() as content:
        if os.path.isabs(origin):
            folder, _ = split_address(origin)  # with or without rules, it is the same source
            content["sources"] = [one for one in content["sources"] if split_address(one["origin"])[0] != folder]
        number = content["counted"] = content.get("counted", 0) + 1
        folder = source_folder(gallery, number)
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
