"""The one place where images are opened: files, bytes, PIL images or arrays become upright RGB.

An image that cannot be used is refused with a sentence (UserError), never with a traceback.
"""

import io
import os
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps

from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.data.cuhk03_mat import find_mat_above, read_image
from core.errors import UserError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")  # what is looked for in a folder
MAX_PIXELS = 50_000_000  # what a good camera makes; decoded it takes 150 MB
MIN_SIDE_PIXELS = 8  # below this nobody can be recognised
PERSON_SHAPE = (1.5, 4.5)  # height by width of one standing person; data sets of people are cut to 2 to 3

Source = str | os.PathLike | bytes | BinaryIO | Image.Image | np.ndarray


def open_image(source: Source) -> Image.Image:
    """One image from any source -> upright RGB PIL image.

    Of an animation the first frame is taken, transparency is laid over white, 16 bits are scaled to 8, and the
    content decides what a file is, not its name. Arrays are (H, W, 3) or (H, W), uint8 or float in 0..1.
    Raises UserError for what is no image, too large, too small or damaged.
    """
    if isinstance(source, np.ndarray):
        return _checked_size(_from_array(source), "The array")
    if isinstance(source, Image.Image):
        return _to_rgb(_checked_size(source, "The image"))
    if isinstance(source, (str, os.PathLike)) and find_mat_above(source):
        return open_image(read_image(source))
    name = Path(source).name if isinstance(source, (str, os.PathLike)) else "The upload"
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit comes first
            with Image.open(file, formats=FORMATS) as image:
                _checked_size(image, name)
                image.load()
                return _to_rgb(image)
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError(f"There is no image at {file}.") from None
    except IsADirectoryError:
        raise UserError(f"{file} is a folder, not an image.") from None
    except PermissionError:
        raise UserError(f"{file} may not be read by this user.") from None
    except Image.DecompressionBombError:
        raise UserError(f"{name} has far more than {MAX_PIXELS // 10**6} megapixels; make it smaller first.") from None
    except Image.UnidentifiedImageError:
        raise UserError(f"{name} is not an image that can be read; use {', '.join(FORMATS)}.") from None
    except Exception:  # Pillow's decoders raise a dozen kinds of error on damaged files
        raise UserError(f"{name} is a damaged or cut off image; save or download it again.") from None


def resize(image: Image.Image) -> np.ndarray:
    """RGB image of any size -> uint8 (3, 160, 60), the size every network here takes."""
    small = image.resize((IMAGE_COLUMNS, IMAGE_ROWS), Image.Resampling.BILINEAR)
    return np.asarray(small).transpose(2, 0, 1)


def file_of(path: str | os.PathLike) -> Path:
    """The file that an image lies in: its own, or the .mat file that its path leads into."""
    return find_mat_above(path) or Path(path)


def read_content(path: str | os.PathLike) -> bytes:
    """What an image is made of, to tell whether it has changed: its file, or its pixels inside a .mat file."""
    return read_image(path).tobytes() if find_mat_above(path) else Path(path).read_bytes()


def upright_size(source: bytes) -> tuple[int, int]:
    """The columns and rows of an image file, turned upright; (0, 0) if they cannot be told. It is not decoded."""
    try:
        with Image.open(io.BytesIO(source), formats=FORMATS) as image:
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
            return image.size[::-1] if turned else image.size
    except Exception:  # as in open_image, which gives the reason
        return 0, 0


def list_image_files(folder: Path) -> list[Path]:
    """All files below a folder that are named like images, sorted; hidden ones are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not any(piece.startswith(".") for piece in path.relative_to(folder).parts)
    )


def _checked_size(image: Image.Image, name: str) -> Image.Image:
    columns, rows = image.size
    if columns * rows > MAX_PIXELS:
        raise UserError(
            f"{name} has {columns * rows / 1e6:.0f} megapixels; at most {MAX_PIXELS // 10**6} are taken, "
            "so make it smaller first."
        )
    if min(columns, rows) < MIN_SIDE_PIXELS:
        raise UserError(
            f"{name} is {columns} x {rows} pixels; at least {MIN_SIDE_PIXELS} x {MIN_SIDE_PIXELS} are needed."
        )
    return image


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise UserError(f"An array image is (rows, columns, 3) or (rows, columns), not {array.shape}.")
    if np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all() or array.min(initial=0) < 0 or array.max(initial=0) > 1:
            raise UserError("An image given as an array of floats holds values from 0 to 1; give uint8 for 0 to 255.")
        array = (array * 255).round().astype(np.uint8)
    if array.dtype != np.uint8:
        raise UserError(f"An array image is uint8 (0 to 255) or float (0 to 1), not {array.dtype}.")
    return Image.fromarray(array).convert("RGB")


def _to_rgb(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":  # 16 or more bits of grey: Pillow would clip at 255
        values = np.asarray(image, dtype=np.float32)
        full = 65535 if values.max(initial=0) > 255 else 255
        return Image.fromarray((values.clip(0, full) * (255 / full)).round().astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")
