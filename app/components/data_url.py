"""Images as data URLs, which need no further request to the server."""

import base64
import io

import numpy as np
from PIL import Image


def jpeg_url(image: Image.Image, size: tuple[int, int]) -> str:
    """Encode an image, reduced to at most `size` (width, height), as a JPEG in a data URL."""
    small = image.copy()
    small.thumbnail(size)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=90, subsampling=0, comment=b"")  # not the comment of the original
    return data_url(file.getvalue())


def data_url(jpeg: bytes) -> str:
    """Return the data URL of a JPEG file."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def pixels_url(pixels: np.ndarray) -> str:
    """Encode pixels (H, W, 3) uint8 as a JPEG in a data URL."""
    return jpeg_url(Image.fromarray(pixels), pixels.shape[1::-1])
