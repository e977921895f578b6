"""Batch-norm adaptation of a named gallery: the statistics and the adapted descriptors of each camera, stored with it.

The job that indexes a gallery also adapts it, so that a search does not wait. `adapted/` in the gallery's folder has
two files for each camera (core.inference.camera_statistics), and `adapted.json` with their names and the version that
they belong to. A search reads these files and does not look at the images, which may be deleted or not mounted. A
camera whose images are unchanged keeps its files. The descriptors of the model without adaptation stay.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.json_file import read_json, write_json
from core.read_only import is_read_only

if TYPE_CHECKING:  # these imports take seconds, and a page that asks whether a gallery is adapted does not need them
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import Model
    from core.search.gallery import Gallery

ADAPTED = "adapted"  # the folder, in the gallery's folder
VERSION = "adapted.json"
# Images of each camera; with fewer, a gallery is not adapted. From 128 images on, adaptation helps on average of the
# measured data (docs/ranking-and-calibration.md). With 64 it hurts on cameras that the model was trained on.
MIN_IMAGES = 128
OnProgress = Callable[[int], None]  # called with the number of images processed since the last call


def has_enough_images(cameras: np.ndarray) -> bool:
    """Return whether the images of these cameras (N,) are enough to adapt a model by default.

    Two or more cameras are needed, MIN_IMAGES of each, and no image of an unknown camera.
    """
    known, counts = np.unique(cameras, return_counts=True)
    return bool(len(known) > 1 and UNKNOWN_CAMERA not in known and counts.min() >= MIN_IMAGES)


def is_adapted(gallery: StoredGallery) -> bool:
    """Return whether the adapted descriptors of the version that is searched are stored."""
    return _stored(gallery) is not None


def _stored(gallery: StoredGallery) -> dict[str, Any] | None:
    """Return the list of the stored files of the version that is searched, or None."""
    version = gallery.version
    with suppress(UserError):  # missing or damaged
        stored = read_json(gallery.folder / ADAPTED / VERSION)
        if version is not None and stored.get("version") == version.name and "files" in stored:
            return stored
    return None


def adapt_stored(
    gallery: StoredGallery, load: "Callable[[], Model]", on_progress: OnProgress = lambda count: None
) -> bool:
    """Adapt a gallery, and store the statistics and the descriptors of each camera.

    Args:
        gallery: The gallery.
        load: Returns the model that has indexed the gallery. It is called only if the gallery is not adapted yet.
        on_progress: Called with the number of images processed since the last call.

    Returns:
        Whether it is adapted. A gallery is not if a camera has too few images (`has_enough_images`), if the model has
        no batch normalisation, or if it was trained on images of the gallery: adaptation hurts on the training's
        cameras.

    Raises:
        UserError: If an image can no longer be read.
    """
    from core.inference.camera_statistics import delete_others

    if is_adapted(gallery):
        return True
    folder, version = gallery.folder / ADAPTED, gallery.version
    indexed = gallery.open() if gallery.images else None
    model = load() if version and indexed and has_enough_images(indexed.cameras) else None
    if version is None or indexed is None or model is None or not _helps(model, indexed):
        shutil.rmtree(folder, ignore_errors=True)
        return False
    _, models = open_adapted(gallery, model, indexed, on_progress)
    models.fit_pooled(on_progress)
    stored = models.stored
    write_json(folder / VERSION, {"version": version.name} | stored)
    delete_others(folder, stored["files"].values())
    return True


def _helps(model: "Model", gallery: "Gallery") -> bool:
    """Return whether a model can be adapted, and was not trained on images of the gallery."""
    from core.inference.camera_adaptation import can_adapt

    provenance = model.checkpoint.provenance
    return can_adapt(model) and not (provenance and provenance.has_images_of(map(Path, gallery.paths)))


def open_adapted(
    gallery: StoredGallery,
    model: "Model",
    indexed: "Gallery",
    on_progress: OnProgress = lambda count: None,
    most: int | None = None,
) -> "tuple[Gallery, CameraModels]":
    """Return the gallery with adapted descriptors, and the adapted models, which describe the probes.

    What is not stored is computed and stored, in read-only mode in the cache folder.

    Args:
        gallery: The gallery.
        model: The model that has indexed it.
        indexed: The gallery with the descriptors of this model.
        on_progress: Called with the number of images processed since the last call.
        most: Number of images; a larger gallery whose adapted descriptors cannot be read is not adapted.

    Raises:
        UserError: If the gallery is too large, or if an image can no longer be read.
    """
    from core.folders import cache_folder
    from core.inference.camera_statistics import CAMERA_STATISTICS
    from core.search.reranking import adapt_gallery, restore_gallery

    folder, stored = gallery.folder / ADAPTED, _stored(gallery)
    if stored and (restored := restore_gallery(model, indexed, stored, folder, gallery.folder)):
        return restored
    if most is not None and len(indexed) > most:
        raise UserError(
            f"The adapted descriptors of the gallery {gallery.name} cannot be read. Delete its folder {ADAPTED} and "
            "index it again."
        )
    if is_read_only():
        return adapt_gallery(model, indexed, on_progress, cache_folder() / CAMERA_STATISTICS)
    return adapt_gallery(model, indexed, on_progress, folder, gallery.folder)
