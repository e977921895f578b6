"""What outlives a rerun: caches shared by all visitors."""

import base64
import hashlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from app.loading import Loading, Shelf, timed_descriptors
from app.pictures import Pictures, read_pictures, read_stored
from app.places import (
    changed,
    checkpoint_folder,
    checkpoint_key,
    data_folder,
    described_key,
    folders_in,
    ids,
    models,
    run_folder,
)
from core.errors import UserError
from core.evaluation.report import PROBES, RESULT, SCORES, Report, find_reports, read_report
from core.images import file_of, open_image

if TYPE_CHECKING:
    from core.adaptation import CameraModels
    from core.data.health import Health
    from core.describe import Model
    from core.evaluation.calibration import Calibration
    from core.evaluation.centring import Centring
    from core.explain.attribution import Attribution
    from core.explain.deletion import Deletion
    from core.explain.filters import Extremes
    from core.explain.regions import Regions
    from core.search.gallery import Gallery
    from core.search.rerank import KReciprocal
    from core.search.stored import StoredGallery

THUMBNAIL = (192, 384)
SAMPLES = 12  # pictures of a gallery
OF_GALLERIES: list[Callable] = []  # caches that hold what was made of galleries


def of_galleries(cache: Callable) -> Callable:
    """Decorate a cache that is emptied when a gallery is deleted."""
    OF_GALLERIES.append(cache)
    return cache


def forget_deleted() -> None:
    """Release what is kept of galleries that are deleted or renamed, by whomever; called at each rerun."""
    if gone := set(_opened()) - ids():
        _opened().difference_update(gone)
        _shelf().forget(gone)
        for cache in OF_GALLERIES:
            cache.clear()


def run_folders() -> list[Path]:
    return folders_in(run_folder())


def pictures(gallery: "StoredGallery | None" = None) -> Pictures:
    """The data folder, or an own gallery, read once until something changes in it.

    Raises UserError if there is nothing to search in.
    """
    if gallery:
        _opened().add(gallery.id)
        return _stored(gallery.key, gallery)
    folder = data_folder()
    return _pictures(folder, changed(folder, *folders_in(folder)))


def loading(name: str, gallery: "StoredGallery | None" = None) -> Loading:
    """Start, or find, the loading of a model with the gallery it describes. Raises UserError for a missing one."""
    found, checkpoint = pictures(gallery), models()[name]
    source = gallery or found.folder
    return _shelf().get(described_key(source, checkpoint), source, len(found.gallery), checkpoint)


def health(gallery: "StoredGallery", near: bool = False) -> "Health | None":
    """What is odd about a gallery; None before it was described. Looked at again when it has changed."""
    key = gallery.key
    return key and _health(key, changed(gallery.folder / "refused.json"), near, gallery)


def samples(gallery: "StoredGallery") -> list[str]:
    """A few of a gallery's pictures, evenly spread."""
    key = gallery.key
    return _samples(key, gallery) if key else []


def reports() -> tuple[dict[str, Report], list[str]]:
    """What was measured of shipped checkpoints and of runs, by name; and a sentence for each that cannot be read."""
    found, damaged = {}, []
    for name, folder in find_reports([checkpoint_folder(), run_folder()]).items():
        try:
            found[name] = _report(folder, changed(folder / RESULT, folder / PROBES, folder / SCORES))
        except UserError as error:
            damaged.append(str(error))
    return found, damaged


def model(name: str, random: bool = False) -> tuple[tuple, "Model"]:
    """A model without a gallery, or the same architecture with random weights; before it the key of what it computes.

    Raises UserError for one that is missing or damaged.
    """
    checkpoint = models()[name]
    key = (checkpoint_key(checkpoint), random)
    return key, _model(*key, checkpoint)


def calibration(checkpoint: Path) -> "Calibration | None":
    """What a checkpoint's scores mean, if that is known. Raises UserError if what is kept is damaged."""
    from core.checkpoint import find_checkpoint
    from core.evaluation.calibration import CALIBRATION, FOLDER, SCORES

    found = find_checkpoint(checkpoint)
    files = (found / FOLDER / name for name in (CALIBRATION, SCORES))
    return _calibration(checkpoint_key(found), changed(*files), found)


def thumbnail(path: str | Path) -> str:
    """A picture of the data as a data URL. Raises UserError if it cannot be opened."""
    return _thumbnail(content_of([path]), path)


def content_of(paths: Iterable[str | Path]) -> str:
    """A name for pictures that changes with their paths, and with the times and sizes of their files."""
    facts = []
    for path in paths:
        [own_file] = changed(Path(path))
        facts.append((str(path), own_file or changed(file_of(path))))  # to look for a .mat file takes longer
    return hashlib.blake2b(repr(facts).encode(errors="surrogateescape"), digest_size=16).hexdigest()


@of_galleries
@st.cache_data(max_entries=500, show_spinner=False)
def descriptors(
    _model: "Model", model: tuple, content: tuple, _pictures: list[Image.Image]
) -> tuple[np.ndarray, float]:
    """(N, D) and milliseconds; computed once for the same content, so that a changed setting costs no description."""
    return timed_descriptors(_model, _pictures)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def inside(model: tuple, content: tuple, size: int | None, _model: "Model", _picture: Image.Image) -> "Regions":
    """A picture inside a network, in regions of a size or of the network's own."""
    from core.explain.regions import look_inside

    return look_inside(_model, _picture, size)


@of_galleries
@st.cache_data(max_entries=8, show_spinner="Averaging pictures of the gallery")
def average(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> np.ndarray:
    """The mean region vectors of pictures."""
    from core.explain.attribution import average_vectors

    return average_vectors(_model, _paths)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def why(
    model: tuple,
    contents: tuple,
    measured_from: str,
    _model: "Model",
    _both: "tuple[Regions, Regions]",
    _reference: np.ndarray | None,
) -> "Attribution":
    """The score of two pictures in terms; `measured_from` is the content of the pictures in the reference."""
    from core.explain.attribution import explain_match

    return explain_match(_model, *_both, _reference)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def deletion(key: tuple, _model: "Model", _why: "Attribution", _match: "Regions", _order: np.ndarray) -> "Deletion":
    """The score as regions of the match are taken away; `key` names model, pictures and reference."""
    from core.explain.deletion import delete_regions

    return delete_regions(_model, _why, _match, _order)


@of_galleries
@st.cache_data(max_entries=4, show_spinner="Looking through the gallery; this is done once")
def extremes(model: tuple, content: str, _model: "Model", _paths: tuple[str, ...]) -> "Extremes":
    """Where each filter pair is excited most and least; pictures that cannot be opened are left out."""
    from core.explain.filters import find_extremes

    return find_extremes(_model, _paths, refused=lambda source, reason: None)


@st.cache_data(max_entries=4, show_spinner=False)
def film_page(file: Path, changed: tuple, dark: bool) -> str:
    """A kept film as a page of its own."""
    from app.film import film_page
    from core.explain.learning import Film

    return film_page(Film.open(file), dark)


@st.cache_data(max_entries=500, show_spinner=False)
def upload_url(content: str, box: tuple, size: tuple[int, int], _picture: Image.Image) -> str:
    """An upload, cut to its box, as a data URL of at most that size."""
    return data_url(_picture, size)


def data_url(picture: Image.Image, size: tuple[int, int]) -> str:
    small = picture.copy()
    small.thumbnail(size)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=90, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


@of_galleries
@st.cache_data(max_entries=5000, show_spinner=False)
def _thumbnail(content: str, _path: str | Path) -> str:
    return data_url(open_image(_path), THUMBNAIL)


@st.cache_resource(max_entries=6, show_spinner=False)
def _model(key: tuple, random: bool, _checkpoint: Path) -> "Model":
    import torch

    from core.describe import load
    from core.explain.regions import with_random_weights

    torch.set_num_threads(1)  # as in app/loading.py
    loaded = load(_checkpoint)
    return with_random_weights(loaded) if random else loaded


@of_galleries
@st.cache_resource(max_entries=4, show_spinner="Looking for the gallery's neighbours; this is done once")
def neighbours(gallery: tuple, _gallery: "Gallery") -> "KReciprocal":
    """The nearest of each picture of a gallery, for re-ranking it."""
    from core.search.rerank import KReciprocal

    return KReciprocal().fit(_gallery.descriptors)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def adapted(gallery: tuple, _model: "Model", _gallery: "Gallery") -> "tuple[Gallery, CameraModels]":
    """A gallery described by a model adapted to each of its cameras."""
    from core.search.better import adapted

    return adapted(_model, _gallery)


@of_galleries
@st.cache_data(max_entries=500, show_spinner=False)
def described_for(
    gallery: tuple, content: tuple, camera: int, _models: "CameraModels", _pictures: list[Image.Image]
) -> np.ndarray:
    """(N, D), by the model adapted to a camera of a gallery."""
    return _models.describe(_pictures, camera)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def centred(gallery: tuple, _gallery: "Gallery") -> "tuple[Gallery, Centring]":
    """A gallery measured from the mean of each camera's pictures."""
    from core.search.better import centred

    return centred(_gallery)


@st.cache_resource(max_entries=20, show_spinner=False)
def _calibration(key: tuple, changed: tuple, _checkpoint: Path) -> "Calibration | None":
    from core.evaluation.calibration import read_calibration

    return read_calibration(_checkpoint)


@st.cache_resource(max_entries=200, show_spinner=False)
def _report(folder: Path, changed: tuple) -> Report:
    return read_report(folder)


@of_galleries
@st.cache_resource(max_entries=100, show_spinner=False)
def _health(key: tuple, changed: tuple, near: bool, _gallery: "StoredGallery") -> "Health | None":
    from core.search.overview import overview

    return overview(_gallery, near).health


@of_galleries
@st.cache_data(max_entries=100, show_spinner=False)
def _samples(key: tuple, _gallery: "StoredGallery") -> list[str]:
    from core.explain.sample import sample

    return [str(_gallery.folder / path) for path in sample(_gallery.records()["path"].tolist(), SAMPLES)]


@st.cache_resource(max_entries=4, show_spinner=False)
def _pictures(folder: Path, changed: tuple) -> Pictures:
    return read_pictures(folder)


@of_galleries
@st.cache_resource(max_entries=4, show_spinner="Reading the gallery")
def _stored(key: tuple | None, _gallery: "StoredGallery") -> Pictures:
    return read_stored(_gallery)


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


@st.cache_resource(show_spinner=False)
def _opened() -> set[str]:
    """The ids of galleries of which something is kept."""
    return set()
