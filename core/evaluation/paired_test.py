"""A paired test: whether the difference of two models on the same probes is likely to be chance."""

from dataclasses import dataclass

import numpy as np

from core.evaluation.probe_values import IdentitySums
from core.evaluation.uncertainty import BLOCK_NUMBERS, Interval, percentile_intervals

FLIPS = 10_000  # random assignments of signs
SIGNIFICANT = 0.05
TOLERANCE = 1e-9  # of equal differences


@dataclass(frozen=True)
class Difference:
    """The difference of one metric, first minus second, in percentage points.

    Attributes:
        metric: The name of the metric.
        first: The metric of the first model, in percent.
        second: The metric of the second model, in percent.
        interval: The confidence interval of the difference, None if the probes do not allow one.
        p_value: The p-value of the paired test.
    """

    metric: str
    first: float
    second: float
    interval: Interval | None
    p_value: float

    @property
    def points(self) -> float:
        """First minus second, in percentage points."""
        return self.first - self.second

    @property
    def is_significant(self) -> bool:
        """Whether the p-value is below 0.05."""
        return self.p_value < SIGNIFICANT


def paired_differences(first: IdentitySums, second: IdentitySums, seed: int = 0) -> list[Difference]:
    """Compare two models by each metric.

    Args:
        first: The sums of the first model.
        second: Those of the second model, of the same probes.
        seed: The seed of the random signs and of the bootstrap.
    """
    difference = IdentitySums(first.metrics, first.sums - second.sums, first.counts, first.probes)
    columns = (
        first.metrics,
        first.means.tolist(),
        second.means.tolist(),
        percentile_intervals(difference, seed),
        sign_flip_test(difference, seed).tolist(),
    )
    return [Difference(*row) for row in zip(*columns, strict=True)]


def sign_flip_test(difference: IdentitySums, seed: int = 0, flips: int = FLIPS) -> np.ndarray:
    """Compute the two-sided p-value of each metric's difference by a permutation test, (M,).

    If the models are equally good, an identity is as likely to have the opposite difference. So the test changes the
    signs of the identities' differences at random. The p-value is the share of the assignments of signs, with the
    observed one, whose mean difference is at least as large. All probes of an identity keep one sign, because they
    depend on each other. With one probe per identity, the test of rank-1 is McNemar's exact test, up to the random
    choice of signs.

    Args:
        difference: The sums of (first - second) of each identity.
        seed: The seed of the signs.
        flips: The number of random assignments.

    Source:
        Smucker, Allan and Carterette, A comparison of statistical significance tests for information retrieval
        evaluation, CIKM 2007. Phipson and Smyth, Permutation p-values should never be zero, 2010.
    """
    each = (difference.sums / difference.counts.sum(0)[:, None]).mean(1)  # (I, M), its sum is the difference
    observed, random = np.abs(each.sum(0)), np.random.default_rng(seed)
    larger, size = np.ones(each.shape[1]), max(1, BLOCK_NUMBERS // len(each))
    for start in range(0, flips, size):
        signs = 1 - 2.0 * random.integers(2, size=(min(size, flips - start), len(each)), dtype=np.int8)
        larger += (np.abs(signs @ each) >= observed - TOLERANCE).sum(0)
    return larger / (flips + 1)
