"""A grid of images that can be clicked, each in a frame that says what is known about it."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
HEIGHTS = {"alone": 264}  # known beforehand, so that nothing jumps when the image arrives
BLANK = (
    "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="  # one clear pixel  # one clear pixel
)
RIGHT, WRONG, UNKNOWN, EXCLUDED = "right", "wrong", "unknown", "excluded"  # classes of image_grid.css
SYMBOLS = {RIGHT: "✓", WRONG: "✗", UNKNOWN: "", EXCLUDED: "–"}

_crops = st.components.v2.component(
    "crops",
    html='<div class="crops" role="group">\n</div>',
    css=(HERE / "image_grid.css").read_text(encoding="utf-8"),
    js=(HERE / "image_grid.js").read_text(encoding="utf-8"),
)


def crop_grid(
    crops: list[dict],
    layout: str,
    label: str,
    key: str,
    on_pick: Callable[[str], None] = lambda name: None,
    on_why: Callable[[str], None] = lambda name: None,
) -> None:
    """Show crops; `on_pick` gets the id of one that is clicked (those without an id cannot be), `on_why` of a "why?".

    `layout` is a class of image_grid.css: ranking, strip, probe, alone or start.
    """

    def picked() -> None:
        if name := st.session_state[key].get("picked"):
            on_pick(name)

    def asked() -> None:
        if name := st.session_state[key].get("why"):
            on_why(name)

    _crops(
        key=key,
        data={"crops": crops, "layout": layout, "label": label},
        on_picked_change=picked,
        on_why_change=asked,
        height=HEIGHTS.get(layout, "content"),
    )


def crop(source: str, title: str, mark: str = UNKNOWN, **more: str) -> dict:
    """One crop of a grid: a data URL, what is heard, a frame; optional id or href, rank, left, right, below, why,
    chance. Instead of one, {"cut": words} draws a line across the grid."""
    return {"src": source, "title": title, "mark": mark, "symbol": SYMBOLS[mark]} | more
