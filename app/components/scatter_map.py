"""A map of points: the browser draws it, and sends clicks and lassos."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from app.components import texts
from app.components.component_key import component_key
from core.data.images import open_image

HERE = Path(__file__).parent
HEIGHT = 560  # of a map that does not fill the window
SPRITE_SIZE, MAX_SPRITES = (36, 72), 5000  # pixels of a small image; more images make a page slow

_map = st.components.v2.component(
    "point_map",
    html='<div class="map"><canvas tabindex="0" role="application"></canvas><div class="name"></div>'
    f'<div class="tools" role="toolbar"><button type="button" data-mode="move">{texts.MOVE}</button>'
    f'<button type="button" data-mode="lasso">{texts.LASSO}</button>'
    f'<button type="button">{texts.RESET_VIEW}</button></div>'
    '<div class="legend"></div><div class="tip"><span class="crop"></span><span class="text"></span></div></div>',
    css=(HERE / "scatter_map.css").read_text(encoding="utf-8"),
    js=(HERE / "scatter_map.js").read_text(encoding="utf-8"),
)
_sprites = st.components.v2.component(
    "sprites", html="<span></span>", js=(HERE / "sprites.js").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Colouring:
    """numbers: (N,) uint8, the index of each point's colour in the palette; legend: pairs of a text and a colour."""

    numbers: np.ndarray
    palette: list[str]
    legend: list[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """What a map shows of its points, given by their numbers, and uploads with their positions."""

    labels: list[str]  # of each point, shown on hover
    shown: np.ndarray  # (N,) bool: other points are faint and cannot be selected
    picked: int = -1
    neighbours: Sequence[int] = ()  # of the selected point, nearest first, with lines to them
    marked: Sequence[int] = ()  # with a ring, for example those in the lasso
    uploads: list[tuple[str, np.ndarray]] = field(default_factory=list)  # name, position


def point_map(
    name: str,
    coordinates: np.ndarray,
    colouring: Colouring,
    shown: Shown,
    sprite: str,
    key: str,
    on_pick: Callable[[int], None] = lambda number: None,
    on_choose: Callable[[list[int]], None] = lambda numbers: None,
    fills_window: bool = False,
) -> None:
    """Draw points (N, 2 or 3). `on_pick` gets the number of a clicked point, `on_choose` those in a lasso.

    A map that fills the window ends at its lower edge.
    """

    def handle(event: str, callback: Callable) -> None:
        value = st.session_state[component_key(key)].get(event)
        if value is not None:
            callback(value)

    middle, reach = frame(coordinates)
    count, dimensions = coordinates.shape
    data = {
        "name": name,
        "label": texts.MAP.format(name=name, count=count),
        "move": texts.ROTATE if dimensions == 3 else texts.MOVE,
        "group": "embedding",
        "key": key,
        "height": None if fills_window else HEIGHT,
        "count": count,
        "dimensions": dimensions,
        "extent": (np.ptp(coordinates, axis=0)[:2] / (2 * reach)).clip(0.05).tolist(),
        "coordinates": pack(((coordinates - middle) / reach).astype("<f4")),
        "colours": pack(colouring.numbers),
        "palette": colouring.palette,
        "legend": colouring.legend,
        "labels": shown.labels,
        "shown": pack(shown.shown.astype(np.uint8)),
        "picked": shown.picked,
        "neighbours": list(map(int, shown.neighbours)),
        "marked": list(map(int, shown.marked)),
        "uploads": [{"name": label, "place": ((place - middle) / reach).tolist()} for label, place in shown.uploads],
        "sprite": sprite,
    }
    _map(
        key=component_key(key),
        data=data,
        height="content",
        on_picked_change=lambda: handle("picked", on_pick),
        on_chosen_change=lambda: handle("chosen", on_choose),
    )


def frame(coordinates: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the centre of coordinates (N, dimensions), and half of their longest side."""
    low, high = coordinates.min(0), coordinates.max(0)
    return (low + high) / 2, max(float((high - low).max()) / 2, 1e-9)


def send_sprites(key: str, url: str, count: int) -> None:
    """Send small images of all points to the maps of the page, which show them on hover."""
    columns, rows = grid(count)
    _sprites(
        key=f"sprites_{key}",
        data={
            "key": key,
            "url": url,
            "columns": columns,
            "rows": rows,
            "width": SPRITE_SIZE[0],
            "height": SPRITE_SIZE[1],
        },
    )


def draw_sprites(paths: Sequence[Path]) -> str:
    """Draw up to `MAX_SPRITES` images row by row in one JPEG, as a data URL; a damaged image stays grey."""
    columns, rows = grid(len(paths))
    sheet = Image.new("RGB", (columns * SPRITE_SIZE[0], rows * SPRITE_SIZE[1]), "#888888")
    for number, path in enumerate(paths):
        try:
            small = open_image(path).resize(SPRITE_SIZE, Image.Resampling.BILINEAR)
        except Exception:
            continue
        sheet.paste(small, (number % columns * SPRITE_SIZE[0], number // columns * SPRITE_SIZE[1]))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=72)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def grid(count: int) -> tuple[int, int]:
    """Return columns and rows of a nearly square sheet of small images."""
    columns = max(1, int(np.ceil(np.sqrt(count * SPRITE_SIZE[1] / SPRITE_SIZE[0]))))
    return columns, max(1, -(-count // columns))


def pack(array: np.ndarray) -> str:
    """Encode the bytes of an array in base64."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
