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
from core.data.bit_depth import raw_mode, stretch, stretch_sixteen_bits, strips_of
from core.data.boxes import crop, split_box
from core.data.cuhk03_mat import find_mat_above, read_image
from core.data.file_names import IMAGE_SUFFIXES, suffix_of
from core.data.folder_scan import scan_folder
from core.data.git_lfs import POINTER_START, pointer_sentence
from core.errors import UserError

FORMATS: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
if features.check("avif"):  # Pillow's wheels read it from version 11.3 on
    FORMATS += ("AVIF",)
with suppress(ImportError):  # without the package, HEIC is an unsupported format
    import pi_heif  # pillow-heif without its encoder, which is under the GPL

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    FORMATS += ("HEIF",)  # of .heic and .heif files
MAX_PIXELS = 25_000_000  # the resolution of a good camera; opening takes at most 8 bytes a pixel, 200 MB
MAX_WEBP_PIXELS = 12_000_000  # its decoder takes up to 16 bytes a pixel
MIN_SIDE_PIXELS = 8  # a smaller image shows too little of a person
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PERSON_SHAPE = (1.5, 4.5)  # range of height / width of a standing person; most data sets have 2 to 3

Source = str | os.PathLike | bytes | BinaryIO | Image.Image | np.ndarray


def open_image(source: Source) -> Image.Image:
    """Open an image as an upright RGB image.

    An animation gives its first frame, a TIFF file its first page. Transparent pixels are put on a white background.
    Grey and RGB images of 16 bits are scaled to 8 bits (core.data.bit_depth). The content determines the format of a
    file, not its name.

    Args:
        source: A path (also a path inside CUHK03's .mat file, or of a crop: core.data.boxes), the bytes of a file, an
            open file, a PIL image, or an array (H, W, 3) or (H, W) of uint8 or of floats in 0..1.

    Raises:
        UserError: If the source is missing, not an image, too large, too small or damaged.
    """
    if isinstance(source, np.ndarray):
        return _checked_size(_from_array(source), "The array")
    if isinstance(source, Image.Image):
        return _from_image(_checked_size(source, "The image"))
    if isinstance(source, (str, os.PathLike)) and find_mat_above(source):
        return open_image(read_image(source))
    if isinstance(source, (str, os.PathLike)) and (found := split_box(source)):
        frame, box = found
        return _checked_size(crop(_open_frame(frame, frame.stat().st_mtime_ns), box, frame.name), Path(source).name)
    name = Path(source).name if isinstance(source, (str, os.PathLike)) else "The upload"
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged tags, and about size: MAX_PIXELS is checked first
            with Image.open(file, formats=FORMATS) as image:
                _checked_size(image, name)
                if image.mode == "LAB":  # Pillow does not convert it
                    raise UserError(f"{name} has the colours of CIELAB; save it in RGB.")
                has_16_bits = image.mode == "RGB" and any(";16" in raw_mode(tile) for tile in image.tile)
                image.load()
                if has_16_bits and np.max(image.getextrema()) < 64:  # at most 14 bits are in use
                    return stretch_sixteen_bits(file, image)
                return _to_rgb(image)
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise UserError(f"{name} has far more than {MAX_PIXELS // 10**6} megapixels; resize it first.") from None
    except Image.UnidentifiedImageError:
        raise UserError(_unidentified(file, name)) from None
    except Exception as error:  # Pillow's decoders raise many kinds of error on damaged files
        if isinstance(error, OSError) and error.errno:
            raise UserError(_unreadable(file, error)) from None
        raise UserError(f"{name} is a damaged or truncated image; save or download it again.") from None


def resize(image: Image.Image, size: tuple[int, int] = (IMAGE_ROWS, IMAGE_COLUMNS)) -> np.ndarray:
    """Resize an RGB image of any size to uint8 (3, H, W), by default (3, 160, 60).

    Args:
        image: The image.
        size: H and W, the rows and columns of the result (`NetworkConfig.image_size`).
    """
    small = image.resize(size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(small).transpose(2, 0, 1)


def file_of(path: str | os.PathLike) -> Path:
    """Return the file that contains an image: the image file itself, that of a crop, or CUHK03's .mat file."""
    if found := split_box(path):
        return found[0]
    return find_mat_above(path) or Path(path)


def read_content(path: str | os.PathLike) -> bytes:
    """Return the bytes that identify an image's content: those of its file.

    An image inside a .mat file, and a crop of an image file (core.data.boxes), give a BMP file. A crop that cannot be
    cut out gives its image file.

    Raises:
        UserError: If the file cannot be read.
    """
    if find_mat_above(path):
        return _to_bmp(open_image(path))
    found = split_box(path)
    if found:
        with suppress(UserError):
            return _to_bmp(open_image(path))
    try:
        return (found[0] if found else Path(path)).read_bytes()
    except OSError as error:
        raise UserError(_unreadable(path, error)) from None


def _to_bmp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "BMP")
    return buffer.getvalue()


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
            return image.size[::-1] if rotated and image.format != "TIFF" else image.size  # a TIFF file's is upright
    except Exception:  # damaged file; open_image gives the reason
        return 0, 0


def list_image_files(folder: Path) -> list[Path]:
    """List all files below a folder that are named like images, sorted. Links are followed, hidden files skipped.

    Broken links named like images are listed too, so that their reader gives the reason for each.
    """
    scan = scan_folder(folder)
    broken = [path for path in scan.broken_links if suffix_of(path) in IMAGE_SUFFIXES]
    paths = [folder / path for path in scan.images + broken]
    return sorted(paths) if broken else paths


@lru_cache(maxsize=2)
def _open_frame(file: Path, changed: int) -> Image.Image:
    """Open an image file with several boxes once. `changed` is the time of the file's last change."""
    return open_image(file)


def _checked_size(image: Image.Image, name: str) -> Image.Image:
    columns, rows = image.size
    limit = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PIXELS
    if columns * rows > limit:
        raise UserError(
            f"{name} has {columns * rows / 1e6:.0f} megapixels; the limit is {limit // 10**6}. Resize it first."
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


def _from_image(image: Image.Image) -> Image.Image:
    try:
        return _to_rgb(ImageOps.exif_transpose(image))  # a copy
    except Exception:  # Pillow may read the file only now; as in `open_image`, decoders raise many kinds of error
        raise UserError("The image is damaged or truncated; save or download it again.") from None


def _to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image, which is changed, to an upright RGB image."""
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I") or image.mode == "F":  # 16 or more bits of grey: Pillow would clip at 255
        return stretch(lambda box: np.asarray(image.crop(box)), image.size)
    if image.has_transparency_data:
        return _on_white(image)
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    result = Image.new("RGB", image.size)
    for box in strips_of(image.size):
        strip = image.crop(box).convert("RGBA")
        white = Image.new("RGBA", strip.size, "white")
        result.paste(Image.alpha_composite(white, strip).convert("RGB"), box)
    return result


def _unreadable(file: str | os.PathLike | BinaryIO, error: OSError) -> str:
    """Return a sentence about a file that the operating system does not open or read."""
    if isinstance(error, FileNotFoundError):
        return f"There is no image at {file}."
    if isinstance(error, IsADirectoryError):
        return f"{file} is a folder, not an image."
    if isinstance(error, PermissionError):
        return f"There is no permission to read {file}."
    return f"{file} cannot be read: {error.strerror}."


def _unidentified(file: str | os.PathLike | BinaryIO, name: str) -> str:
    """Return a sentence about a file that Pillow does not recognise."""
    if isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as opened:
            start = opened.read(64)
    else:
        file.seek(0)
        start = file.read(64)
    if start.startswith(POINTER_START):
        return pointer_sentence(name, "the image")
    if start.startswith(TIFF_STARTS):
        return f"{name} is a TIFF file of an unsupported kind or is damaged; save it as PNG."
    return f"{name} is not an image in a supported format; use {', '.join(FORMATS)}."
