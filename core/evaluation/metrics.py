"""Retrieval metrics from ranks: Recall@K, average precision in its three usual definitions, inverse negative penalty.

All they need are the ranks of each probe's right answers. Plural names take the Ranks of Q probes and give an array
(Q,), in which a probe without right answers is NaN: take means with np.nanmean. Singular names take one probe.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.evaluation.ranking import Ranks


def rectangle(hit: np.ndarray, rank: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Number of a right answer among all `answers` of its probe, its rank -> the precision there."""
    return hit / rank


def trapezoid(hit: np.ndarray, rank: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """The same -> mean of the precision at this rank and one rank before, which is 1 before the first rank."""
    before = np.where(rank > 1, (hit - 1) / np.maximum(rank - 1, 1), 1)
    return (hit / rank + before) / 2


def authors_2017(hit: np.ndarray, rank: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """The same -> the precision there, but nothing for the last right answer."""
    return hit / rank * (hit < answers)


@dataclass(frozen=True)
class Definition:
    """A definition of average precision: the mean of `precision` over a probe's right answers."""

    precision: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    explanation: str  # one sentence for people


AVERAGE_PRECISIONS = {
    "rectangle": Definition(rectangle, "Mean of the precision at each right answer: what today's code bases report."),
    "trapezoid": Definition(
        trapezoid,
        "Area under straight lines between the points of the precision-recall curve, from precision 1: Market-1501's "
        "official evaluation, never above the rectangle.",
    ),
    "authors 2017": Definition(
        authors_2017,
        "As the paper's authors computed it: the rectangle without the last right answer's share, so that a probe with "
        "one right answer scores 0 even at rank 1.",
    ),
}


def first_ranks(ranks: Ranks) -> np.ndarray:
    """Ranks -> (Q,) rank of each probe's best right answer."""
    return _of_each_probe(ranks, ranks.offsets[:-1])


def average_precisions(ranks: Ranks, definition: str = "rectangle") -> np.ndarray:
    """Ranks -> (Q,) average precision in 0..1 by one of AVERAGE_PRECISIONS."""
    counts = ranks.counts
    parts = AVERAGE_PRECISIONS[definition].precision(ranks.hits, ranks.values, np.repeat(counts, counts))
    sums = np.bincount(ranks.probes, weights=parts, minlength=len(counts))
    return sums / np.where(counts > 0, counts, np.nan)


def inverse_negative_penalties(ranks: Ranks) -> np.ndarray:
    """Ranks -> (Q,) right answers divided by the rank of the last of them (Ye et al., TPAMI 2021); the mean is mINP."""
    return ranks.counts / _of_each_probe(ranks, ranks.offsets[1:] - 1)


def _of_each_probe(ranks: Ranks, where: np.ndarray) -> np.ndarray:
    """Positions (Q,) in ranks.values -> (Q,) values there, NaN for probes without right answers."""
    values = np.full(len(where), np.nan)
    answered = ranks.counts > 0
    values[answered] = ranks.values[where[answered]]
    return values


def recall_at(first_ranks: np.ndarray, k: int) -> float:
    """(Q,) rank of each probe's first right answer -> share with one among the first k (NaN: left out)."""
    return float((first_ranks[~np.isnan(first_ranks)] <= k).mean())


def average_precision(ranks: np.ndarray, definition: str = "rectangle") -> float:
    """Sorted ranks of a probe's right answers -> average precision in 0..1 by one of AVERAGE_PRECISIONS."""
    hits = np.arange(1, len(ranks) + 1)
    return float(AVERAGE_PRECISIONS[definition].precision(hits, ranks, hits[-1]).mean())
