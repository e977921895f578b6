"""Colours that mean the same in figures for print, in films and in the app."""

import numpy as np

INK, QUIET, RULE = "#19191e", "#696b73", "#bec0c6"  # words, words of less weight, lines
FOR, AGAINST = (63, 111, 224), (217, 80, 43)  # a match; app/components/region_scene.css has the same
SAME, DIFFERENT, OVERLAP = "#1d9a56", "#c8443c", "#8b90a0"  # pairs of one person and of two; what lies under both
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
OTHER_COLOUR = "#9a9aa2"  # kinds that have no colour of their own
HEAT_OPACITY = 0.78  # of the strongest colour, so that the image stays to be seen


def signed_colours(values: np.ndarray, top: float, over: bool = False) -> np.ndarray:
    """(H, W) -> (H, W, 4) uint8, RGBA: blue above zero, orange below, clear at zero, full at `top` and -`top`."""
    shares = np.clip(values / top if top > 0 else np.zeros_like(values), -1, 1)
    colours = np.where(shares[..., None] >= 0, np.array(FOR), np.array(AGAINST))
    strength = np.abs(shares) ** 0.8 * (HEAT_OPACITY if over else 1)
    return np.dstack([colours, strength * 255]).round().astype(np.uint8)
