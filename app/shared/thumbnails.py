"""Thumbnails of image files, as data URLs.

A page with data URLs needs no further request. A request for each image would cost the server more than the bytes of
the image do, and its address would have to be kept from other visitors.
"""

import os
from pathlib import Path

from PIL import Image

from app.components.data_url import data_url, jpeg_url
from core.data.images import open_image

THUMBNAIL = (192, 384)  # greatest width and height
MAX_BYTES = 16_384
PLAIN = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression"}  # all of Image.info


def thumbnail_url(path: str | Path) -> str:
    """Return an image as a data URL. Raises UserError if it cannot be opened.

    A small JPEG file is sent as it is: encoded again, it would be larger and not better.
    """
    image = open_image(path)
    if os.path.isfile(path) and os.path.getsize(path) <= MAX_BYTES and is_plain(path):
        return data_url(Path(path).read_bytes())
    return jpeg_url(image, THUMBNAIL)


def is_plain(path: str | Path) -> bool:
    """Return whether a file is a JPEG of a thumbnail's size that has no metadata, such as a place or a rotation."""
    with Image.open(path) as stored:
        fits = all(side <= limit for side, limit in zip(stored.size, THUMBNAIL, strict=True))
        return stored.format == "JPEG" and stored.mode == "RGB" and fits and PLAIN.issuperset(stored.info)
