"""Confidence intervals of the metrics: a percentile bootstrap over identities."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.probe_values import NO_PROBES, IdentitySums, mean_over_splits, sum_by_identity, why_no_interval

RESAMPLES = 1000
LEVEL = 95  # percent
MIN_IDENTITIES = 10  # with fewer, percentile intervals are much too narrow
BLOCK_NUMBERS = 2_000_000  # resampled identities at a time
TOO_FEW = f"No interval, because fewer than {MIN_IDENTITIES} identities were tested"


@dataclass(frozen=True)
class Interval:
    """The limits of a confidence interval, in percent or in percentage points."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"[{self.low:.1f}, {self.high:.1f}]"


def intervals(probes: pd.DataFrame, seed: int = 0) -> dict[str, Interval]:
    """Compute the 95 % confidence interval of each metric that has values per probe.

    The bootstrap draws as many identities as there are, with replacement, and each drawn identity comes with all its
    probes in all splits: the subsets bootstrap of biometrics, a cluster bootstrap. Drawing single probes would give
    intervals that are too narrow, because probes of one identity depend on each other. The limits are the 2.5 and 97.5
    percentiles of 1,000 resampled metrics.

    The interval says how much the metric varies with the tested identities. The model and the gallery are fixed. The
    variation over trainings is that over seeds and splits.

    Args:
        probes: The rows of probes.csv.
        seed: The seed of the resampling.

    Returns:
        Intervals by metric. A metric is missing if it has no values per probe, if they are all equal, or if there are
        fewer than 10 identities. See `why_missing`.

    Source:
        Bolle, Ratha and Pankanti, Error analysis of pattern recognition systems: the subsets bootstrap, CVIU 2004.
        Field and Welsh, Bootstrapping clustered data, JRSS B 2007. Efron and Tibshirani, An Introduction to the
        Bootstrap, 1993, chapter 13.
    """
    if probes.empty:
        return {}
    sums = sum_by_identity(probes)
    found = percentile_intervals(sums, seed)
    return {name: one for name, one in zip(sums.metrics, found, strict=True) if one}


def why_missing(probes: pd.DataFrame) -> str:
    """Return why metrics have no interval, as a sentence without a full stop, or ""."""
    if probes.empty:
        return NO_PROBES
    if probes["identity"].nunique() < MIN_IDENTITIES:
        return TOO_FEW
    return why_no_interval(probes)


def percentile_intervals(sums: IdentitySums, seed: int = 0, resamples: int = RESAMPLES) -> list[Interval | None]:
    """Return the interval of each of the M metrics, None if the identities do not allow one."""
    if sums.identities < MIN_IDENTITIES:
        return [None] * len(sums.metrics)
    drawn = np.concatenate(list(resampled_means(sums, seed, resamples)))
    tail = (100 - LEVEL) / 2
    limits = np.percentile(drawn, (tail, 100 - tail), axis=0).T
    vary = np.ptp(drawn, axis=0) > 1e-9
    return [Interval(float(low), float(high)) if one else None for (low, high), one in zip(limits, vary, strict=True)]


def resampled_means(sums: IdentitySums, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[np.ndarray]:
    """Yield the metrics of resampled identities, block by block, (B, M)."""
    random, count = np.random.default_rng(seed), sums.identities
    flat = np.concatenate([sums.counts, sums.sums.reshape(count, -1)], axis=1)  # (I, S + S M)
    splits = sums.counts.shape[1]
    size = max(1, BLOCK_NUMBERS // count)
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        drawn = random.integers(count, size=(rows, count)) + count * np.arange(rows)[:, None]
        often = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count)  # how often each is drawn
        totals = often.astype(float) @ flat
        yield mean_over_splits(totals[:, splits:].reshape(rows, splits, -1), totals[:, :splits])
