"""What outlives a rerun: caches shared by all visitors."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from app.components.data_url import jpeg_url
from app.shared.images import Images, read_images, read_stored
from app.shared.model_loading import Loading, Shelf, timed_descriptors
from app.shared.settings import (
    checkpoint_key,
    data_folder,
    described_key,
    file_versions,
    folders_in,
    list_gallery_ids,
    list_models,
    runs_folder,
)
from core.data.images import file_of, open_image

if TYPE_CHECKING:
    from core.data.quality import Health
    from core.explain.activations import Regions
    from core.galleries.gallery_folder import StoredGallery
    from core.inference.model import Model

THUMBNAIL = (192, 384)
CACHES_OF_GALLERIES: list[Callable] = []  # caches that hold what was made of galleries


def of_galleries(cache: Callable) -> Callable:
    """Decorate a cache that is emptied when a gallery is deleted."""
    CACHES_OF_GALLERIES.append(cache)
    return cache


def forget_deleted() -> None:
    """Release what is kept of galleries that are deleted or renamed, by whomever; called at each rerun."""
    if gone := set(_opened()) - list_gallery_ids():
        _opened().difference_update(gone)
        _shelf().forget(gone)
        for cache in CACHES_OF_GALLERIES:
            cache.clear()


def run_folders() -> list[Path]:
    return folders_in(runs_folder())


def images(gallery: "StoredGallery | None" = None) -> Images:
    """The data folder, or an own gallery, read once until something changes in it.

    Raises UserError if there is nothing to search in.
    """
    if gallery:
        _opened().add(gallery.id)
        return _stored(gallery.key, gallery)
    folder = data_folder()
    return _images(folder, file_versions(folder, *folders_in(folder)))


def loading(name: str, gallery: "StoredGallery | None" = None) -> Loading:
    """Start, or find, the loading of a model with the gallery it describes. Raises UserError for a missing one."""
    found, checkpoint = images(gallery), list_models()[name]
    source = gallery or found.folder
    return _shelf().get(described_key(source, checkpoint), source, len(found.gallery), checkpoint)


def health(gallery: "StoredGallery", near: bool = False) -> "Health | None":
    """What is odd about a gallery; None before it was described. Looked at again when it has changed."""
    key = gallery.key
    return key and _health(key, file_versions(gallery.folder / "refused.json"), near, gallery)


def model(name: str, random: bool = False) -> tuple[tuple, "Model"]:
    """A model without a gallery, or the same architecture with random weights; before it the key of what it computes.

    Raises UserError for one that is missing or damaged.
    """
    checkpoint = list_models()[name]
    key = (checkpoint_key(checkpoint), random)
    return key, _model(*key, checkpoint)


def thumbnail(path: str | Path) -> str:
    """An image of the data as a data URL. Raises UserError if it cannot be opened."""
    return _thumbnail(content_of([path]), path)


def content_of(paths: Iterable[str | Path]) -> str:
    """A name for images that changes with their paths, and with the times and sizes of their files."""
    facts = []
    for path in paths:
        [own_file] = file_versions(Path(path))
        facts.append((str(path), own_file or file_versions(file_of(path))))  # to look for a .mat file takes longer
    return hashlib.blake2b(repr(facts).encode(errors="surrogateescape"), digest_size=16).hexdigest()


@of_galleries
@st.cache_data(max_entries=500, show_spinner=False)
def descriptors(_model: "Model", model: tuple, content: tuple, _images: list[Image.Image]) -> tuple[np.ndarray, float]:
    """(N, D) and milliseconds; computed once for the same content, so that a changed setting costs no description."""
    return timed_descriptors(_model, _images)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def inside(model: tuple, content: tuple, size: int | None, _model: "Model", _image: Image.Image) -> "Regions":
    """An image inside a network, in regions of a size or of the network's own."""
    from core.explain.activations import look_inside

    return look_inside(_model, _image, size)


@st.cache_data(max_entries=500, show_spinner=False)
def upload_url(content: str, box: tuple, size: tuple[int, int], _image: Image.Image) -> str:
    """An upload, cut to its box, as a data URL of at most that size."""
    return jpeg_url(_image, size)


@of_galleries
@st.cache_data(max_entries=5000, show_spinner=False)
def _thumbnail(content: str, _path: str | Path) -> str:
    return jpeg_url(open_image(_path), THUMBNAIL)


@st.cache_resource(max_entries=6, show_spinner=False)
def _model(key: tuple, random: bool, _checkpoint: Path) -> "Model":
    import torch

    from core.explain.activations import randomise_weights
    from core.inference.model import load

    torch.set_num_threads(1)  # as in app/shared/model_loading.py
    loaded = load(_checkpoint)
    return randomise_weights(loaded) if random else loaded


@of_galleries
@st.cache_resource(max_entries=100, show_spinner=False)
def _health(key: tuple, changed: tuple, near: bool, _gallery: "StoredGallery") -> "Health | None":
    from core.galleries.overview import overview

    return overview(_gallery, near).health


@st.cache_resource(max_entries=4, show_spinner=False)
def _images(folder: Path, changed: tuple) -> Images:
    return read_images(folder)


@of_galleries
@st.cache_resource(max_entries=4, show_spinner="Reading the gallery")
def _stored(key: tuple | None, _gallery: "StoredGallery") -> Images:
    return read_stored(_gallery)


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


@st.cache_resource(show_spinner=False)
def _opened() -> set[str]:
    """The ids of galleries of which something is kept."""
    return set()
