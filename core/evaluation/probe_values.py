"""The metrics of each probe, summed by identity: the material of confidence intervals and paired tests.

Probes of one identity depend on each other: they show the same person, have the same true matches, and are similar for
the network. So an identity, not a probe, is the unit that is resampled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.evaluators import RECALLS

RECALL_NAMES = tuple(f"recall@{k}" for k in RECALLS)
NO_PROBES = "No interval, because no probes are stored"
NO_DRAWS = "No interval of rank-k, because only the mean rank of each probe over the random draws is stored"


@dataclass(frozen=True)
class IdentitySums:
    """Sums over the probes of each identity.

    A metric is the mean over splits of (sum of the values of the split's probes) / (number of its probes).

    Attributes:
        metrics: The names of the M metrics.
        sums: (I, S, M) sums of the values, in percent, of I identities in S splits.
        counts: (I, S) numbers of probes. A probe that was drawn several times counts as often.
        probes: The number of different probes.
    """

    metrics: tuple[str, ...]
    sums: np.ndarray
    counts: np.ndarray
    probes: int

    @property
    def identities(self) -> int:
        """The number of identities."""
        return len(self.counts)

    @property
    def means(self) -> np.ndarray:
        """(M,) the metrics, in percent."""
        return mean_over_splits(self.sums.sum(0), self.counts.sum(0))


def mean_over_splits(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the means of the splits that have probes, (..., S, M) and (..., S) -> (..., M)."""
    has_probes = (counts > 0)[..., None]
    means = np.divide(sums, counts[..., None], out=np.zeros(sums.shape), where=has_probes)
    return means.sum(-2) / np.maximum(has_probes.sum(-2), 1)


def metric_values(probes: pd.DataFrame) -> pd.DataFrame:
    """Return the metrics of each probe, in percent, as far as probes.csv has them.

    A single-shot protocol draws a probe several times. Its row in probes.csv is the mean over these draws, so rank-k
    follows from the columns `recall@K`. Results of earlier versions do not have them. Their rank-k is known only if the
    draws of each probe have one rank, as on VIPeR, which has one image of each identity and camera.
    """
    if "draws" not in probes or ("recall@1" not in probes and _have_one_rank(probes)):
        recalls = {name: probes["first_rank"] <= k for name, k in zip(RECALL_NAMES, RECALLS, strict=True)}
    else:
        recalls = {name: probes[name] for name in RECALL_NAMES if name in probes}
    values = {**recalls, "mAP": probes["average_precision"]} | ({"mINP": probes["inp"]} if "inp" in probes else {})
    return 100 * pd.DataFrame(values, index=probes.index).astype(float)


def sum_by_identity(probes: pd.DataFrame, values: pd.DataFrame | None = None) -> IdentitySums:
    """Sum the metrics of the probes of each identity.

    Args:
        probes: The rows of probes.csv: identity, and split and draws if the result has several.
        values: The values of the probes in percent, one column per metric, by default `metric_values(probes)`.
    """
    values = metric_values(probes) if values is None else values
    weights = probes["draws"].to_numpy(float) if "draws" in probes else np.ones(len(probes))
    identities, of_identity = np.unique(probes["identity"].to_numpy(str), return_inverse=True)
    splits, of_split = np.unique(_splits(probes), return_inverse=True)
    counts = np.zeros((len(identities), len(splits)))
    np.add.at(counts, (of_identity, of_split), weights)
    sums = np.zeros((*counts.shape, values.shape[1]))
    np.add.at(sums, (of_identity, of_split), values.to_numpy(float) * weights[:, None])
    different = probes["path"].nunique() if "path" in probes else len(probes)
    return IdentitySums(tuple(values.columns), sums, counts, different)


def why_no_interval(probes: pd.DataFrame, metrics: Sequence[str] = RECALL_NAMES) -> str:
    """Return why metrics have no values per probe, or ""."""
    if probes.empty:
        return NO_PROBES
    return NO_DRAWS if set(metrics) - set(metric_values(probes)) else ""


def _have_one_rank(probes: pd.DataFrame) -> bool:
    """Return whether the draws of each probe have the same rank: then the mean of 1 / rank is 1 / (mean rank)."""
    ranks, inverse = probes["first_rank"], probes["average_precision"]
    return bool(((ranks % 1 == 0) & ((inverse - 1 / ranks).abs() < 1e-4)).all())


def _splits(probes: pd.DataFrame) -> np.ndarray:
    return probes["split"].to_numpy() if "split" in probes else np.ones(len(probes), int)
