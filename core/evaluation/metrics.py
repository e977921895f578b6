"""Retrieval metrics: Recall@K, average precision by three definitions, and inverse negative penalty.

All metrics are computed from the ranks of the true matches. Functions with a plural name take the `Ranks` of Q probes
and return an array (Q,). The value of a probe without a true match is NaN, so take means with `np.nanmean`. Functions
with a singular name take the ranks of one probe.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.evaluation.ranking import Ranks


def rectangle(hit: np.ndarray, rank: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the precision at each true match.

    Args:
        hit: The number of the true match among those of its probe, from 1.
        rank: The rank of the true match, from 1.
        count: The number of true matches of the probe. Not used.
    """
    return hit / rank


def trapezoid(hit: np.ndarray, rank: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the mean of the precision at each true match and the precision one rank before.

    The precision before rank 1 is 1. Arguments as for `rectangle`.
    """
    before = np.where(rank > 1, (hit - 1) / np.maximum(rank - 1, 1), 1)
    return (hit / rank + before) / 2


def authors_2017(hit: np.ndarray, rank: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the precision at each true match, and 0 at the last one.

    Arguments as for `rectangle`.
    """
    return hit / rank * (hit < count)


@dataclass(frozen=True)
class Definition:
    """A definition of average precision: the mean of `precision` over the true matches of a probe."""

    precision: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    explanation: str  # one sentence, shown in the app


AVERAGE_PRECISIONS = {
    "rectangle": Definition(rectangle, "The mean of the precision at each true match: the usual definition today."),
    "trapezoid": Definition(
        trapezoid,
        "The area under the precision-recall curve with linear interpolation, starting at precision 1: the official "
        "evaluation of Market-1501. It is never above the rectangle.",
    ),
    "authors 2017": Definition(
        authors_2017,
        "The paper's definition: the rectangle without the last true match. A probe with one true match scores 0 even "
        "at rank 1.",
    ),
}


def first_ranks(ranks: Ranks) -> np.ndarray:
    """Return the rank of each probe's first true match, (Q,)."""
    return _value_per_probe(ranks, ranks.offsets[:-1])


def average_precisions(ranks: Ranks, definition: str = "rectangle") -> np.ndarray:
    """Compute the average precision of each probe, (Q,), from 0 to 1.

    Args:
        ranks: Ranks of the true matches of Q probes.
        definition: A key of AVERAGE_PRECISIONS.
    """
    counts = ranks.counts
    precisions = AVERAGE_PRECISIONS[definition].precision(ranks.hits, ranks.values, np.repeat(counts, counts))
    sums = np.bincount(ranks.probes, weights=precisions, minlength=len(counts))
    return sums / np.where(counts > 0, counts, np.nan)


def inverse_negative_penalties(ranks: Ranks) -> np.ndarray:
    """Compute (number of true matches) / (rank of the last one) for each probe, (Q,).

    The mean over probes is mINP.

    Source:
        Ye et al., TPAMI 2021.
    """
    return ranks.counts / _value_per_probe(ranks, ranks.offsets[1:] - 1)


def _value_per_probe(ranks: Ranks, positions: np.ndarray) -> np.ndarray:
    """Return ranks.values at positions (Q,), and NaN for probes without a true match."""
    values = np.full(len(positions), np.nan)
    has_match = ranks.counts > 0
    values[has_match] = ranks.values[positions[has_match]]
    return values


def recall_at(first_ranks: np.ndarray, k: int) -> float:
    """Compute the share of probes with a true match among the first k results.

    Args:
        first_ranks: (Q,) rank of each probe's first true match. Probes with NaN do not count.
        k: The number of results.
    """
    return float((first_ranks[~np.isnan(first_ranks)] <= k).mean())


def average_precision(ranks: np.ndarray, definition: str = "rectangle") -> float:
    """Compute the average precision of one probe, from 0 to 1.

    Args:
        ranks: The ranks of the probe's true matches in ascending order.
        definition: A key of AVERAGE_PRECISIONS.
    """
    hits = np.arange(1, len(ranks) + 1)
    return float(AVERAGE_PRECISIONS[definition].precision(hits, ranks, hits[-1]).mean())
