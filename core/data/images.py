"""Opening of images: files, bytes, PIL images and arrays become upright RGB images.

All images are opened here. An image that cannot be used raises UserError with one sentence for the user.
"""

import io
import os
import warnings
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, features

from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.data.boxes import crop, split_box
from core.data.cuhk03_mat import find_mat_above, read_image
from core.errors import UserError

FORMATS: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".avif", ".heic", ".heif")  # images in a folder
if features.check("avif"):  # Pillow's wheels read it from version 11.3 on
    FORMATS += ("AVIF",)
with suppress(ImportError):  # without the package, HEIC is an unsupported format
    import pi_heif  # pillow-heif without its encoder, which is under the GPL

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    FORMATS += ("HEIF",)  # of .heic and .heif files
MAX_PIXELS = 50_000_000  # the resolution of a good camera; decoded it takes 150 MB
MIN_SIDE_PIXELS = 8  # a smaller image shows too little of a person
PERSON_SHAPE = (1.5, 4.5)  # range of height / width of a standing person; most data sets have 2 to 3

Source = str | os.PathLike | bytes | BinaryIO | Image.Image | np.ndarray


def open_image(source: Source) -> Image.Image:
    """Open an image as an upright RGB image.

    An animation gives its first frame. Transparent pixels are put on a white background. 16-bit values are scaled to 8
    bits. The content determines the format of a file, not its name.

    Args:
        source: A path (also a path inside CUHK03's .mat file, or of a crop: core.data.boxes), the bytes of a file, an
            open file, a PIL image, or an array (H, W, 3) or (H, W) of uint8 or of floats in 0..1.

    Raises:
        UserError: If the source is missing, not an image, too large, too small or damaged.
    """
    if isinstance(source, np.ndarray):
        return _checked_size(_from_array(source), "The array")
    if isinstance(source, Image.Image):
        return _to_rgb(_checked_size(source, "The image"))
    if isinstance(source, (str, os.PathLike)) and find_mat_above(source):
        return open_image(read_image(source))
    if isinstance(source, (str, os.PathLike)) and (found := split_box(source)):
        frame, box = found
        return _checked_size(crop(_open_frame(frame, frame.stat().st_mtime_ns), box, frame.name), Path(source).name)
    name = Path(source).name if isinstance(source, (str, os.PathLike)) else "The upload"
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # MAX_PIXELS is checked first
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
        raise UserError(f"There is no permission to read {file}.") from None
    except Image.DecompressionBombError:
        raise UserError(f"{name} has far more than {MAX_PIXELS // 10**6} megapixels; resize it first.") from None
    except Image.UnidentifiedImageError:
        raise UserError(f"{name} is not an image in a supported format; use {', '.join(FORMATS)}.") from None
    except Exception:  # Pillow's decoders raise many kinds of error on damaged files
        raise UserError(f"{name} is a damaged or truncated image; save or download it again.") from None


def resize(image: Image.Image) -> np.ndarray:
    """Resize an RGB image of any size to uint8 (3, 160, 60), the input size of all networks."""
    small = image.resize((IMAGE_COLUMNS, IMAGE_ROWS), Image.Resampling.BILINEAR)
    return np.asarray(small).transpose(2, 0, 1)


def file_of(path: str | os.PathLike) -> Path:
    """Return the file that contains an image: the image file itself, that of a crop, or CUHK03's .mat file."""
    if found := split_box(path):
        return found[0]
    return find_mat_above(path) or Path(path)


def read_content(path: str | os.PathLike) -> bytes:
    """Return the bytes that identify an image's content: those of its file, or its pixels inside a .mat file.

    A crop of an image file (core.data.boxes) gives a BMP file, or its image file if it cannot be cut out.
    """
    if found := split_box(path):
        buffer = io.BytesIO()
        try:
            open_image(path).save(buffer, "BMP")
        except UserError:
            return found[0].read_bytes()
        return buffer.getvalue()
    return read_image(path).tobytes() if find_mat_above(path) else Path(path).read_bytes()


def upright_size(source: bytes) -> tuple[int, int]:
    """Return the columns and rows of an image file after rotation to upright, without decoding it.

    Args:
        source: The bytes of a file.

    Returns:
        (columns, rows), or (0, 0) if the file is not a readable image.
    """
    try:
        with Image.open(io.BytesIO(source), formats=FORMATS) as image:
            rotated = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
            return image.size[::-1] if rotated else image.size
    except Exception:  # damaged file; open_image gives the reason
        return 0, 0


def list_image_files(folder: Path) -> list[Path]:
    """List all files below a folder that are named like images, sorted. Hidden files and folders are skipped."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not any(piece.startswith(".") for piece in path.relative_to(folder).parts)
    )


@lru_cache(maxsize=2)
def _open_frame(file: Path, changed: int) -> Image.Image:
    """Open an image file with several boxes once. `changed` is the time of the file's last change."""
    return open_image(file)


def _checked_size(image: Image.Image, name: str) -> Image.Image:
    columns, rows = image.size
    if columns * rows > MAX_PIXELS:
        raise UserError(
            f"{name} has {columns * rows / 1e6:.0f} megapixels; the limit is {MAX_PIXELS // 10**6}. Resize it first."
        )
    if min(columns, rows) < MIN_SIDE_PIXELS:
        raise UserError(
            f"{name} has {columns} x {rows} pixels; at least {MIN_SIDE_PIXELS} x {MIN_SIDE_PIXELS} are needed."
        )
    return image


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise UserError(f"An image array must have the shape (rows, columns, 3) or (rows, columns), not {array.shape}.")
    if np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all() or array.min(initial=0) < 0 or array.max(initial=0) > 1:
            raise UserError(
                "An image array of floats must have values from 0 to 1; use uint8 for values from 0 to 255."
            )
        array = (array * 255).round().astype(np.uint8)
    if array.dtype != np.uint8:
        raise UserError(f"An image array must be uint8 (0 to 255) or float (0 to 1), not {array.dtype}.")
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
