"""A photograph on which a box is drawn around one person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent

_box = st.components.v2.component(
    "box",
    html='<div class="stage" role="application">\n<img alt=""><div class="box"></div></div>',
    css=(HERE / "box_editor.css").read_text(encoding="utf-8"),
    js=(HERE / "box_editor.js").read_text(encoding="utf-8"),
)


def draw_box(
    source: str,
    size: tuple[int, int],
    box: tuple[float, float, float, float],
    label: str,
    key: str,
    on_draw: Callable[[Any], None],
) -> None:
    """Show a photograph, a data URL of an image of `size` (width, height), with a box on it.

    The box is left, top, right and bottom as shares of width and height. `on_draw` gets what the browser sends for the
    box that is drawn instead, unchecked; None if nothing was drawn.
    """
    _box(
        key=key,
        data={"src": source, "width": size[0], "height": size[1], "box": box, "label": label},
        on_drawn_change=lambda: on_draw(st.session_state[key].get("drawn")),
    )
