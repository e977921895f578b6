"""The two colours of an explanation: what speaks for a match, and what speaks against it."""

import numpy as np

FOR, AGAINST = (63, 111, 224), (217, 80, 43)  # the app's scene.css has the same
OVER_A_PICTURE = 0.78  # of the strongest colour, so that the picture stays to be seen


def signed_colours(values: np.ndarray, top: float, over: bool = False) -> np.ndarray:
    """(H, W) -> (H, W, 4) uint8, RGBA: blue above zero, orange below, clear at zero, full at `top` and -`top`."""
    shares = np.clip(values / top if top > 0 else np.zeros_like(values), -1, 1)
    colours = np.where(shares[..., None] >= 0, np.array(FOR), np.array(AGAINST))
    strength = np.abs(shares) ** 0.8 * (OVER_A_PICTURE if over else 1)
    return np.dstack([colours, strength * 255]).round().astype(np.uint8)
