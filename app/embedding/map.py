"""A map of the page Embedding: points, lines from the clicked point to its neighbours, and uploads as stars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components import scatter_map
from app.embedding import descriptors, texts
from app.embedding.colours import colouring
from app.embedding.descriptors import Embedding
from app.embedding.selection import NEIGHBOURS
from app.embedding.table import point_labels
from app.shared import job_progress
from core.jobs.progress import Progress

if TYPE_CHECKING:
    from core.projection.projector import Projector


@dataclass(frozen=True)
class View:
    """What all maps of the page show, by names of images: models may have skipped different images."""

    rows: Sequence[int] | None  # of a re-projected selection
    shown: np.ndarray  # (N,) bool
    colour: str  # a column
    identities: Sequence[str]  # the coloured ones
    picked: str
    chosen: Sequence[str]


def current_map(one: Embedding, projector: "Projector", view: View) -> "tuple[Projector, Progress]":
    """Return the requested map, or PCA while it is computed."""
    from core.projection.projector import Projector

    found, progress = descriptors.projection(one, projector, view.rows)
    if found is None:
        found, _ = descriptors.projection(one, Projector("pca", projector.dimensions), view.rows)
    return found, progress


def draw(
    one: Embedding,
    title: str,
    found: "Projector",
    view: View,
    uploads: list[tuple[str, np.ndarray]],
    key: str,
    on_pick: Callable[[str], None],
    on_choose: Callable[[list[str]], None],
) -> None:
    """Draw a map. `uploads` are names with descriptors (1, D); the callbacks get names of images."""
    rows = np.arange(len(one.table)) if view.rows is None else np.asarray(view.rows)
    table = one.table.iloc[rows]
    names = table["image"].tolist()
    position = {name: number for number, name in enumerate(names)}
    picked = position.get(view.picked, -1)
    neighbours = []
    if view.picked in set(one.table["image"]):
        number = one.number(view.picked)
        of_all = one.neighbours(one.descriptors[number], NEIGHBOURS, number)
        neighbours = [position[name] for name in one.table["image"].iloc[of_all] if name in position]
    stars = [(name, found.transform(descriptor)[0]) for name, descriptor in uploads]
    shown = scatter_map.Shown(
        point_labels(table),
        view.shown[rows],
        picked,
        neighbours if picked >= 0 else [],
        [position[name] for name in view.chosen if name in position],
        stars,
    )
    sheet = descriptors.sprites(one) if view.rows is None else None
    scatter_map.point_map(
        title,
        found.coordinates,
        colouring(table[view.colour], view.identities),
        shown,
        sheet[0] if sheet else "",
        key,
        lambda number: on_pick(names[number]),
        lambda numbers: on_choose([names[number] for number in numbers]),
        fills_window=True,
    )


def wait_for(one: Embedding, projector: "Projector", rows: Sequence[int] | None) -> None:
    """Show the progress of a map, and rerun the page at its end."""
    is_alive = job_progress.show_progress(
        lambda: descriptors.projection(one, projector, rows)[1],
        lambda state: texts.UMAP_STATES.get(state, texts.UMAP_STARTS),
        unit="",
    )
    if not is_alive:
        st.rerun()
