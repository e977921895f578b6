"""Top activations: the gallery images with the highest and lowest values of a filter pair in a region."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components import region_scene
from app.components.region_scene import Item, frame, image, text
from app.regions import lessons, texts
from app.shared import cache, formulas
from app.shared.cache import of_galleries
from app.shared.images import Images
from core.config import IMAGE_COLUMNS, IMAGE_ROWS, PART_ROWS
from core.data.subsample import sample

if TYPE_CHECKING:
    from core.explain.top_activations import Extremes
    from core.inference.model import Model

MAX_IMAGES = 400  # evenly spaced in the gallery
WIDTH, STEP, HEAD = 64, 71, 26  # pixels of a crop, from one crop to the next, and of the title
HEIGHT = WIDTH * IMAGE_ROWS / IMAGE_COLUMNS


def show_filter_pair(key: tuple, model: "Model", images: Images, region: int, side: int, i: int, j: int) -> None:
    """Show the images with the highest and lowest values of a filter pair."""
    paths = sample([str(record.path) for record in images.gallery], MAX_IMAGES)
    if not st.toggle(
        texts.SHOW_TOP_ACTIVATIONS.format(count=len(paths)),
        key=f"looked_{key[0][0]}",
        help=texts.SHOW_TOP_ACTIVATIONS_HELP,
    ):
        return
    extremes = find_cached_extremes(key, cache.content_of(paths), model, paths)
    items, left = [], 0.0
    for title, positions, values in (
        (texts.HIGHEST, extremes.most, extremes.highest),
        (texts.LOWEST, extremes.least, extremes.lowest),
    ):
        shown = [paths[position] for position in positions[:, region, i, j]]
        items += crops_row(left, title, shown, values[:, region, i, j], region, side)
        left += 6 * STEP + 24
    region_scene.show(items, (left - 24, HEAD + HEIGHT + 26), texts.TOP_IMAGES, "crops")
    formulas.teach(lessons.TOP_ACTIVATIONS)


def crops_row(left: float, title: str, paths: list[str], values: np.ndarray, region: int, side: int) -> list[Item]:
    """Draw a title and a row of images, each with the frame of the region and its value."""
    part, cell = divmod(region, side**2)
    row, column = divmod(cell, side)
    scale, size = HEIGHT / IMAGE_ROWS, (PART_ROWS[part][1] - PART_ROWS[part][0]) / side
    top = HEAD + (PART_ROWS[part][0] + row * size) * scale
    items = [text((left, 15), title, 14, tone="strong")]
    for n, (path, value) in enumerate(zip(paths, values, strict=True)):
        x = left + n * STEP
        items += [
            image((x, HEAD, WIDTH, HEIGHT), cache.thumbnail(path)),
            frame((x + column * WIDTH / side, top, WIDTH / side, size * scale), "focus", 2),
            text((x + WIDTH / 2, HEAD + HEIGHT + 17), f"{value:.2g}", 12, "middle"),
        ]
    return items


@of_galleries
@st.cache_data(max_entries=4, show_spinner=texts.COMPUTING_ACTIVATIONS)
def find_cached_extremes(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> "Extremes":
    """Find the images with the highest and lowest values of each filter pair; damaged images are skipped."""
    from core.explain.top_activations import find_extremes

    return find_extremes(_model, _paths, on_error=lambda source, reason: None)
