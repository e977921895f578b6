"""Caches that all visitors share and that survive a rerun."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image, ImageOps

from app.components.data_url import jpeg_url
from app.shared import garbage, texts
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
from app.shared.thumbnails import thumbnail_url
from app.shared.upload_store import LIFETIME_S
from core.data.images import file_of

if TYPE_CHECKING:
    from core.data.quality import DataQuality
    from core.explain.activations import Regions
    from core.galleries.gallery_folder import StoredGallery
    from core.inference.model import Model

PAINT_S = 1.5  # from the end of a run until a browser has shown the page: the import of torch would slow it
CLEARING: list[Callable[[], None]] = []  # clear the caches of values that are computed from galleries


def of_galleries(cache: Callable) -> Callable:
    """Decorate a cache that is cleared when a gallery is deleted."""
    CLEARING.append(getattr(cache, "clear", None) or cache.cache_clear)
    return cache


def forget_deleted() -> None:
    """Clear the caches of galleries that were deleted or renamed; called at each rerun."""
    if gone := set(_opened()) - list_gallery_ids():
        _opened().difference_update(gone)
        _shelf().forget(gone)
        for clear in CLEARING:
            clear()
        garbage.collect_all()


def forget_uploads() -> None:
    """Clear the caches that hold uploads or what was computed from them."""
    upload_url.clear()
    upload_square.clear()
    for clear in CLEARING:
        clear()
    garbage.collect_all()


def run_folders() -> list[Path]:
    """Return the folders of all runs."""
    return folders_in(runs_folder())


def images(gallery: "StoredGallery | None" = None) -> Images:
    """Read the data folder or a named gallery; read again after a change.

    Raises UserError if there is no image to search.
    """
    if gallery:
        _opened().add(gallery.id)
        return _stored(gallery.key, gallery)
    folder = data_folder()
    return _images(folder, file_versions(folder, *folders_in(folder)))


def loading(name: str, gallery: "StoredGallery | None" = None) -> Loading:
    """Start or find the loading of a model and a gallery. Raises UserError if one is missing."""
    return _shelf().get(*_to_load(name, gallery))


def load_soon(name: str, gallery: "StoredGallery | None" = None) -> None:
    """Start the loading when the browser has shown the page, as `loading` does at once. Raises UserError as it does."""
    shelf, wanted = _shelf(), _to_load(name, gallery)

    def load() -> None:
        with suppress(RuntimeError):  # the server has stopped in the meantime: its pool takes no more work
            shelf.get(*wanted)

    later = Timer(PAINT_S, load)
    later.daemon = True
    later.start()


def health(gallery: "StoredGallery", near: bool = False) -> "DataQuality | None":
    """Return the data quality of a gallery, or None before it is indexed; computed again after a change."""
    key = gallery.key
    return key and _health(key, file_versions(gallery.folder / "refused.json"), near, gallery)


def model(name: str, random: bool = False) -> tuple[tuple, "Model"]:
    """Return the cache key of a model, and the model, or the same architecture with random weights.

    Raises UserError if the model is missing or damaged.
    """
    checkpoint = list_models()[name]
    key = (checkpoint_key(checkpoint), random)
    return key, _model(*key, checkpoint)


def thumbnail(path: str | Path) -> str:
    """Return an image as a data URL. Raises UserError if it cannot be opened."""
    return _thumbnail(str(path), _version(path))


def content_of(paths: Iterable[str | Path]) -> str:
    """Hash the paths of images with the times and sizes of their files."""
    facts = [(str(path), _version(path)) for path in paths]
    return hashlib.blake2b(repr(facts).encode(errors="surrogateescape"), digest_size=16).hexdigest()


@of_galleries
@st.cache_data(max_entries=2000, show_spinner=False)
def descriptors(_model: "Model", model: tuple, content: tuple, _images: list[Image.Image]) -> tuple[np.ndarray, float]:
    """Return descriptors (N, D) and milliseconds; cached by content, so that a changed setting computes nothing."""
    return timed_descriptors(_model, _images)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def inside(model: tuple, content: tuple, size: int | None, _model: "Model", _image: Image.Image) -> "Regions":
    """Compute the regions of an image, of a given size or of the network's size."""
    from core.explain.activations import look_inside

    return look_inside(_model, _image, size)


@st.cache_data(max_entries=500, ttl=LIFETIME_S, show_spinner=False)
def upload_url(content: str, box: tuple, size: tuple[int, int], _image: Image.Image) -> str:
    """Return an upload, cropped to its box, as a data URL of at most that size."""
    return jpeg_url(_image, size)


@st.cache_data(max_entries=500, ttl=LIFETIME_S, show_spinner=False)
def upload_square(content: str, side: int, _image: Image.Image) -> str:
    """Return the upper part of an upload as a data URL of a square."""
    return jpeg_url(ImageOps.fit(_image, (side, side), centering=(0.5, 0)), (side, side))


def _to_load(name: str, gallery: "StoredGallery | None") -> tuple:
    """Return what `Shelf.get` needs."""
    found, checkpoint = images(gallery), list_models()[name]
    source = gallery or found.folder
    key = described_key(source, checkpoint, [record.path for record in found.gallery])
    return key, source, len(found.gallery), checkpoint


def _version(path: str | Path) -> tuple:
    """Return the time and size of the file of an image."""
    return file_versions(path)[0] or file_versions(file_of(path))  # searching for a .mat file takes longer


@of_galleries
@lru_cache(maxsize=5000)  # quicker than a cache of Streamlit, which hashes each argument
def _thumbnail(path: str, version: tuple) -> str:
    return thumbnail_url(path)


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
def _health(key: tuple, changed: tuple, near: bool, _gallery: "StoredGallery") -> "DataQuality | None":
    from core.galleries.overview import overview

    return overview(_gallery, near).health


@st.cache_resource(max_entries=4, show_spinner=False)
def _images(folder: Path, changed: tuple) -> Images:
    return read_images(folder)


@of_galleries
@st.cache_resource(max_entries=4, show_spinner=texts.READING_GALLERY)
def _stored(key: tuple | None, _gallery: "StoredGallery") -> Images:
    return read_stored(_gallery)


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


@st.cache_resource(show_spinner=False)
def _opened() -> set[str]:
    """Return the ids of the galleries that have cached values."""
    return set()
