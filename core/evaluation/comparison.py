"""Comparison of two results on the same probes: which model is better on which probe, and whether that is chance."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.counts import counted
from core.errors import UserError
from core.evaluation.paired_test import Difference, paired_differences
from core.evaluation.probe_values import metric_values, sum_by_identity
from core.evaluation.report import Report
from core.evaluation.uncertainty import LEVEL, why_missing

FIRST, SECOND, NEITHER = "first", "second", "neither"
METRIC_NAMES = {"recall@1": "rank-1"}


@dataclass(frozen=True)
class Comparison:
    """The comparison of two results.

    Attributes:
        differences: The difference of each metric, first minus second.
        probes: The number of different probes that both results have.
        identities: The number of their identities.
        splits: The number of splits.
        unpaired: The number of rows of probes that only one of the results has. They are not compared.
        missing: Why some metrics are not compared, or their differences have no interval, or "".
    """

    differences: list[Difference]
    probes: int
    identities: int
    splits: int
    unpaired: int
    missing: str = ""

    def sentence(self, metric: str, first: str, second: str) -> str:
        """Return what the test of a metric shows, for the names of the models; "" if the metric is not compared."""
        one = next((one for one in self.differences if one.metric == metric), None)
        if one is None:
            return ""
        on, name = f"On {self._tested}", METRIC_NAMES.get(metric, metric)
        if not abs(one.points) >= 0.005:
            return f"{on}, {first} and {second} have the same {name} ({one.first:.2f} %)."
        better, worse, sign = (first, second, 1) if one.points > 0 else (second, first, -1)
        limits = sorted((sign * one.interval.low, sign * one.interval.high)) if one.interval else []
        interval = f"{LEVEL} % interval {limits[0]:.1f} to {limits[1]:.1f}, " if limits else ""
        numbers = f"{abs(one.points):.1f} points ({interval}p {format_p(one.p_value)})"
        chance = "is unlikely to be chance" if one.is_significant else "may be chance"
        return f"{on}, {better} has a higher {name} than {worse}. The difference of {numbers} {chance}."

    @property
    def notes(self) -> list[str]:
        """What the comparison does not contain, in sentences."""
        unpaired = f"Not compared: {counted(self.unpaired, 'probe')} of only one of the results."
        return [unpaired] * (self.unpaired > 0) + [f"{self.missing}."] * bool(self.missing)

    def to_json(self) -> dict[str, Any]:
        """Convert the comparison to a JSON object, in percent and percentage points."""
        differences = {
            one.metric: {
                "first": one.first,
                "second": one.second,
                "difference": one.points,
                "interval": [one.interval.low, one.interval.high] if one.interval else None,
                "p_value": one.p_value,
            }
            for one in self.differences
        }
        counts = {name: getattr(self, name) for name in ("probes", "identities", "splits", "unpaired")}
        return counts | {"differences": differences, "notes": self.notes}

    @property
    def _tested(self) -> str:
        people = counted(self.identities, "identity", "identities")
        splits = f" in {self.splits} splits" if self.splits > 1 else ""
        return f"these {counted(self.probes, 'probe')} of {people}{splits}"


def format_p(value: float) -> str:
    """Return "= 0.012" or "< 0.001"."""
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def compare_results(first: Report, second: Report, seed: int = 0) -> Comparison:
    """Compare the metrics of two models on the probes that both results have.

    Args:
        first: The result of one model.
        second: The result of another model on the same data by the same protocol.
        seed: The seed of the test and of the bootstrap.

    Raises:
        UserError: If the results are of different data or protocols, have no probe in common, or drew their probes
            differently.
    """
    own, other = _paired(first, second)
    values, others = metric_values(own), metric_values(other)
    names = [name for name in values if name in others]
    sums, other_sums = sum_by_identity(own, values[names]), sum_by_identity(other, others[names])
    return Comparison(
        paired_differences(sums, other_sums, seed),
        sums.probes,
        sums.identities,
        sums.counts.shape[1],
        len(first.probes) + len(second.probes) - 2 * len(own),
        why_missing(own) or why_missing(other),
    )


def compare_probes(first: Report, second: Report) -> pd.DataFrame:
    """Compare the rank of the first true match of each probe.

    Args:
        first: The result of one model.
        second: The result of another model on the same data by the same protocol.

    Returns:
        One row per probe that both results have, in the order of `first`: path, identity, camera, first_rank,
        second_rank, gain (first_rank - second_rank, positive if the second model is better) and better (FIRST, SECOND
        or NEITHER).

    Raises:
        UserError: As `compare_results`.
    """
    own, other = _paired(first, second)
    table = own[["path", "split", "identity", "camera", "first_rank"]].assign(second_rank=other["first_rank"])
    gain = table["first_rank"] - table["second_rank"]
    better = (gain > 0).map({True: SECOND, False: NEITHER}).mask(gain < 0, FIRST)
    return table.assign(gain=gain, better=better)


def _paired(first: Report, second: Report) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the same probes of both results, in the order of `first`."""
    if first.task != second.task:
        raise UserError(f"Results on {first.task} and on {second.task} cannot be compared.")
    if first.probes.empty or second.probes.empty:
        raise UserError("A result has no stored probes. Measure the model again to compare it probe by probe.")
    keys = ["path", "split", "number"]
    own, other = _with_keys(first), _with_keys(second)
    both = own[keys].merge(other[keys], on=keys)
    if both.empty:
        raise UserError("The results have no probe in common, so they cannot be compared probe by probe.")
    own, other = (both.merge(rows, on=keys) for rows in (own, other))
    draws, others = (rows.get("draws", pd.Series(1, rows.index)) for rows in (own, other))
    if draws.ne(others).any():
        raise UserError("The results drew their probes differently. Measure both models again to compare them.")
    return own, other


def _with_keys(report: Report) -> pd.DataFrame:
    """Add the number of the split, and the number of the probe among those with the same path, to the probes.

    In probes.csv the split is its position among the splits of the result.
    """
    numbers = report.result["splits"]
    positions = report.probes["split"] if "split" in report.probes else pd.Series(1, report.probes.index)
    rows = report.probes.assign(split=[numbers[position - 1] for position in positions])
    return rows.assign(number=rows.groupby(["path", "split"]).cumcount())
