"""The map of points as a piece of a page: what is drawn goes to the browser, clicks and lassos come back."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from core.data.images import open_image

HERE = Path(__file__).parent
HEIGHT = 560
SPRITE_SIZE, MAX_SPRITES = (36, 72), 5000  # pixels of a small image; more of them make a page heavy

_map = st.components.v2.component(
    "point_map",
    html='<div class="map"><canvas tabindex="0" role="application"></canvas><div class="name"></div>'
    '<div class="tools" role="toolbar"><button type="button" data-mode="move">Move</button>'
    '<button type="button" data-mode="lasso">Lasso</button><button type="button">Whole map</button></div>'
    '<div class="legend"></div><div class="tip"><span class="crop"></span><span class="text"></span></div></div>',
    css=(HERE / "scatter_map.css").read_text(encoding="utf-8"),
    js=(HERE / "scatter_map.js").read_text(encoding="utf-8"),
)
_sprites = st.components.v2.component(
    "sprites", html="<span></span>", js=(HERE / "sprites.js").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Colouring:
    """numbers: (N,) uint8, the place of each point's colour in the palette; legend: pairs of words and colour."""

    numbers: np.ndarray
    palette: list[str]
    legend: list[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """What is on a map beside its points: numbers of points, and uploads with their places."""

    labels: list[str]  # of each point, heard and seen on hover
    shown: np.ndarray  # (N,) bool: the others are faint and cannot be picked
    picked: int = -1
    neighbours: Sequence[int] = ()  # of the picked point, nearest first: lines lead to them
    marked: Sequence[int] = ()  # ringed, e.g. those in the lasso
    uploads: list[tuple[str, np.ndarray]] = field(default_factory=list)  # name, place


def point_map(
    name: str,
    coordinates: np.ndarray,
    colouring: Colouring,
    shown: Shown,
    sprite: str,
    key: str,
    on_pick: Callable[[int], None] = lambda number: None,
    on_choose: Callable[[list[int]], None] = lambda numbers: None,
) -> None:
    """Draw points (N, 2 or 3). `on_pick` gets the number of one that is clicked, `on_choose` those in a lasso."""

    def heard(event: str, tell: Callable) -> None:
        value = st.session_state[key].get(event)
        if value is not None:
            tell(value)

    middle, reach = frame(coordinates)
    count, dimensions = coordinates.shape
    data = {
        "name": name,
        "label": f"{name}: a map of {count} images; drag moves it, the wheel or + and - make it larger",
        "group": "embedding",
        "height": HEIGHT,
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
        key=key,
        data=data,
        height=HEIGHT,
        on_picked_change=lambda: heard("picked", on_pick),
        on_chosen_change=lambda: heard("chosen", on_choose),
    )


def frame(coordinates: np.ndarray) -> tuple[np.ndarray, float]:
    """(N, dimensions) -> the middle of the map and half of its longest side."""
    low, high = coordinates.min(0), coordinates.max(0)
    return (low + high) / 2, max(float((high - low).max()) / 2, 1e-9)


def send_sprites(key: str, url: str, count: int) -> None:
    """Hand small images of all points to the maps of the page, which show them on hover."""
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
    """Images, as many as `MAX_SPRITES`, row by row in one JPEG, as a data URL; one that is broken stays grey."""
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
    """Columns and rows of a sheet of small images, about square."""
    columns = max(1, int(np.ceil(np.sqrt(count * SPRITE_SIZE[1] / SPRITE_SIZE[0]))))
    return columns, max(1, -(-count // columns))


def pack(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
