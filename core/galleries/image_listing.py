"""The images of a named gallery that an update indexes: those of all its sources, with the user's changes."""

import math
import os
import re
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import pandas as pd

from core.counts import counted
from core.data.file_names import printable
from core.data.images import file_of
from core.data.zip_archive import SkippedFiles
from core.errors import UserError
from core.galleries.changes import apply_changes, describe_changes, read_changes
from core.galleries.gallery_folder import StoredGallery
from core.galleries.indexed_version import MODEL
from core.galleries.sources import FROM_ZIP, Source, list_sources, read_source, remove_source
from core.galleries.versions import KEY_COLUMNS, LABEL_COLUMNS, make_table
from core.json_file import read_json

PLACES_NOTE = "cameras of one place count as different cameras, because a named gallery does not store places"


def list_images(gallery: StoredGallery, version: Path | None) -> tuple[pd.DataFrame, SkippedFiles, list[str]]:
    """List the images of all sources.

    A zip archive is unpacked. One that cannot be unpacked is removed, unless the version that is searched has it.

    Args:
        gallery: The gallery.
        version: The folder of the version that is searched, if there is one.

    Returns:
        A table with one row per present image, with the user's changes; skipped files with the reasons; notes.

    Raises:
        UserError: If a source cannot be read.
    """
    published = _published_sources(gallery, version)
    columns: dict[str, list] = {name: [] for name in (*KEY_COLUMNS, *LABEL_COLUMNS, "source")}
    skipped: SkippedFiles = []
    notes: list[str] = []
    for source in list_sources(gallery):
        try:
            records, source_notes, source_skipped = read_source(gallery, source, _unpacking(gallery, source))
        except UserError as error:
            if source.kind != FROM_ZIP or source.number in published:
                raise
            remove_source(gallery, source.number)  # otherwise each later update would fail
            raise UserError(f"{error.args[0].removesuffix('.')}; it was not added.") from None
        if any(record.place for record in records):
            source_notes = [*source_notes, PLACES_NOTE]
        notes += [f"source {source.number}: {note}" for note in source_notes]
        skipped += source_skipped
        for record in records:
            try:
                status = os.stat(file_of(record.path))
            except OSError as error:
                skipped.append((printable(str(record.path)), f"cannot be read: {error.strerror}"))
                continue
            time = math.nan if record.time is None else record.time
            row = (
                _path(gallery.folder, record.path),
                status.st_size,
                status.st_mtime_ns,
                record.identity,
                record.camera,
                time,
                source.number,
            )
            for values, value in zip(columns.values(), row, strict=True):
                values.append(value)
    table, repeat_notes = _one_row_each(make_table(columns, list(columns)))
    changes = read_changes(gallery)
    return apply_changes(table, changes), skipped, [*notes, *repeat_notes, *describe_changes(table, changes)]


def _one_row_each(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Keep the first row of each image that has an identity, or else the first; note images with several labels."""
    labelled_first = table.sort_values("identity", key=lambda names: names == "", kind="stable")
    kept = labelled_first.drop_duplicates("path").sort_index(ignore_index=True)
    several = table.drop_duplicates(["path", *LABEL_COLUMNS])["path"]
    if not (count := several[several.duplicated()].nunique()):
        return kept, []
    images = counted(count, "image is", "images are")
    return kept, [f"{images} in several sources with different labels; the first source with an identity counts"]


def _published_sources(gallery: StoredGallery, version: Path | None) -> list[int]:
    """Return the numbers of the sources of a version; of all sources, which are kept, if the version is damaged."""
    if version is None:
        return []
    try:
        return read_json(version / MODEL)["sources"]
    except (UserError, KeyError):
        return [source.number for source in list_sources(gallery)]


def _path(folder: Path, path: Path) -> str:
    """Return the path for the table: relative in the gallery's folder, otherwise absolute.

    For a path that is not UTF-8, it is the path of a symbolic link.
    """
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        name = (
            blake2b(os.fsencode(path), digest_size=8).hexdigest() + "-" + re.sub(r"[^\w.]", "_", printable(path.name))
        )
        link = folder / "links" / name
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(path)
        path, text = link, str(link)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else text


def _unpacking(gallery: StoredGallery, source: Source) -> Callable[[int], None]:
    unpacked = 0

    def on_progress(count: int) -> None:
        nonlocal unpacked
        unpacked += count
        gallery.job.report(message=f"unpacking {printable(source.origin)}: {unpacked:,} files")

    return on_progress
