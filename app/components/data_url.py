"""Images as data URLs, which the browser shows without asking the server again."""

import base64
import io

import numpy as np
from PIL import Image


def jpeg_url(image: Image.Image, size: tuple[int, int]) -> str:
    """An image, shrunk to at most `size` (width, height), as a JPEG in a data URL."""
    small = image.copy()
    small.thumbnail(size)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=90, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def pixels_url(pixels: np.ndarray) -> str:
    """(H, W, 3) uint8 -> a JPEG in a data URL."""
    return jpeg_url(Image.fromarray(pixels), pixels.shape[1::-1])
