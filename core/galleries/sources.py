"""Sources of a named gallery: folders, zip archives and uploads. `core.galleries.adding` adds them.

Images of a folder are not copied. Images of zip archives and uploads are written into the gallery's folder.
"""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.data.file_names import printable
from core.data.images import list_image_files
from core.data.labels import LAYOUT, find_image_folder, label_images
from core.data.records import Record
from core.data.zip_archive import SkippedFiles, unpack_zip
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.json_file import read_json, write_json

FROM_FOLDER, FROM_ZIP, UPLOADED = "folder", "zip", "uploads"
NOTES_FILE = ".notes.json"  # list of notes about a zip archive, next to its images
SKIPPED_FILE = ".left_out.json"  # list of skipped files, next to the images of a zip archive or of uploads
ARRIVAL_TIMEOUT_S = 86_400  # an unfinished source counts as left by a dead process after this time


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
        folder = source_folder(gallery, source.number)
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


def source_folder(gallery: StoredGallery, number: int) -> Path:
    """Return the folder of a source's files; those of a zip archive and of a table have a suffix in addition."""
    return gallery.folder / "sources" / f"{number:03d}"
