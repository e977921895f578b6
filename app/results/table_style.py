"""The style of tables: published rows grey, measured rows bold with their intervals, differences green or red."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
from pandas.io.formats.style import Styler

from app.results import texts
from app.results.report_labels import Reports
from app.shared.charts import LineStyle
from app.shared.widgets import as_plain_text
from core.evaluation.uncertainty import Interval
from core.paper.intervals import HIGH, LOW, is_added
from core.paper.published import ARCHITECTURE_NAMES, DIFFERENCE, MEASURED, PUBLISHED
from core.paper.tables import figure, heading

ROW_STYLES = {PUBLISHED: "opacity: 0.65", MEASURED: "font-weight: 650", DIFFERENCE: "font-size: 0.92em"}


def board_style(frame: pd.DataFrame, reports: Reports, styles: Mapping[str, LineStyle]) -> Styler:
    """Style the frame of a board. A measured row has an edge in the colour of its lines, and its architecture."""
    measured = frame["source"] == MEASURED
    colours = pd.Series("transparent", frame.index)
    colours[measured] = [styles[name].colour for name in reports]
    architectures = pd.Series("", frame.index)
    architectures[measured] = [ARCHITECTURE_NAMES[report.result["architecture"]] for report in reports.values()]
    added = [column for column in frame if is_added(column)]
    shown = frame.drop(columns=["source", *added]).rename(columns=heading).rename(columns={"method": texts.METHOD})
    differences = frame["source"] == DIFFERENCE
    shown.loc[differences, texts.METHOD] = [
        texts.DIFFERENCE.format(method=one.rpartition(" - ")[2]) for one in frame.loc[differences, "method"]
    ]
    labels = [texts.METHOD]
    if measured.any():
        shown.insert(1, texts.ARCHITECTURE, architectures)
        labels.append(texts.ARCHITECTURE)
    rows = [ROW_STYLES[source] for source in frame["source"]]
    cells = pd.DataFrame({column: rows for column in shown.columns}, frame.index)
    cells[texts.METHOD] = [f"{row}; border-left: 4px solid {colour}" for row, colour in zip(rows, colours, strict=True)]
    style = percent_style(shown, labels).apply(lambda table: cells, axis=None)
    style = style.format(signed, subset=(frame.index[differences], shown.columns[len(labels) :]))
    for metric in [column for column in frame if column + LOW in added]:
        for row, low, high in frame.loc[measured, [metric + LOW, metric + HIGH]].dropna().itertuples():
            show = partial(with_interval, interval=Interval(low, high))
            style = style.format(show, subset=([row], [heading(metric)]))
    return style


def percent_style(frame: pd.DataFrame, labels: Sequence[str] = ()) -> Styler:
    """Style a table of percentages; `labels` are its columns of texts, by default the first one."""
    labels = list(labels) or [frame.columns[0]]
    style = frame.style.format(as_plain_text, subset=labels)
    numbers = [column for column in frame.columns if column not in labels]
    return style.format(lambda value: figure(value, MEASURED, texts.MISSING), subset=numbers)


def with_interval(value: float, interval: Interval) -> str:
    """Return a percentage and its interval as Markdown."""
    return f"{figure(value, MEASURED)} :small[{as_plain_text(limits(interval))}]"


def limits(interval: Interval) -> str:
    """Return an interval as text that has no line break, with minus signs."""
    return str(interval).replace(" ", "\N{NO-BREAK SPACE}").replace("-", "−")


def signed(value: float | None) -> str:
    """Return a difference as Markdown, green or red."""
    if pd.isna(value):
        return texts.MISSING
    return f":{'green' if value >= 0 else 'red'}[{figure(value, DIFFERENCE).replace('-', '−')}]"
