"""Tables as `st.table` shows them: published rows in grey, measured ones in bold, differences in green and red."""

import pandas as pd
from pandas.io.formats.style import Styler

from app.shared.charts import COLOURS
from app.shared.widgets import as_plain_text
from core.paper.published import DIFFERENCE, MEASURED, PUBLISHED
from core.paper.tables import figure, heading

ROWS = {PUBLISHED: "opacity: 0.65", MEASURED: "font-weight: 650", DIFFERENCE: "font-size: 0.92em"}


def board_style(frame: pd.DataFrame, architectures: list[str]) -> Styler:
    """A board's frame; `architectures` of the measured rows give these an edge in the colour of their curves."""
    edges = iter(architectures)
    looks = []
    for source in frame["source"]:
        colour = COLOURS[next(edges)] if source == MEASURED else "transparent"
        looks.append([f"{ROWS[source]}; border-left: 4px solid {colour}"] + [ROWS[source]] * len(frame.columns[2:]))
    shown = frame.drop(columns="source").rename(columns=heading).rename(columns={"method": "Method"})
    differences = frame["source"] == DIFFERENCE
    shown.loc[differences, "Method"] = [
        "against the paper's " + one.rpartition(" - ")[2] for one in frame.loc[differences, "method"]
    ]
    style = percent_style(shown).apply(lambda table: pd.DataFrame(looks, table.index, table.columns), axis=None)
    return style.format(signed, subset=(frame.index[differences], shown.columns[1:]))


def percent_style(frame: pd.DataFrame) -> Styler:
    """A column of names, then percentages."""
    style = frame.style.format(as_plain_text, subset=[frame.columns[0]])
    return style.format(lambda value: figure(value, MEASURED, "–"), subset=list(frame.columns[1:]))


def signed(value: float | None) -> str:
    """A difference in green or red, as Markdown."""
    if pd.isna(value):
        return "–"
    return f":{'green' if value >= 0 else 'red'}[{figure(value, DIFFERENCE).replace('-', '−')}]"
