"""A new named gallery from selected images."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.data.cuhk03_mat import find_mat_above
from core.data.images import open_image, read_content
from core.data.labels import TABLE, TABLE_COLUMNS
from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.galleries.adding import add_uploads
from core.galleries.catalog import check_name, extend_gallery
from core.galleries.gallery_folder import StoredGallery

# Letters that names of uploads must not have, and bytes that are not UTF-8, which a table cannot name.
UNSAFE = re.compile(r"[:\\\x00-\x1f\ud800-\udfff]")


def create_from_selection(name: str, root: Path, checkpoint: Path, records: Sequence[Record]) -> StoredGallery:
    """Create a gallery with copies of images and with their labels. The next update indexes it.

    Args:
        name: The name of the new gallery.
        root: The folder of the galleries.
        checkpoint: The checkpoint of the model that indexes the gallery.
        records: The records of the images.

    Raises:
        UserError: If the name is invalid or in use, or if no image can be read.
    """
    if (root / check_name(name)).exists():
        raise UserError(f"A gallery named {name} already exists. Choose another name.")
    if not records:
        raise UserError("Select at least one image.")
    named = dict(zip(_unique_names(records), records, strict=True))
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(TABLE_COLUMNS)
    for file, record in named.items():
        camera = "" if record.camera == UNKNOWN_CAMERA else record.camera
        writer.writerow([file, record.identity, camera, "" if record.time is None else record.time])
    with extend_gallery(name, root, checkpoint) as gallery:
        add_uploads(gallery, _read(named), TABLE, table.getvalue().encode())
    return gallery


def _unique_names(records: Sequence[Record]) -> Iterator[str]:
    """Return the names of the files; further files with the same name are in numbered folders."""
    counts: dict[str, int] = {}
    for record in records:
        name = UNSAFE.sub("_", record.path.name).strip()
        number = counts[name] = counts.get(name, 0) + 1
        yield name if number == 1 else f"{number}/{name}"


def _read(named: dict[str, Record]) -> Iterator[tuple[str, bytes]]:
    for name, record in named.items():
        yield name, _content(record.path)


def _content(path: Path) -> bytes:
    """Return the bytes of an image file. An image inside a .mat file becomes a PNG file, as its name says."""
    if not find_mat_above(path):
        return read_content(path)
    file = io.BytesIO()
    open_image(path).save(file, "PNG")
    return file.getvalue()
