"""Some of many pictures, where all of them would take too long."""

import numpy as np

AVERAGED = 64  # pictures of a gallery in the average that an explanation is measured from


def sample(paths: list[str], most: int) -> tuple[str, ...]:
    """At most so many of them, evenly drawn."""
    places = np.unique(np.linspace(0, len(paths) - 1, min(most, len(paths))).round().astype(int))
    return tuple(paths[place] for place in places)
