"""Ranks of some gallery images, computed without sorting the others.

`core.evaluation.ranking` counts the images after each true match instead: that is faster for the few true matches of a
probe in a benchmark, and slower for many.
"""

import numpy as np


def ranks_of(scores: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Compute the ranks of some positions, without sorting the others.

    Args:
        scores: (K,) scores.
        positions: (N,) positions in ascending order.

    Returns:
        (N,) ranks from 1, in the order of `find_best`.
    """
    scores = np.where(np.isnan(scores), -np.inf, scores)
    levels = np.unique(scores[positions])
    level = np.searchsorted(levels, scores)  # number of levels below each score
    on_level = scores == np.append(levels, np.nan)[level]
    equals, others = np.flatnonzero(on_level), level[~on_level]
    # above[n]: number of the other scores that are above at least n levels
    above = np.bincount(others, minlength=len(levels) + 1)[::-1].cumsum()[::-1]
    order = np.argsort(-scores[equals], kind="stable")
    ranks = np.empty(len(order), int)
    ranks[order] = np.arange(1, len(order) + 1) + above[level[equals[order]] + 1]
    return ranks[np.searchsorted(equals, positions)]
