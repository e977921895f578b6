"""The style of tables: published rows grey, measured rows bold, differences green or red."""

import pandas as pd
from pandas.io.formats.style import Styler

from app.results import texts
from app.shared.charts import COLOURS
from app.shared.widgets import as_plain_text
from core.paper.published import DIFFERENCE, MEASURED, PUBLISHED
from core.paper.tables import figure, heading

ROW_STYLES = {PUBLISHED: "opacity: 0.65", MEASURED: "font-weight: 650", DIFFERENCE: "font-size: 0.92em"}


def board_style(frame: pd.DataFrame, architectures: list[str]) -> Styler:
    """Style the frame of a board. The measured rows get an edge in the colour of their architecture."""
    architecture_of_row = iter(architectures)
    styles = []
    for source in frame["source"]:
        colour = COLOURS[next(architecture_of_row)] if source == MEASURED else "transparent"
        styles.append(
            [f"{ROW_STYLES[source]}; border-left: 4px solid {colour}"] + [ROW_STYLES[source]] * len(frame.columns[2:])
        )
    shown = frame.drop(columns="source").rename(columns=heading).rename(columns={"method": texts.METHOD})
    differences = frame["source"] == DIFFERENCE
    shown.loc[differences, texts.METHOD] = [
        texts.DIFFERENCE.format(method=one.rpartition(" - ")[2]) for one in frame.loc[differences, "method"]
    ]
    style = percent_style(shown).apply(lambda table: pd.DataFrame(styles, table.index, table.columns), axis=None)
    return style.format(signed, subset=(frame.index[differences], shown.columns[1:]))


def percent_style(frame: pd.DataFrame) -> Styler:
    """Style a table of a column of names and columns of percentages."""
    style = frame.style.format(as_plain_text, subset=[frame.columns[0]])
    return style.format(lambda value: figure(value, MEASURED, texts.MISSING), subset=list(frame.columns[1:]))


def signed(value: float | None) -> str:
    """Return a difference as Markdown, green or red."""
    if pd.isna(value):
        return texts.MISSING
    return f":{'green' if value >= 0 else 'red'}[{figure(value, DIFFERENCE).replace('-', '−')}]"
