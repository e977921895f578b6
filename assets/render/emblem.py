"""Prints on chest and back of the shipped set: a small bitmap, and where it is stamped."""

import numpy as np


def draw_emblem(rng):
    """A small symmetric emblem, or bars like lines of text, as a bitmap (rows, columns)."""
    if rng.random() < 0.5:
        half = rng.random((5, 4)) < 0.55
        return np.concatenate([half, half[:, ::-1]], 1)
    bars = np.zeros((7, 12), bool)
    for row in ((1,), (1, 4), (1, 3, 5))[rng.integers(3)]:
        start, end = sorted(rng.choice(13, 2, replace=False))
        bars[row : row + 2, min(start, 2) : max(end, 9)] = True
    return bars


def stamped(bitmap, u, v):
    """(N,), (N,) in [0, 1], v upwards -> (N,) bool; outside nothing is stamped."""
    rows, columns = bitmap.shape
    inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
    i, j = np.clip((v * rows).astype(int), 0, rows - 1), np.clip((u * columns).astype(int), 0, columns - 1)
    return inside & bitmap[rows - 1 - i, j]
