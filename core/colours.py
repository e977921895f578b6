"""Colours with the same meaning in figures, films and the app."""

import numpy as np

INK, QUIET, RULE = "#19191e", "#696b73", "#bec0c6"  # text, secondary text, lines
POSITIVE, NEGATIVE = (
    (63, 111, 224),
    (217, 80, 43),
)  # contributions; as in app/components/region_scene.css
SAME, DIFFERENT, OVERLAP = "#1d9a56", "#c8443c", "#8b90a0"  # positive pairs, negative pairs, the overlap of both
CATEGORY_COLOURS = (
    "#3d6fd9",
    "#e0812f",
    "#2a9d6f",
    "#c8443c",
    "#8a5bc7",
    "#8c6748",
    "#d667ad",
    "#b3a11c",
    "#27a5b8",
    "#5b6475",
    "#7fb24a",
    "#a33b6f",
)
OTHER_COLOUR = "#9a9aa2"  # categories without a colour of their own
HEAT_OPACITY = 0.78  # of the strongest colour over an image, so that the image stays visible


def signed_colours(values: np.ndarray, top: float, over: bool = False) -> np.ndarray:
    """Convert values to colours: blue above zero, orange below zero, transparent at zero.

    Args:
        values: (H, W).
        top: The absolute value with the strongest colour. Larger values have the same colour.
        over: Whether the colours are drawn over an image, which stays visible.

    Returns:
        RGBA, uint8 (H, W, 4).
    """
    shares = np.clip(values / top if top > 0 else np.zeros_like(values), -1, 1)
    colours = np.where(shares[..., None] >= 0, np.array(POSITIVE), np.array(NEGATIVE))
    strength = np.abs(shares) ** 0.8 * (HEAT_OPACITY if over else 1)
    return np.dstack([colours, strength * 255]).round().astype(np.uint8)
