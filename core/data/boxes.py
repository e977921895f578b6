"""Boxes: paths of crops of an image file.

A table of labels may give a box for each row. The crop has a path below the path of the image file, for example
`monday/frame7.jpg/frame7 box 10 20 60 160.bmp`: left, top, right and bottom in pixels of the upright image. Right and
bottom are outside the box. `core.data.images.open_image` opens such a path.
"""

import os
import re
from pathlib import Path

from PIL import Image

from core.errors import UserError

Box = tuple[int, int, int, int]  # left, top, right, bottom
SUFFIX = ".bmp"  # of the crop, whose content is an uncompressed image: `read_content`
NAME = re.compile(r" box (-?\d+) (-?\d+) (-?\d+) (-?\d+)\.bmp$")
MIN_INSIDE = 0.5  # share of a box that is inside its image; boxes of detectors often cross the border


def box_path(file: Path, box: Box) -> Path:
    """Return the path of a crop of an image file."""
    return file / f"{file.stem} box {' '.join(map(str, box))}{SUFFIX}"


def split_box(path: str | os.PathLike) -> tuple[Path, Box] | None:
    """Return the image file and the box of a crop's path, or None for any other path."""
    text = os.fspath(path)
    if not text.endswith(SUFFIX) or not (found := NAME.search(text)):
        return None
    file = Path(text).parent
    left, top, right, bottom = map(int, found.groups())
    return (file, (left, top, right, bottom)) if file.is_file() else None


def crop(image: Image.Image, box: Box, name: str) -> Image.Image:
    """Cut a box out of an image. What is outside the image is cut off.

    Args:
        image: The upright image.
        box: Left, top, right and bottom in pixels.
        name: The name of the image, for messages.

    Raises:
        UserError: If the box is empty, or if more than half of it is outside the image.
    """
    left, top, right, bottom = box
    text = " ".join(map(str, box))
    if right <= left or bottom <= top:
        raise UserError(f"The box {text} of {name} is empty; a box is left, top, right, bottom.")
    inside = max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height)
    columns, rows = max(inside[2] - inside[0], 0), max(inside[3] - inside[1], 0)
    if columns * rows < MIN_INSIDE * (right - left) * (bottom - top):
        raise UserError(
            f"The box {text} is outside {name}, which has {image.width} x {image.height} pixels; a box is left, top, "
            "right, bottom in pixels."
        )
    return image.crop(inside)
