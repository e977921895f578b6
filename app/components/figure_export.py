"""Buttons that download a plotly chart or a map as an SVG or PNG file with its caption. The browser draws the file."""

import re
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from app.components import texts

HERE = Path(__file__).parent
BUTTONS = "".join(
    f'<button data-format="{one.lower()}">{texts.EXPORT.format(format=one)}</button>' for one in ("SVG", "PNG")
)

_buttons = st.components.v2.component(
    "figure_export",
    html=f'<div class="export">{BUTTONS}</div>',
    css=(HERE / "figure_export.css").read_text(encoding="utf-8"),
    js=(HERE / "figure_export.js").read_text(encoding="utf-8"),
)


def show(figure: go.Figure, key: str, alt: str, caption: str = "") -> None:
    """Show a chart with its caption and with buttons to download it.

    Args:
        figure: The chart.
        key: The key of the chart, and the name of the files.
        alt: What the chart shows, for readers who do not see it.
        caption: More about the chart, shown below it. The files have `alt` and `caption` as their caption.
    """
    name = _file_name(key)
    place = f"figure-{name}"
    with st.container(key=place, gap="xsmall"):
        st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
        if caption:
            st.caption(caption)
        _show_buttons({"chart": place}, name, alt, caption)


def show_map_buttons(key: str, alt: str, caption: str = "") -> None:
    """Show the buttons to download a map of `scatter_map.point_map` with this key, as it is zoomed."""
    _show_buttons({"map": key}, _file_name(key), alt, caption)


def _show_buttons(figure: dict[str, str], name: str, alt: str, caption: str) -> None:
    in_file = f"{alt.rstrip('.')}. {caption}".strip()
    data = figure | {"name": name, "caption": in_file, "label": alt}
    _buttons(key=f"export-{name}", data=data, height="content")


def _file_name(key: str) -> str:
    return re.sub(r"\W+|__+", "-", key).strip("-").lower()
