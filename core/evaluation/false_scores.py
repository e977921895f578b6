"""The scores of false matches, estimated from unlabelled images.

Nearly all pairs of images from different cameras show different people. With N people seen by each camera, about one
pair in N is a true match. The highest scores are therefore a mixture of false matches and a small share of true
matches. `FalseScores.fit` fits both parts of the mixture to the highest tenth of the scores, without labels.

A cosine similarity ends at 1, which bends the tail of its distribution. Fisher's transformation z = artanh(score) takes
the bend away, and the tail of the false matches is close to that of a normal distribution.
"""

from dataclasses import dataclass

import numpy as np

from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError
from core.evaluation.verification import BINS, EDGES, SCORE_BLOCK_BYTES, share_above

TAIL = 0.1  # share of the scores that is fitted
MAX_IMAGES = 3000  # drawn from the images, so that the scores fit into memory
MIN_PAIRS = 1000  # with fewer pairs the tail has fewer than 100 scores
MIN_TAIL_BINS = 5  # the mixture has five parameters
TYPICAL_TRUE_SHARE = 0.01  # centre of the weak prior of the share of true matches in the tail's scores
PRIOR_WEIGHT = 1e-4  # of the prior, as a share of the log-likelihood of one score
MAX_SCORE = 0.9999  # beyond it, z grows without limit


@dataclass(frozen=True)
class CrossCameraScores:
    """The scores of all pairs of unlabelled images from different cameras.

    Attributes:
        counts: A histogram (BINS,) of the scores.
        images: Number of images.
        cameras: Number of cameras; 0 if they are unknown, and then all pairs count.
    """

    counts: np.ndarray
    images: int
    cameras: int


def count_cross_camera(descriptors: np.ndarray, cameras: np.ndarray, seed: int = 0) -> CrossCameraScores:
    """Count the scores of all pairs of images from different cameras.

    Args:
        descriptors: Unit descriptors (N, D). At most 3,000 of them are drawn.
        cameras: (N,) camera of each. Without two known cameras, all pairs count.
        seed: The seed of the draw.

    Raises:
        UserError: If there are fewer than 1,000 pairs.
    """
    if len(descriptors) > MAX_IMAGES:
        drawn = np.sort(np.random.default_rng(seed).permutation(len(descriptors))[:MAX_IMAGES])
        descriptors, cameras = descriptors[drawn], cameras[drawn]
    known = np.unique(cameras[cameras != UNKNOWN_CAMERA])
    counts, numbers = np.zeros(BINS, np.int64), np.arange(len(descriptors))
    size = max(1, SCORE_BLOCK_BYTES // (4 * max(1, len(descriptors))))
    for rows in (numbers[start : start + size] for start in range(0, len(descriptors), size)):
        counted = rows[:, None] < numbers  # each pair once
        if len(known) > 1:
            counted &= _differ(cameras[rows][:, None], cameras)
        scores = (descriptors[rows] @ descriptors.T)[counted]
        counts += np.bincount(np.clip(((scores + 1) * (BINS / 2)).astype(int), 0, BINS - 1), minlength=BINS)
    if counts.sum() < MIN_PAIRS:
        raise UserError(
            f"There are {counts.sum():,} pairs of images from different cameras. The scores of false matches need at "
            f"least {MIN_PAIRS:,}."
        )
    return CrossCameraScores(counts, len(descriptors), len(known) if len(known) > 1 else 0)


@dataclass(frozen=True)
class FalseScores:
    """The distribution of the scores of false matches: counted below `start`, and a normal tail of z above it.

    Attributes:
        counts: A histogram (BINS,) of all pairs.
        start: The score at which the fitted tail starts.
        mean, deviation: Of the normal distribution of z whose tail is used.
        tail: The share of the false matches that score above `start`.
        true_share: The estimated share of true matches in all pairs.
    """

    counts: np.ndarray
    start: float
    mean: float
    deviation: float
    tail: float
    true_share: float

    @classmethod
    def fit(cls, counts: np.ndarray) -> "FalseScores":
        """Fit the mixture by maximum likelihood.

        z of the scores above the 90 % quantile follows w N(m1, s1) + (1 - w) N(m0, s0), both cut off at the quantile.
        The first part stands for the true matches. A weak prior keeps w near 1 % where the scores do not determine it.

        Args:
            counts: A histogram (BINS,) of the scores of unlabelled pairs.

        Raises:
            UserError: If the scores above the quantile are in fewer than five bins.
        """
        from scipy.optimize import minimize
        from scipy.special import ndtr

        z, total = to_z((EDGES[:-1] + EDGES[1:]) / 2), counts.sum()
        first = int(np.searchsorted(np.cumsum(counts), (1 - TAIL) * total)) + 1
        if np.count_nonzero(counts[first:]) < MIN_TAIL_BINS:
            raise UserError("The highest scores are too few or too similar to estimate the scores of false matches.")
        weights = counts[first:] / counts[first:].sum()
        edges = to_z(EDGES[first:-1])  # the last bin is open
        mean = float(z @ counts / total)
        deviation = float(np.sqrt((z - mean) ** 2 @ counts / total))

        def masses(centre: float, log_deviation: float) -> np.ndarray:
            above = ndtr((centre - edges) / np.exp(log_deviation))
            return (above - np.append(above[1:], 0)) / max(above[0], 1e-300)

        def loss(values: np.ndarray) -> float:
            mixed = _sigmoid(values[2])
            masses_of_both = (1 - mixed) * masses(*values[:2]) + mixed * masses(*values[3:])
            prior = ((values[2] - _logit(TYPICAL_TRUE_SHARE)) / 2) ** 2 + ((values[4] - np.log(0.3)) / 0.3) ** 2
            return float(-weights @ np.log(np.maximum(masses_of_both, 1e-300)) + PRIOR_WEIGHT * prior)

        high = edges[np.searchsorted(np.cumsum(weights), 0.99)]
        starts = [
            [mean, np.log(deviation), _logit(share), centre, np.log(0.3)]
            for share, centre in ((0.02, edges[0] + 0.5), (0.1, float(high)))
        ]
        bounds = [(mean - 5, edges[0] + 1), (-4, 1), (-9, 0), (edges[0] - 0.5, 4), (-2.5, 0.5)]
        best = min(
            (minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts), key=lambda one: one.fun
        )
        share = _sigmoid(best.x[2]) * counts[first:].sum() / total
        tail = (counts[first:].sum() / total - share) / (1 - share)
        return cls(counts, float(EDGES[first]), float(best.x[0]), float(np.exp(best.x[1])), float(tail), float(share))

    def rate(self, threshold: float) -> float:
        """Return the false-match rate: the share of the false matches at or above a threshold."""
        from scipy.special import log_ndtr

        if threshold <= self.start:
            return float((share_above(self.counts, threshold) - self.true_share) / (1 - self.true_share))
        at, start = log_ndtr((self.mean - to_z(np.array([threshold, self.start]))) / self.deviation)
        return float(self.tail * np.exp(at - start))

    def threshold(self, rate: float) -> float:
        """Return the threshold for a false-match rate, the inverse of `rate`."""
        from scipy.optimize import brentq

        if rate >= 1:
            return -1.0
        if rate <= self.rate(MAX_SCORE):
            return MAX_SCORE
        return float(brentq(lambda score: np.log(max(self.rate(score), 1e-300) / rate), -MAX_SCORE, MAX_SCORE))


def to_z(score: float | np.ndarray) -> np.ndarray:
    """Return Fisher's z of scores, artanh(score)."""
    return np.arctanh(np.clip(score, -MAX_SCORE, MAX_SCORE))


def _differ(camera: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return whether both cameras are known and differ."""
    return (others != camera) & (others != UNKNOWN_CAMERA) & (camera != UNKNOWN_CAMERA)


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
