"""One map on the embedding page: points of a model, the picked one with lines to its neighbours, uploads as stars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components import scatter_map
from app.embedding import descriptors
from app.embedding.colours import colouring
from app.embedding.descriptors import Embedding
from app.embedding.selection import NEIGHBOURS
from app.embedding.table import sentences
from app.shared import job_progress
from core.jobs.job import QUEUED, RUNNING, Progress

if TYPE_CHECKING:
    from core.projection.projector import Projector

WORDS = {QUEUED: "waits for another map to be finished", RUNNING: "is being drawn"}


@dataclass(frozen=True)
class View:
    """What all maps of the page have in common, in names of images: models may have left out different ones."""

    rows: Sequence[int] | None  # the isolated ones
    kept: np.ndarray
    colour: str
    people: Sequence[str]
    picked: str
    chosen: Sequence[str]


def make(one: Embedding, projector: "Projector", view: View) -> "tuple[Projector, Progress]":
    """The map that is asked for, or PCA until it is there."""
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
    """`uploads` are names with descriptors (D,); the callbacks get names of images."""
    rows = np.arange(len(one.table)) if view.rows is None else np.asarray(view.rows)
    table = one.table.iloc[rows]
    names = table["image"].tolist()
    place = {name: number for number, name in enumerate(names)}
    picked = place.get(view.picked, -1)
    neighbours = []
    if view.picked in set(one.table["image"]):
        number = one.number(view.picked)
        of_all = one.neighbours(one.descriptors[number], NEIGHBOURS, number)
        neighbours = [place[name] for name in one.table["image"].iloc[of_all] if name in place]
    stars = [(name, found.transform(descriptor)[0]) for name, descriptor in uploads]
    shown = scatter_map.Shown(
        sentences(table),
        view.kept[rows],
        picked,
        neighbours if picked >= 0 else [],
        [place[name] for name in view.chosen if name in place],
        stars,
    )
    sheet = descriptors.sprites(one) if view.rows is None else None
    scatter_map.point_map(
        title,
        found.coordinates,
        colouring(table[view.colour], view.people),
        shown,
        sheet[0] if sheet else "",
        key,
        lambda number: on_pick(names[number]),
        lambda numbers: on_choose([names[number] for number in numbers]),
    )


def wait_for(one: Embedding, projector: "Projector", rows: Sequence[int] | None) -> None:
    """Say how far a map is, and show it when it is there."""
    is_alive = job_progress.show_progress(
        lambda: descriptors.projection(one, projector, rows)[1],
        lambda now: f"UMAP {WORDS.get(now, 'is about to be drawn')}; until then this is PCA.",
        unit="",
    )
    if not is_alive:
        st.rerun()  # it has just ended
