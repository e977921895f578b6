"""A drawing as SVG in the colours of the theme; `st.html` and `st.markdown` remove SVG."""

from pathlib import Path

import streamlit as st

from app.components.component_key import component_key

HERE = Path(__file__).parent

_drawing = st.components.v2.component(
    "drawing",
    html='<div class="drawing"></div>',
    css=(HERE / "drawing.css").read_text(encoding="utf-8"),
    js=(HERE / "drawing.js").read_text(encoding="utf-8"),
)


def show_drawing(svg: str, key: str) -> None:
    """Show an SVG element. It must not hold text that comes from a user."""
    _drawing(key=component_key(key), data={"svg": svg})
