"""A button that scrolls the page to a figure."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_link = st.components.v2.component(
    "figure_link",
    html='<button type="button"></button>',
    css=(HERE / "figure_link.css").read_text(encoding="utf-8"),
    js=(HERE / "figure_link.js").read_text(encoding="utf-8"),
)


def show(label: str, figure: str, panel: str, key: str) -> None:
    """Show a button that scrolls to a figure, given by its CSS selector, below a panel that may stay in view."""
    _link(key=key, data={"label": label, "figure": figure, "panel": panel}, height="content")
