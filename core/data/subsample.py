"""Evenly spaced samples of long lists."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

REFERENCE_IMAGES = 64  # gallery images whose mean is the baseline of an attribution


def sample(items: Sequence[T], most: int) -> tuple[T, ...]:
    """Return at most `most` of the items, evenly spaced and in the same order."""
    positions = np.unique(np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int))
    return tuple(items[position] for position in positions)
