"""Boards: the paper's tables and figure panels with the measured results, and boards of other data sets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from app.results import texts
from app.results.report_labels import Reports, compared_architectures, data_name, method, shown, trained_on
from app.shared.charts import Points
from core.evaluation.report import Report
from core.evaluation.seeds import SeedGroup, group_seeds
from core.paper.intervals import with_intervals
from core.paper.published import (
    ARCHITECTURE_NAMES,
    RECALLS,
    TABLES,
    PublishedTable,
    compare,
    fits,
    is_zero_shot,
    zero_shot_rows,
)


@dataclass(frozen=True)
class Board:
    """The published and the measured results on one data set by one protocol."""

    title: str  # the name of the data set
    table: PublishedTable | None
    reports: Reports
    seeds: Mapping[str, SeedGroup] = field(default_factory=dict)  # by the names of the results

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.table.columns if self.table else (*RECALLS, "mAP")

    @property
    def frame(self) -> pd.DataFrame:
        """Rows of `core.paper.published.compare`, with the columns of `core.paper.intervals`."""
        results = {shown(method(name, report)): report.result for name, report in self.reports.items()}
        rows = compare(self.columns, results, self.table)
        return with_intervals(rows, list(self.reports.values()), [self.seeds.get(name) for name in self.reports])

    @property
    def caption(self) -> str:
        """The caption of the table in LaTeX."""
        if not self.table:
            return texts.CAPTION.format(data=self.title)
        return texts.CAPTION_WITH_PAPER.format(data=self.title, number=number(self.table).lower())

    @property
    def explanation(self) -> str:
        """The text below the table."""
        parts = [texts.PERCENT_OF_PAPER if self.table else texts.PERCENT]
        if any(set(self.columns) & set(report.intervals) for report in self.reports.values()):
            parts.append(texts.ABOUT_INTERVALS)
        if not self.table and (compared := compared_architectures(self.reports)):
            trained = trained_on(self.reports[compared[0]])
            parts.append(texts.COMPARED_ARCHITECTURES.format(count=len(compared), data=trained))
        if any(is_zero_shot(report.result) for report in self.reports.values()):
            parts.append(texts.ABOUT_ZERO_SHOT)
        if any(zero_shot_rows({"": report.result}) for report in self.reports.values() if is_zero_shot(report.result)):
            parts.append(texts.ABOUT_PUBLISHED_ZERO_SHOT)
        if not self.table:
            return " ".join(parts)
        if not self.reports:
            parts.append(texts.NO_RESULT_ON.format(data=self.title))
        elif "mAP" in self.columns:
            parts.append(texts.MAP_DIFFERENCE)
        return " ".join(parts)

    @property
    def about_figure(self) -> str:
        """The text below the figure."""
        parts = [texts.ABOUT_FIGURE] if self.table else []
        parts += [texts.ABOUT_CURVES] if self.reports else []
        parts += [texts.ABOUT_SEEN] if any(report.overlap.mark for report in self.reports.values()) else []
        return " ".join(parts)

    def select(self, names: Collection[str]) -> "Board":
        """Return the board with some of its results."""
        return replace(self, reports={name: report for name, report in self.reports.items() if name in names})

    @property
    def points(self) -> list[Points]:
        """The points of figure 3 that the paper gives: its networks at the ranks of its table."""
        own = {method: architecture for architecture, method in ARCHITECTURE_NAMES.items()}
        rows = (
            [(method, zip(self.columns, values, strict=True)) for method, values in self.table.rows if method in own]
            if self.table
            else []
        )
        return [
            Points(
                method,
                own[method],
                {int(column.removeprefix("recall@")): value for column, value in figures if column in RECALLS},
            )
            for method, figures in rows
        ]


def boards(reports: Reports) -> dict[str, Board]:
    """Return the demo, the paper's tables, and a board for each other data set and protocol, by name."""
    remaining, seeds = dict(reports), group_seeds(reports)
    found = {}
    for name, table in TABLES.items():
        fitting = {one: remaining.pop(one) for one in list(remaining) if fits(table, remaining[one].result)}
        found[name] = Board(data(table), table, fitting, seeds)
    for report in remaining.values():
        if report.task not in found:
            own = {one: other for one, other in remaining.items() if other.task == report.task}
            found[report.task] = Board(_title(report, [board.title for board in found.values()]), None, own, seeds)
    demo = {name: board for name, board in found.items() if board.title == texts.DEMO}
    return demo | found


def number(table: PublishedTable) -> str:
    """Return the number of a table, e.g. Table 1."""
    return table.caption.partition(". ")[0]


def data(table: PublishedTable) -> str:
    """Return the data set of a table, e.g. CUHK03-labeled."""
    return table.caption.partition(". ")[2]


def _title(report: Report, used: list[str]) -> str:
    """Return the data set, with the number of probes if a folder has the name of a benchmark."""
    title = data_name(report)
    if title not in used:
        return title
    return texts.PART_OF_BENCHMARK.format(data=title, probes=report.result["summary"]["probes"])
