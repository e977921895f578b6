"""Keys that click links of the page."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_keys = st.components.v2.component(
    "arrow_keys",
    html="<span></span>",
    js=(HERE / "arrow_keys.js").read_text(encoding="utf-8"),
)


def listen(keys: Mapping[str, str]) -> None:
    """Click the element that matches a CSS selector when its key is pressed, e.g. "ArrowRight"."""
    _keys(key="arrow_keys", data={"keys": dict(keys)}, height="content")
