"""A table of published and measured rows (`core.paper.published.compare`) as text, CSV, LaTeX and JSON."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from core.paper.published import DIFFERENCE, PUBLISHED

LABEL_COLUMNS = ["method", "source"]  # the columns before the percentages
ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
ESCAPES |= {sign: f"\\{sign}" for sign in "&%$#_{}"}


def heading(column: str) -> str:
    """A column's name as in the paper: recall@1 -> r = 1."""
    return column.replace("recall@", "r = ")


def figure(value: float | None, source: str, missing: str = "-") -> str:
    """A percentage with two decimals, a difference with its sign."""
    if pd.isna(value):
        return missing
    return f"{value:+.2f}" if source == DIFFERENCE else f"{value:.2f}"


def to_text(frame: pd.DataFrame) -> str:
    """For a terminal: columns as wide as they need to be, a rule below the published rows."""
    rows = [[heading(column) for column in frame.columns], *_rows(frame, "-")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < len(LABEL_COLUMNS) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join(_with_rules(frame, lines, rule)) + "\n"


def to_csv(frame: pd.DataFrame) -> str:
    """For spreadsheets: the columns' own names, nothing where a figure is missing."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([frame.columns, *_rows(frame, "")])
    return file.getvalue()


def to_latex(frame: pd.DataFrame, caption: str) -> str:
    """For a paper, with booktabs: a dash for a missing figure, differences in italics with their signs."""
    lines = [_latex_line(heading(column) for column in frame.columns)]
    for row in _rows(frame, "--"):
        labels, figures = [escape(label) for label in row[: len(LABEL_COLUMNS)]], row[len(LABEL_COLUMNS) :]
        if row[1] == DIFFERENCE:
            labels = [rf"\emph{{{label}}}" for label in labels]
            figures = [cell if cell == "--" else f"${cell}$" for cell in figures]  # a minus, not a hyphen
        lines.append(_latex_line(labels + figures))
    columns = "l" * len(LABEL_COLUMNS) + "r" * (len(frame.columns) - len(LABEL_COLUMNS))
    return (
        "\n".join(
            [
                r"\begin{table}",
                r"\centering",
                rf"\caption{{{escape(caption)}}}",
                rf"\begin{{tabular}}{{{columns}}}",
                r"\toprule",
                *_with_rules(frame, lines, r"\midrule"),
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
            ]
        )
        + "\n"
    )


def to_json(frame: pd.DataFrame) -> str:
    """For programs: one object a row, numbers with two decimals, null where a figure is missing."""
    rows = [
        {
            name: value if name in LABEL_COLUMNS else None if pd.isna(value) else round(float(value), 2)
            for name, value in row.items()
        }
        for row in frame.to_dict("records")
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def write_table(folder: Path, name: str, frame: pd.DataFrame, caption: str) -> None:
    """All four: NAME.txt below its caption, NAME.csv, NAME.tex and NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "txt": f"{caption}\n\n{to_text(frame)}",
        "csv": to_csv(frame),
        "tex": to_latex(frame, caption),
        "json": to_json(frame),
    }
    for ending, text in texts.items():
        (folder / f"{name}.{ending}").write_text(text, encoding="utf-8")


def escape(text: str) -> str:
    """Any text -> LaTeX that shows it."""
    return "".join(ESCAPES.get(sign, sign) for sign in text)


def _rows(frame: pd.DataFrame, missing: str) -> list[list[str]]:
    """What stands in the cells, row by row."""
    return [
        [method, source, *(figure(value, source, missing) for value in values)]
        for method, source, *values in frame.itertuples(index=False)
    ]


def _with_rules(frame: pd.DataFrame, lines: list[str], rule: str) -> list[str]:
    """Lines of the heading and the rows, with a rule below the heading and below the published rows."""
    published = 1 + (frame["source"] == PUBLISHED).sum()
    blocks = [lines[1:published], lines[published:]]
    return lines[:1] + [line for block in blocks if block for line in (rule, *block)]


def _latex_line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
