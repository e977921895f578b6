"""A photograph with boxes, each around one image of a person; the user draws, moves and resizes them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.components import texts
from app.components.component_key import component_key

HERE = Path(__file__).parent
Box = tuple[float, float, float, float]  # left, top, right, bottom, relative to width and height

_boxes = st.components.v2.component(
    "boxes",
    html="""
<div class="stage" role="group" tabindex="0"><img alt=""></div>
<div class="tools"><button type="button" class="add"></button><button type="button" class="delete"></button></div>
<p class="status" role="status"></p>
""",
    css=(HERE / "box_editor.css").read_text(encoding="utf-8"),
    js=(HERE / "box_editor.js").read_text(encoding="utf-8"),
)


def edit_boxes(
    source: str,
    size: tuple[int, int],
    boxes: Sequence[Box],
    first: Box,
    most: int,
    label: str,
    key: str,
    on_draw: Callable[[Any], None],
) -> None:
    """Show a photograph, a data URL of an image of `size` (width, height), with at most `most` boxes.

    A box that the keyboard adds begins at `first`. `on_draw` gets all boxes from the browser after each change,
    unchecked; None if nothing was drawn.
    """
    key = component_key(key)
    _boxes(
        key=key,
        data={
            "src": source,
            "width": size[0],
            "height": size[1],
            "boxes": boxes,
            "first": first,
            "most": most,
            "label": label,
            "texts": {"box": texts.BOX, "add": texts.ADD_BOX, "remove": texts.DELETE_BOX},
        },
        on_drawn_change=lambda: on_draw(st.session_state[key].get("drawn")),
    )
