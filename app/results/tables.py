"""Boards: the paper's tables and figure panels, each with the results measured on its data; and those of other data."""

from dataclasses import dataclass

import pandas as pd

from app.results.report_labels import Reports, method, where
from app.shared.charts import Curve, Points
from core.evaluation.report import Report
from core.paper.published import ARCHITECTURE_NAMES, RECALLS, TABLES, PublishedTable, compare, fits


@dataclass(frozen=True)
class Board:
    """What the paper published on some data, if it did, and what was measured on them by one protocol."""

    title: str  # of the data
    table: PublishedTable | None
    reports: Reports

    @property
    def columns(self) -> tuple[str, ...]:
        return self.table.columns if self.table else (*RECALLS, "mAP")

    @property
    def frame(self) -> pd.DataFrame:
        """Rows as `core.paper.published.compare` makes them."""
        results = {method(name, report): report.result for name, report in self.reports.items()}
        return compare(self.columns, results, self.table)

    @property
    def caption(self) -> str:
        """For a paper of one's own."""
        beside = f", beside {number(self.table).lower()} of Ustinova et al. (2017)" if self.table else ""
        return f"Results on {self.title} in percent{beside}"

    @property
    def explanation(self) -> str:
        """Of the table, for people."""
        if not self.table:
            return "Percent; mAP by the first of the three definitions below."
        parts = ["Percent. Grey: as published; numbers in brackets are the paper's references. Bold: measured here."]
        if not self.reports:
            parts.append(f"No result on {self.title} is here yet.")
        elif "mAP" in self.columns:
            parts.append("The difference in mAP is taken in the authors' definition, see below.")
        return " ".join(parts)

    @property
    def curves(self) -> list[Curve]:
        return [
            Curve(method(name, report), report.result["architecture"], report.result["curve"])
            for name, report in self.reports.items()
        ]

    @property
    def points(self) -> list[Points]:
        """What the paper gives of its figure 3: its own networks at the ranks of its table."""
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
    """The paper's tables, then one for each other data set and protocol, by the names that a link uses."""
    left = dict(reports)
    found = {}
    for name, table in TABLES.items():
        fitting = {one: left.pop(one) for one in list(left) if fits(table, left[one].result)}
        found[name] = Board(data(table), table, fitting)
    for report in left.values():
        if report.task not in found:
            own = {one: other for one, other in left.items() if other.task == report.task}
            found[report.task] = Board(_title(report, [board.title for board in found.values()]), None, own)
    return found


def number(table: PublishedTable) -> str:
    """Table 1"""
    return table.caption.partition(". ")[0]


def data(table: PublishedTable) -> str:
    """CUHK03-labeled"""
    return table.caption.partition(". ")[2]


def _title(report: Report, taken: list[str]) -> str:
    """A benchmark's name may be that of a folder with a part of it."""
    title = where(report)
    return f"{title}, {report.result['summary']['probes']} probes" if title in taken else title
