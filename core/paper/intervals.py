"""Confidence intervals, standard deviations and numbers of probes as columns of a table of results.

Each metric has more columns: `recall@1 low` and `recall@1 high` with the limits of its interval, and its standard
deviations over splits and over seeds if there are several. The columns are empty for published rows, because the papers
give no intervals. Text and LaTeX have them as lines below the measured row (`lines_below`).
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.counts import counted
from core.evaluation.report import Report
from core.evaluation.seeds import SeedGroup
from core.evaluation.uncertainty import LEVEL, Interval
from core.paper.published import MEASURED

LOW, HIGH, OVER_SPLITS, OVER_SEEDS = " low", " high", " sd over splits", " sd over seeds"  # ends of names of columns
PROBES, IDENTITIES, SPLITS, SEEDS = COUNTS = ("probes", "identities", "splits", "seeds")
INTERVAL, NO_INTERVAL = f"{LEVEL} % interval", "no interval"  # sources of the lines below a row
DEVIATIONS = {OVER_SPLITS: "SD over splits", OVER_SEEDS: "SD over seeds"}


def with_intervals(
    frame: pd.DataFrame, reports: Sequence[Report], seeds: Sequence[SeedGroup | None] = ()
) -> pd.DataFrame:
    """Add the columns to a table of `core.paper.published.compare`.

    Args:
        frame: The table.
        reports: The results of its measured rows, in their order.
        seeds: The group of seeds of each result, if the results of other seeds are known.
    """
    metrics, rows = list(frame.columns[2:]), frame.index[frame["source"] == MEASURED]
    groups = seeds or [None] * len(reports)
    cells = [_columns(report, group, metrics) for report, group in zip(reports, groups, strict=True)]
    order = [*(name + end for name in metrics for end in (LOW, HIGH, OVER_SPLITS, OVER_SEEDS)), *COUNTS]
    added = pd.DataFrame(cells, rows, order).reindex(frame.index).dropna(axis="columns", how="all")
    return frame.join(added)


def limits(intervals: dict[str, Interval], metrics: Sequence[str], start: str = "") -> dict[str, float]:
    """Return the limits of intervals by the names of their columns; `start` is the start of the columns' names."""
    known = {name: intervals[name] for name in metrics if name in intervals}
    return {
        f"{start}{name}{end}": value for name, one in known.items() for end, value in ((LOW, one.low), (HIGH, one.high))
    }


def is_added(column: str) -> bool:
    """Return whether a column is one of those that are added here, not a metric."""
    return column in COUNTS or column.endswith((LOW, HIGH, OVER_SPLITS, OVER_SEEDS))


def lines_below(row: dict[str, Any], metrics: Sequence[str], missing: str) -> list[list[str]]:
    """Return the lines below a measured row: its numbers and intervals, and its standard deviations.

    Args:
        row: The row, by the names of the columns.
        metrics: The names of the columns of percentages.
        missing: The text for a missing value.
    """
    lines = []
    intervals = [_interval(row, name) for name in metrics]
    if any(intervals) or PROBES in row and not pd.isna(row[PROBES]):
        source = INTERVAL if any(intervals) else NO_INTERVAL
        lines.append([_numbers(row), source, *(str(one) if one else missing for one in intervals)])
    for end, source in DEVIATIONS.items():
        values = [row.get(name + end) for name in metrics]
        if not all(map(pd.isna, values)):
            lines.append(["", source, *(missing if pd.isna(value) else f"{value:.2f}" for value in values)])
    return lines


def _columns(report: Report, group: SeedGroup | None, metrics: Sequence[str]) -> dict[str, float]:
    result, spread = report.result, report.result["spread"]
    cells = limits(report.intervals, metrics)
    cells |= {name + OVER_SPLITS: spread[name] for name in metrics if name in spread}
    cells |= {name + OVER_SEEDS: group.spread[name] for name in metrics if group and name in group.spread}
    cells |= {PROBES: result["summary"]["probes"], SPLITS: len(result["splits"])}
    cells |= {} if report.probes.empty else {IDENTITIES: report.probes["identity"].nunique()}
    return cells | ({SEEDS: len(group.seeds)} if group else {})


def _interval(row: dict[str, Any], metric: str) -> Interval | None:
    low, high = row.get(metric + LOW), row.get(metric + HIGH)
    return None if low is None or high is None or pd.isna(low) else Interval(low, high)


def _numbers(row: dict[str, Any]) -> str:
    """Return the numbers of probes, identities, splits and seeds as far as they are known."""
    nouns = {PROBES: "probe", IDENTITIES: "identity", SPLITS: "split", SEEDS: "seed"}
    known = {name: int(row[name]) for name in nouns if not pd.isna(row.get(name))}
    return ", ".join(
        counted(number, nouns[name], IDENTITIES if name == IDENTITIES else "") for name, number in known.items()
    )
