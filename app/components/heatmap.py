"""Heat maps: numbers as colours of small images, and the colour scale."""

import base64
import io
from functools import cache

import numpy as np
from PIL import Image

from app.components.region_scene import Box, Item, image, text
from core.colours import HEAT_OPACITY, signed_colours


def glow(values: np.ndarray, top: float, over: bool = False) -> str:
    """Colour values (H, W) from 0 to `top`, dark to light -> a PNG as a data URL; `over` makes low values clear."""
    shares = np.clip(values / top if top > 0 else np.zeros_like(values), 0, 1)
    colours = _inferno()[(shares * 255).round().astype(int)]
    strength = np.clip(shares * 2.5, 0, HEAT_OPACITY) if over else np.ones_like(shares)
    return _png(np.dstack([colours, strength * 255]).round().astype(np.uint8))


def signed(values: np.ndarray, top: float, over: bool = False) -> str:
    """Colour signed values (H, W) -> a PNG as a data URL: blue above zero, orange below, clear at zero."""
    return _png(signed_colours(values, top, over))


def scale(box: Box, top: float, both: bool = False, label: str = "") -> list[Item]:
    """Draw a colour scale from 0, or from -`top` if `both`, to `top`, with its ends and a label below."""
    left, y, width, height = box
    ramp = np.linspace(-top if both else 0, top, 96)[None]
    end = f"{top:,.0f}" if top >= 1000 else f"{top:.{2 if both else 3}g}"
    ends = (f"−{end}", f"+{end}") if both else ("0", end)
    return [
        image(box, signed(ramp, top) if both else glow(ramp, top)),
        text((left, y + height + 13), ends[0], 11, tone="quiet"),
        text((left + width / 2, y + height + 13), label, 11, "middle", "quiet"),
        text((left + width, y + height + 13), ends[1], 11, "end", "quiet"),
    ]


def colours(count: int = 64) -> list[list[int]]:
    """Return colours of `glow`, dark to light, for the browser."""
    return _inferno()[np.linspace(0, 255, count).round().astype(int)].tolist()


@cache
def _inferno() -> np.ndarray:
    """Return the colour map Inferno (256, 3) uint8."""
    from plotly.colors import sample_colorscale

    colours = sample_colorscale("Inferno", list(np.linspace(0, 1, 256)), colortype="tuple")
    return (np.array(colours) * 255).round().astype(np.uint8)


def _png(pixels: np.ndarray) -> str:
    """Encode RGBA pixels (H, W, 4) uint8 as a PNG in a data URL."""
    file = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
