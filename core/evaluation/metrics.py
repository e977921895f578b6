"""Retrieval metrics from ranks: Recall@K, average precision, inverse negative penalty.

A probe's gallery is ranked by falling score; equal scores keep the order of the gallery. All that the metrics need
are the ranks of the probe's right answers, and those are counted, not sorted: one plus the number of better scores.
"""

import numpy as np


def ranks_of_matches(scores: np.ndarray, match: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """(G,) scores, (G,) right answers, (G,) what counts at all -> sorted ranks (from 1) of the valid right answers."""
    matches = np.flatnonzero(match & valid)
    places = np.flatnonzero(valid)
    better = scores[places] > scores[matches, None]
    tied_before = (scores[places] == scores[matches, None]) & (places < matches[:, None])
    return np.sort(1 + (better | tied_before).sum(1))


def recall_at(first_ranks: np.ndarray, k: int) -> float:
    """(Q,) rank of each probe's first right answer -> share of probes with one among the first k."""
    return float((first_ranks <= k).mean())


def average_precision(ranks: np.ndarray) -> float:
    """Sorted ranks of a probe's right answers -> mean of the precision at each of them (the rectangle rule)."""
    return float((np.arange(1, len(ranks) + 1) / ranks).mean())


def inverse_negative_penalty(ranks: np.ndarray) -> float:
    """Right answers divided by the rank of the last of them (Ye et al., TPAMI 2021); its mean is mINP."""
    return len(ranks) / float(ranks[-1])
