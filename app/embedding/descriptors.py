"""The cached data of the page Embedding: descriptors, table of points, maps, thumbnails."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from app.components.scatter_map import MAX_SPRITES, draw_sprites
from app.embedding import texts
from app.embedding.table import PROBE, point_table, records_of, with_attributes, with_ranks
from app.shared import cache, widgets
from app.shared.images import Images
from app.shared.uploads import ProbeImage
from core.data.records import Record
from core.errors import UserError, explain
from core.jobs.file_job import progress_of
from core.jobs.progress import FAILED, FINISHED, Progress

if TYPE_CHECKING:
    from app.shared.model_loading import Searcher
    from core.galleries.gallery_folder import StoredGallery
    from core.inference.model import Model
    from core.projection.projector import Projector
    from core.projection.separation import Separation

MAX_POINTS = 20_000  # gallery images on a map; more make the page slow
UNTRAINED = ", untrained"  # after a model's name


@dataclass(frozen=True)
class Embedding:
    """A model's descriptors (N, D) of gallery and probes, in the order of the rows of `table`.

    `content` identifies the images and the model's descriptors. `key` changes if the model, the gallery or its labels
    change.
    """

    model: "Model"
    key: tuple
    checkpoint: Path
    descriptors: np.ndarray
    table: pd.DataFrame
    content: str

    def number(self, image: str) -> int:
        """Return the row of an image, or -1."""
        found = np.flatnonzero(self.table["image"] == image)
        return int(found[0]) if len(found) else -1

    def neighbours(self, descriptor: np.ndarray, count: int, without: int = -1) -> list[int]:
        """Return the rows of the descriptors with the highest score to a descriptor (D,)."""
        order = np.argsort(-(self.descriptors @ descriptor), kind="stable")
        return order[order != without][:count].tolist()


def embedding(name: str, images: Images, gallery: "StoredGallery | None" = None) -> Embedding:
    """Return the embedding of the demo gallery or of a named one, by a model or by its untrained network.

    A large gallery is reduced to MAX_POINTS images, evenly drawn. Raises UserError for a missing or damaged model.
    """
    trained = name.removesuffix(UNTRAINED)
    loading = cache.loading(trained, gallery)
    found = _embedding(loading.key, widgets.wait_for(loading), loading.checkpoint, images)
    if trained == name:
        return found
    key, model = cache.model(trained, random=True)
    return _untrained((key, found.key), model, found)


def projection(
    one: Embedding,
    projector: "Projector",
    rows: Sequence[int] | None = None,
) -> "tuple[Projector | None, Progress]":
    """Return the map of all points or of some rows, or None while a job computes it, and the progress of the job.

    PCA maps are computed at once. For a missing UMAP map a job is started.
    """
    from core.folders import cache_folder
    from core.projection.cached_maps import MAPS, map_name, start_map

    content = one.content if rows is None else f"{one.content} {list(rows)}"
    descriptors = one.descriptors if rows is None else one.descriptors[list(rows)]
    name = map_name(content, projector)
    shipped, cached = one.checkpoint / MAPS / name, cache_folder() / MAPS / name
    file = shipped if shipped.exists() else cached
    if projector.method == "pca":
        return _fitted(name, projector, descriptors), Progress(FINISHED)
    progress = progress_of(file)
    if not progress.is_alive and progress.state not in (FINISHED, FAILED):
        try:
            projector.check(descriptors)
            start_map(descriptors, projector, file)
        except (UserError, OSError) as error:
            return None, Progress(FAILED, message=explain(error))
        progress = progress_of(file)
    return (_opened(file, descriptors) if progress.state == FINISHED else None), progress


def described_uploads(one: Embedding, images: Sequence[ProbeImage]) -> list[tuple[str, np.ndarray]]:
    """Return the names of uploads and their descriptors (1, D). Raises UserError for one that cannot be used."""
    return [(image.name, cache.descriptors(one.model, one.key, image.content, [image.image])[0]) for image in images]


def faithfulness(one: Embedding, found: "Projector", rows: Sequence[int] | None) -> str:
    """Return the trustworthiness of a map as a sentence."""
    descriptors = one.descriptors if rows is None else one.descriptors[list(rows)]
    figures = _faithfulness(f"{one.content} {found.settings} {rows}", descriptors, found.coordinates)
    if not figures:
        return texts.NO_FAITHFULNESS
    return texts.FAITHFULNESS.format(**figures)


def sprites(one: Embedding) -> tuple[str, str] | None:
    """Return a key and a data URL of the thumbnails of all points; None if there are too many to send."""
    if len(one.table) > MAX_SPRITES:
        return None
    paths = one.table["path"].tolist()
    content = cache.content_of(paths)  # the same for all models
    return content, _sprites(content, paths)


@cache.of_galleries
@st.cache_data(max_entries=20, show_spinner=False)
def separation_of(key: tuple, rows: tuple[int, ...], _one: Embedding) -> "Separation | None":
    """Return the separation of the identities of some rows."""
    from core.projection.separation import measure_separation

    chosen = _one.table.iloc[list(rows)]
    return measure_separation(_one.descriptors[list(rows)], chosen["identity"].to_numpy(), chosen["camera"].to_numpy())


@st.cache_data(max_entries=20, show_spinner=False)
def _faithfulness(name: str, _descriptors: np.ndarray, _coordinates: np.ndarray) -> dict[str, float]:
    from core.projection.trustworthiness import measure_trustworthiness

    return measure_trustworthiness(_descriptors, _coordinates)


@cache.of_galleries
@st.cache_resource(max_entries=6, show_spinner=texts.DESCRIBING_PROBES)
def _embedding(key: tuple, _searcher: "Searcher", checkpoint: Path, _images: Images) -> Embedding:
    from core.data.subsample import sample
    from core.galleries.cache import gallery_name, load_or_describe
    from core.inference.checkpoint import find_checkpoint
    from core.search.exact import as_float32

    gallery, of = _searcher.gallery, {str(path): record for path, record in _records(_images).items()}
    rows = list(sample(range(len(gallery)), MAX_POINTS))
    found, records = [as_float32(gallery.descriptors[rows])], [of[path] for path in gallery.paths[rows]]
    probes: list[Record] = []
    if _images.query:
        described = load_or_describe(_images.folder, _searcher.model, checkpoint, probes=True)
        found.append(described.descriptors)
        probes = [of[path] for path in described.paths]
    descriptors = np.concatenate(found)
    table = with_attributes(point_table(records, probes, _images.names), _images.root)
    table = with_ranks(table, records, probes, descriptors)
    if _images.is_own:  # its images may be anywhere and may change
        content = hashlib.blake2b(descriptors.tobytes(), digest_size=16).hexdigest()
    else:
        content = gallery_name(records + probes, _images.root, checkpoint)
    return Embedding(_searcher.model, key, find_checkpoint(checkpoint), descriptors, table, content)


@cache.of_galleries
@st.cache_resource(max_entries=2, show_spinner=texts.DESCRIBING_UNTRAINED)
def _untrained(key: tuple, _model: "Model", _trained: Embedding) -> Embedding:
    table = _trained.table
    descriptors = _model.describe(table["path"].tolist())
    probes = table["subset"] == PROBE
    ranked = with_ranks(table, records_of(table[~probes]), records_of(table[probes]), descriptors)
    return Embedding(_model, key, _trained.checkpoint, descriptors, ranked, f"{_trained.content} untrained")


def _records(images: Images) -> dict[Path, Record]:
    return {record.path: record for record in images.records.values()}


@cache.of_galleries
@st.cache_resource(max_entries=20, show_spinner=False)
def _fitted(name: str, _projector: "Projector", _descriptors: np.ndarray) -> "Projector":
    return _projector.fit(_descriptors)


@cache.of_galleries
@st.cache_resource(max_entries=20, show_spinner=False)
def _opened(file: Path, _descriptors: np.ndarray) -> "Projector":
    from core.projection.projector import Projector

    return Projector.open(file, _descriptors)


@cache.of_galleries
@st.cache_resource(max_entries=3, show_spinner=False)
def _sprites(content: str, _paths: list[Path]) -> str:
    return draw_sprites(_paths)
