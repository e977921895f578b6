"""Formulas and tables that scroll in their box, by keyboard, too."""

from pathlib import Path

import streamlit as st

from app.components import texts

HERE = Path(__file__).parent

_boxes = st.components.v2.component(
    "scrolled_boxes",
    html="<span></span>",
    js=(HERE / "scrolled_boxes.js").read_text(encoding="utf-8"),
)


def make_focusable() -> None:
    """Let formulas and tables of the page that are wider than their box have the focus."""
    _boxes(key="scrolled_boxes", data={"label": texts.SCROLLED_BOX}, height="content")
