"""A grid of images to click; the frame of each shows whether it is a true match."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.components import texts
from app.components.component_key import component_key

HERE = Path(__file__).parent
HEIGHTS = {"alone": 264}  # fixed, so that the page does not move when the image arrives
BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="  # one transparent pixel
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
    """Show crops; `on_pick` gets the id of a clicked crop, `on_why` the id of one whose "Explain" link is clicked.

    `layout` is a class of image_grid.css: ranking, strip, probe, alone, pair or start. Crops without an id cannot be
    clicked.
    """
    key = component_key(key)

    def picked() -> None:
        if name := st.session_state[key].get("picked"):
            on_pick(name)

    def explained() -> None:
        if name := st.session_state[key].get("why"):
            on_why(name)

    _crops(
        key=key,
        data={"crops": [_with_link(crop) for crop in crops], "layout": layout, "label": label},
        on_picked_change=picked,
        on_why_change=explained,
        height=HEIGHTS.get(layout, "content"),
    )


def crop(source: str, title: str, mark: str = UNKNOWN, **more: str) -> dict:
    """Return a crop of a grid: a data URL, a title for screen readers, and a mark for the frame.

    `more` may have id or href, rank, left, right, below, why (a link to an explanation), chance (a probability) and
    cut (the text of a line before the crop).
    """
    return {"src": source, "title": title, "mark": mark, "symbol": SYMBOLS[mark]} | more


def _with_link(crop: dict) -> dict:
    """Add the texts of the link to an explanation."""
    if not crop.get("why"):
        return crop
    return crop | {"explain": texts.EXPLAIN, "explain_title": texts.EXPLAIN_RANK.format(rank=crop.get("rank", ""))}
