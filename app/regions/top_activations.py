"""Top activations: the gallery images with the highest and lowest values of a filter pair in a region."""

import time
from concurrent.futures import ThreadPoolExecutor
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
DELAY_S = 1.0  # before a search starts: the page is drawn first
INTERVAL_S = 1.0  # of the progress
WIDTH, STEP, HEAD = 64, 71, 26  # pixels of a crop, from one crop to the next, and of the title
HEIGHT = WIDTH * IMAGE_ROWS / IMAGE_COLUMNS


class Search:
    """The search for the top activations, in a thread of the server, so that no page waits for it."""

    def __init__(self, pool: ThreadPoolExecutor, model: "Model", paths: tuple[str, ...]):
        self.total, self.done = len(paths), 0
        self._future = pool.submit(self._run, model, paths)

    @property
    def is_done(self) -> bool:
        """Whether the search has ended."""
        return self._future.done()

    @property
    def extremes(self) -> "Extremes":
        """The result of an ended search. Raises the error that ended it."""
        return self._future.result()

    def _run(self, model: "Model", paths: tuple[str, ...]) -> "Extremes":
        import torch

        from core.explain.top_activations import find_extremes

        time.sleep(DELAY_S)
        torch.set_num_threads(1)  # as in app/shared/model_loading.py
        return find_extremes(model, paths, on_error=lambda source, reason: None, on_progress=self._on_progress)

    def _on_progress(self, count: int) -> None:
        self.done += count


def show_filter_pair(key: tuple, model: "Model", images: Images, region: int, side: int, i: int, j: int) -> None:
    """Show the images with the highest and lowest values of a filter pair, or the progress of the search for them.

    The page runs again when the search ends.
    """
    paths = sample([str(record.path) for record in images.gallery], MAX_IMAGES)
    search = start_search(key, cache.content_of(paths), model, paths)
    if search.is_done:
        show_crops(search.extremes, paths, region, side, i, j)
    else:
        st.fragment(show_progress, run_every=INTERVAL_S)(search)


def show_progress(search: Search) -> None:
    """Show the progress of a search."""
    if search.is_done:
        st.rerun()
    st.progress(search.done / search.total, texts.SEARCHING.format(done=search.done, total=search.total))


def show_crops(extremes: "Extremes", paths: tuple[str, ...], region: int, side: int, i: int, j: int) -> None:
    """Show the images with the highest and lowest values of a filter pair."""
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
@st.cache_resource(max_entries=4, show_spinner=False)
def start_search(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> Search:
    """Start the search for the images with the highest and lowest values of each filter pair, or find it.

    Damaged images are skipped.
    """
    return Search(_pool(), _model, _paths)


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="activations")
