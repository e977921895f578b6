"""Top activations: the gallery images with the highest and lowest values of a filter pair in a region."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import region_scene
from app.components.region_scene import Item, frame, image, text
from app.regions import lessons, texts
from app.shared import cache, formulas
from app.shared.cache import of_galleries
from app.shared.images import Images
from core.data.subsample import sample
from core.errors import UserError
from core.geometry import Geometry

if TYPE_CHECKING:
    from core.explain.top_activations import Extremes
    from core.inference.model import Model

MAX_IMAGES = 400  # evenly spaced in the gallery
DELAY_S = 1.0  # before a search starts: the page is drawn first
INTERVAL_S = 0.1  # of the progress; a click waits no longer
WIDTH, STEP, HEAD = 64, 71, 26  # pixels of a crop, from one crop to the next, and of the title


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

        if sys.platform == "linux":  # where it is the priority of this thread alone: pages come first
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        time.sleep(DELAY_S)
        torch.set_num_threads(1)  # as in app/shared/model_loading.py
        return find_extremes(model, paths, on_error=lambda source, reason: None, on_progress=self._on_progress)

    def _on_progress(self, count: int) -> None:
        self.done += count


@dataclass(frozen=True)
class FilterPair:
    """The section on one entry (i, j) of a region, in its place on the page."""

    search: Search
    paths: tuple[str, ...]
    region: int
    geometry: Geometry
    i: int
    j: int
    place: DeltaGenerator
    is_pooled: bool
    total: int  # gallery images

    def show(self) -> None:
        """Show the images with the highest and lowest values, or the error, once the search has ended."""
        try:
            extremes = self.search.extremes
        except UserError as error:
            self.place.error(str(error))
            return
        region, i, j = self.region, self.i, self.j
        items, left = [], 0.0
        for title, positions, values in (
            (texts.HIGHEST, extremes.most, extremes.highest),
            (texts.LOWEST, extremes.least, extremes.lowest),
        ):
            shown = [self.paths[position] for position in positions[:, region, i, j]]
            items += crops_row(left, title, shown, values[:, region, i, j], region, self.geometry)
            left += 6 * STEP + 24
        with self.place.container():
            height = HEAD + WIDTH * self.geometry.rows / self.geometry.columns + 26
            region_scene.show(items, (left - 24, height), texts.TOP_IMAGES, "crops")
            if self.total > len(self.paths):
                st.caption(texts.SAMPLED.format(count=len(self.paths), total=self.total))
            formulas.teach(lessons.TOP_ACTIVATIONS if self.is_pooled else lessons.TOP_ACTIVATIONS_OF_FILTER)

    def show_progress(self) -> None:
        """Show the progress of the search."""
        done, total = self.search.done, self.search.total
        self.place.progress(done / total, texts.SEARCHING.format(done=done, total=total))

    def wait(self) -> None:
        """Show the progress of the search, and its result when it ends.

        A page calls it after all else. A click ends the waiting, because it runs the page again. (A fragment that runs
        each second would send the link that the browser had before the click.)
        """
        while not self.search.is_done:
            self.show_progress()
            time.sleep(INTERVAL_S)
        self.show()


def show_filter_pair(key: tuple, model: "Model", images: Images, region: int, i: int, j: int) -> FilterPair | None:
    """Show the images with the highest and lowest values of a filter pair.

    Returns:
        The section, if the search for the images has not ended. The page then calls `wait` after all else.
    """
    paths = sample([str(record.path) for record in images.gallery], MAX_IMAGES)
    search = start_search(key, cache.content_of(paths), model, paths)
    config = model.network.config
    is_pooled, total = config.architecture != "cnn", len(images.gallery)
    pair = FilterPair(search, paths, region, config.geometry, i, j, st.empty(), is_pooled, total)
    if search.is_done:
        pair.show()
        return None
    pair.show_progress()
    return pair


def crops_row(
    left: float, title: str, paths: list[str], values: np.ndarray, region: int, geometry: Geometry
) -> list[Item]:
    """Draw a title and a row of images, each with the frame of the region and its value."""
    scale = WIDTH / geometry.columns
    row, column, size = (scale * pixels for pixels in geometry.region_box(region))
    top, height = HEAD + row + scale * geometry.tops[geometry.place(region)[0]], scale * geometry.rows
    items = [text((left, 15), title, 14, tone="strong")]
    for n, (path, value) in enumerate(zip(paths, values, strict=True)):
        x = left + n * STEP
        items += [
            image((x, HEAD, WIDTH, height), cache.thumbnail(path)),
            frame((x + column, top, size, size), "focus", 2),
            text((x + WIDTH / 2, HEAD + height + 17), f"{value:.2g}", 12, "middle"),
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
