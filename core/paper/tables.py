"""Tables of published and measured results (`core.paper.published.compare`) as text, CSV, LaTeX and JSON.

Confidence intervals (`core.paper.intervals`) are columns in CSV and JSON, and lines below the rows in text and LaTeX.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from core.atomic_files import replace_file
from core.paper.intervals import COUNTS, is_added, lines_below
from core.paper.published import DIFFERENCE, PUBLISHED

LABEL_COLUMNS = ["method", "source"]  # the columns before the percentages
ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
ESCAPES |= {sign: f"\\{sign}" for sign in "&%$#_{}"}


def heading(column: str) -> str:
    """Return a column's name in the paper, e.g. "r = 1" for recall@1."""
    return column.replace("recall@", "r = ")


def figure(value: float | None, source: str, missing: str = "-") -> str:
    """Format a percentage with two decimals; a difference has a sign.

    Args:
        value: The percentage.
        source: The source of the row.
        missing: The text for a missing value.
    """
    if pd.isna(value):
        return missing
    return f"{value:+.2f}" if source == DIFFERENCE else f"{value:.2f}"


def to_text(frame: pd.DataFrame) -> str:
    """Format a table as text with aligned columns, and with a rule below the published rows."""
    rows = [_headings(frame), *_rows(frame, "-")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if column < len(LABEL_COLUMNS) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join(_with_rules(frame, lines, rule)) + "\n"


def to_csv(frame: pd.DataFrame) -> str:
    """Format a table as CSV; missing values are empty."""
    file = io.StringIO()
    cells = [
        [value if name in LABEL_COLUMNS else _cell(name, value, row["source"]) for name, value in row.items()]
        for row in frame.to_dict("records")
    ]
    csv.writer(file, lineterminator="\n").writerows([frame.columns, *cells])
    return file.getvalue()


def to_latex(frame: pd.DataFrame, caption: str) -> str:
    """Format a table as LaTeX for booktabs; missing values are dashes, and differences are in italics."""
    lines = [_latex_line(_headings(frame))]
    for row in _rows(frame, "--"):
        labels, figures = [escape(label) for label in row[: len(LABEL_COLUMNS)]], row[len(LABEL_COLUMNS) :]
        if row[1] == DIFFERENCE:
            labels = [rf"\emph{{{label}}}" for label in labels]
            figures = [cell if cell == "--" else f"${cell}$" for cell in figures]  # math mode, for a minus sign
        lines.append(_latex_line(labels + figures))
    columns = "l" * len(LABEL_COLUMNS) + "r" * (len(_headings(frame)) - len(LABEL_COLUMNS))
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
    """Format a table as JSON, one object per row; numbers have two decimals, and missing values are null."""
    rows = [
        {name: value if name in LABEL_COLUMNS else _number(name, value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def write_table(folder: Path, name: str, frame: pd.DataFrame, caption: str) -> None:
    """Write a table as NAME.txt, NAME.csv, NAME.tex and NAME.json.

    Args:
        folder: The folder, which is created if necessary.
        name: NAME.
        frame: The table.
        caption: The caption, in NAME.txt and NAME.tex.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "txt": f"{caption}\n\n{to_text(frame)}",
        "csv": to_csv(frame),
        "tex": to_latex(frame, caption),
        "json": to_json(frame),
    }
    for ending, text in texts.items():
        with replace_file(folder / f"{name}.{ending}") as temporary:
            temporary.write_text(text, encoding="utf-8")


def escape(text: str) -> str:
    """Escape a text for LaTeX."""
    return "".join(ESCAPES.get(character, character) for character in text)


def _headings(frame: pd.DataFrame) -> list[str]:
    """Return the headings in text and LaTeX, which have no columns of intervals."""
    return [heading(column) for column in frame.columns if not is_added(column)]


def _rows(frame: pd.DataFrame, missing: str) -> Iterator[list[str]]:
    """Yield the texts of the cells, row by row, and the lines below a row."""
    metrics = [column for column in frame.columns if column not in LABEL_COLUMNS and not is_added(column)]
    for row in frame.to_dict("records"):
        yield [row["method"], row["source"], *(figure(row[name], row["source"], missing) for name in metrics)]
        yield from lines_below(row, metrics, missing)


def _cell(column: str, value: float | None, source: str) -> str:
    if column in COUNTS:
        return "" if value is None or pd.isna(value) else str(int(value))
    return figure(value, source, "")


def _number(column: str, value: float | None) -> float | int | None:
    if value is None or pd.isna(value):
        return None
    return int(value) if column in COUNTS else round(float(value), 2)


def _with_rules(frame: pd.DataFrame, lines: list[str], rule: str) -> list[str]:
    """Insert a rule below the heading and below the published rows."""
    published = 1 + (frame["source"] == PUBLISHED).sum()
    blocks = [lines[1:published], lines[published:]]
    return lines[:1] + [line for block in blocks if block for line in (rule, *block)]


def _latex_line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
