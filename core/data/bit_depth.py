"""Images of more than 8 bits a channel become images of 8 bits, some rows at a time."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from core.data.boxes import Box

PIXELS_PER_STRIP = 2**18  # that are converted at a time
DEPTHS = (8, 10, 12, 14, 16, 24, 31)  # bits of sensors and files; Pillow's 32 bits have a sign


def strips_of(size: tuple[int, int]) -> Iterator[Box]:
    """Yield boxes of whole rows that cover an image: left, top, right, bottom."""
    columns, rows = size
    step = max(1, PIXELS_PER_STRIP // columns)
    for top in range(0, rows, step):
        yield 0, top, columns, min(top + step, rows)


def stretch(read: Callable[[Box], np.ndarray], size: tuple[int, int]) -> Image.Image:
    """Scale values from 0 to white to 8 bits. Negative values and NaN become black.

    Args:
        read: Returns the values of a box as integers or floats, (H, W) or (H, W, 3).
        size: The columns and rows of the image.
    """

    def strips() -> Iterator[np.ndarray]:
        for box in strips_of(size):
            values = read(box)
            yield np.where(np.isfinite(values), values, 0) if values.dtype.kind == "f" else values

    scale = np.float32(255 / _white(strips))
    result = Image.new("RGB", size)
    for box, values in zip(strips_of(size), strips(), strict=True):
        scaled = (values * scale).clip(0).round().astype(np.uint8)
        result.paste(Image.fromarray(scaled).convert("RGB"), box)
    return result


def _white(strips: Callable[[], Iterator[np.ndarray]]) -> float:
    """Return the value that stands for white in an image of more than 8 bits.

    A file of 16 bits does not say how many of them its sensor uses: 12 bits of a thermal camera, taken as 16, are
    black. White is the largest value of the smallest depth of 8, 10, 12, 14 and 16 bits that holds the image's maximum.
    An image with a value above 16,383 is thus scaled as 16 bits. So are dark images whose values are all multiples of
    4 or all multiples of 257: a program has scaled fewer bits up to 16. Other dark images become brighter, by a factor
    of 4 for each step of the depth. To avoid this, convert all images of a data set to 8 bits with one scale. Floats
    have white at 1 if none is larger.

    Args:
        strips: Returns the values of the image, some rows at a time.
    """
    most = max(values.max(initial=0) for values in strips())
    if most <= 1 and any(values.dtype.kind == "f" and (values != np.floor(values)).any() for values in strips()):
        return 1
    if 255 < most < 65535:
        is_scaled_up = any(not any((values.clip(0) % step).any() for values in strips()) for step in (4, 257))
        most = 65535 if is_scaled_up else most
    return next((2**bits - 1 for bits in DEPTHS if most < 2**bits), most)


def stretch_sixteen_bits(file: str | os.PathLike | BinaryIO, image: Image.Image) -> Image.Image:
    """Convert an RGB file of 16 bits, of which Pillow reads only the upper byte, to 8 bits.

    With the other byte order Pillow reads the lower byte.

    Args:
        file: The file.
        image: The image as Pillow reads it. It is changed.
    """
    other = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}
    with Image.open(file, formats=[image.format] if image.format else None) as lower:
        for number, tile in enumerate(lower.tile):
            mode = raw_mode(tile)
            mode = mode[:-1] + other[mode[-1]]
            lower.tile[number] = tile._replace(
                args=mode if isinstance(tile.args, str) else (mode, *(tile.args or ())[1:])
            )
        lower.load()
        for half in (image, lower):
            ImageOps.exif_transpose(half, in_place=True)

        def read(box: Box) -> np.ndarray:
            upper_byte, lower_byte = (np.asarray(half.crop(box), np.int32) for half in (image, lower))
            return 256 * upper_byte + lower_byte

        return stretch(read, image.size)


def raw_mode(tile) -> str:
    """Return how a part of an undecoded image is stored, such as `RGB;16B`."""
    mode = tile.args if isinstance(tile.args, str) else tile.args[0] if tile.args else ""
    return mode if isinstance(mode, str) else ""
