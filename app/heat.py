"""Numbers as colours: small pictures that a scene lays over others, and the scale that says what they mean."""

import base64
import io
from functools import cache

import numpy as np
from PIL import Image

from app.scene import Box, Item, image, text

FOR, AGAINST = (63, 111, 224), (217, 80, 43)  # what speaks for a match, and against it; as in scene.css
OVER_A_PICTURE = 0.78  # of the strongest colour, so that the picture stays to be seen


def glow(values: np.ndarray, top: float, over: bool = False) -> str:
    """(H, W), at least 0 -> a PNG as a data URL: dark to light, up to `top`; over a picture, low values are clear."""
    shares = np.clip(values / top if top > 0 else np.zeros_like(values), 0, 1)
    colours = _inferno()[(shares * 255).round().astype(int)]
    strength = np.clip(shares * 2.5, 0, OVER_A_PICTURE) if over else np.ones_like(shares)
    return _png(colours, strength)


def signed(values: np.ndarray, top: float, over: bool = False) -> str:
    """(H, W) -> a PNG as a data URL: blue above zero, orange below, clear at zero, full at `top` and -`top`."""
    shares = np.clip(values / top if top > 0 else np.zeros_like(values), -1, 1)
    colours = np.where(shares[..., None] >= 0, np.array(FOR), np.array(AGAINST))
    return _png(colours, np.abs(shares) ** 0.8 * (OVER_A_PICTURE if over else 1))


def scale(box: Box, top: float, both: bool = False, words: str = "") -> list[Item]:
    """A bar from 0, or from -top, to top, with its ends, beyond which colours stay the same, written below it."""
    left, y, width, height = box
    ramp = np.linspace(-top if both else 0, top, 96)[None]
    end = f"{top:,.0f}" if top >= 1000 else f"{top:.{2 if both else 3}g}"
    ends = (f"−{end}", f"+{end}") if both else ("0", end)
    return [
        image(box, signed(ramp, top) if both else glow(ramp, top)),
        text((left, y + height + 13), ends[0], 11, tone="quiet"),
        text((left + width / 2, y + height + 13), words, 11, "middle", "quiet"),
        text((left + width, y + height + 13), ends[1], 11, "end", "quiet"),
    ]


@cache
def _inferno() -> np.ndarray:
    """(256, 3) uint8."""
    from plotly.colors import sample_colorscale

    colours = sample_colorscale("Inferno", list(np.linspace(0, 1, 256)), colortype="tuple")
    return (np.array(colours) * 255).round().astype(np.uint8)


def _png(colours: np.ndarray, strength: np.ndarray) -> str:
    pixels = np.dstack([colours, strength * 255]).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
