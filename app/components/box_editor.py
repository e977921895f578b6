"""A photograph with a box that the user draws around one person."""

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
    """Show a photograph, a data URL of an image of `size` (width, height), with a box.

    The box is left, top, right and bottom, relative to width and height. `on_draw` gets a newly drawn box from the
    browser, unchecked; None if nothing was drawn.
    """
    _box(
        key=key,
        data={"src": source, "width": size[0], "height": size[1], "box": box, "label": label},
        on_drawn_change=lambda: on_draw(st.session_state[key].get("drawn")),
    )
