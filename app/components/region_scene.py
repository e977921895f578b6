"""Scenes: drawings of images with heat maps, frames, cells to click, and links between them.

A scene is a list of the items below; lengths are in pixels of its full width, boxes are (left, top, width, height).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from app.components.component_key import component_key

HERE = Path(__file__).parent

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Item = dict

_scene = st.components.v2.component(
    "scene",
    html='<div class="scene">\n</div>',
    css=(HERE / "region_scene.css").read_text(encoding="utf-8"),
    js=(HERE / "region_scene.js").read_text(encoding="utf-8"),
)


def show(
    items: Sequence[Item],
    size: tuple[float, float],
    label: str,
    key: str,
    on_pick: Callable[[str, int], None] = lambda grid, cell: None,
) -> None:
    """Draw a scene of a width and height; a narrow window reduces it.

    `on_pick` gets the id of a grid and the number of its clicked cell, or "link" and the id of a clicked link.
    """
    key = component_key(key)

    def picked() -> None:
        pick = st.session_state[key].get("picked")
        if isinstance(pick, list | tuple) and len(pick) == 2 and isinstance(pick[1], int):
            on_pick(str(pick[0]), pick[1])

    data = {"width": size[0], "height": size[1], "label": label, "items": list(items)}
    _scene(key=key, data=data, on_picked_change=picked, height="content")


def image(box: Box, src: str, pixelated: bool = False, grey: bool = False) -> Item:
    """Return an image, stretched over a box."""
    return {"kind": "image", "box": box, "src": src, "pixelated": pixelated, "grey": grey}


def frame(box: Box, tone: str = "border", width: float = 1) -> Item:
    """Return the outline of a box."""
    return {"kind": "frame", "box": box, "tone": tone, "width": width}


def line(start: Point, end: Point, tone: str = "border", width: float = 1) -> Item:
    """Return a straight line."""
    return {"kind": "line", "from": start, "to": end, "tone": tone, "width": width}


def text(at: Point, content: str, size: float = 13, anchor: str = "start", tone: str = "plain") -> Item:
    """Return a text; `anchor` says which point of it lies at `at`."""
    return {"kind": "text", "x": at[0], "y": at[1], "text": content, "size": size, "anchor": anchor, "tone": tone}


def grid(
    box: Box, shape: tuple[int, int], titles: Sequence[str], name: str = "", chosen: int | None = None, lines=True
) -> Item:
    """Return cells with titles, row by row; a name makes them clickable, and few cells are reached by keys."""
    rows, columns = shape
    return {
        "kind": "grid",
        "box": box,
        "id": name,
        "rows": rows,
        "columns": columns,
        "titles": list(titles),
        "chosen": chosen,
        "keys": len(titles) <= 9,
        "lines": lines,
    }


def link(start: Point, end: Point, name: int, title: str, width: float, tone: str, chosen: bool = False) -> Item:
    """Return a curve to click; its tone is "for" or "against"."""
    return {
        "kind": "link",
        "from": start,
        "to": end,
        "id": name,
        "title": title,
        "width": width,
        "tone": tone,
        "chosen": chosen,
    }
