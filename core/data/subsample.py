"""Some of many images, where all of them would take too long."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

REFERENCE_IMAGES = 64  # images of a gallery in the average that an explanation is measured from


def sample(items: Sequence[T], most: int) -> tuple[T, ...]:
    """At most so many of them, evenly drawn."""
    places = np.unique(np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int))
    return tuple(items[place] for place in places)
