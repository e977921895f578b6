"""The calibrations of checkpoints, read once."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.shared import texts, widgets
from app.shared.cache import of_galleries
from app.shared.settings import checkpoint_key, file_versions
from core.errors import UserError

if TYPE_CHECKING:  # it imports torch, which takes seconds: the first page does not wait for it
    from core.evaluation.calibration import Calibration
    from core.search.gallery import Gallery

MIN_GALLERY_IMAGES = 200  # with fewer images, the scores of false matches are those of the calibration data


def read_or_warn(checkpoint: Path) -> "Calibration | None":
    """Return a checkpoint's calibration; show a warning if it is damaged."""
    try:
        return read(checkpoint)
    except UserError as error:
        widgets.warn([str(error)])
        return None


def read(checkpoint: Path) -> "Calibration | None":
    """Read the calibration of a checkpoint, if there is one. Raises UserError if it is damaged."""
    from core.evaluation.calibration import CALIBRATION, FOLDER, SCORES
    from core.inference.checkpoint import find_checkpoint

    found = find_checkpoint(checkpoint)
    files = (found / FOLDER / name for name in (CALIBRATION, SCORES))
    return _calibration(checkpoint_key(found), file_versions(*files), found)


def transfer(calibration: "Calibration | None", gallery: "Gallery", key: tuple) -> "Calibration | None":
    """Transfer a calibration to a gallery. With too few images or cameras, the calibration stays as it is.

    Args:
        calibration: The calibration of the model.
        gallery: The searched gallery.
        key: The key of the model and the gallery, of `Loading`.
    """
    if calibration is None or len(gallery) < MIN_GALLERY_IMAGES:
        return calibration
    return _transferred(key, calibration, gallery)


def describe(calibration: "Calibration | None") -> str:
    """Describe the data of a calibration, or how to create one."""
    if calibration is None:
        from core.evaluation.calibration import HOW_TO_CALIBRATE

        return texts.NO_CALIBRATION.format(how=HOW_TO_CALIBRATE)
    data, people = calibration.about.data, calibration.about.people
    images = getattr(calibration, "images", 0)  # of the gallery that it was transferred to
    if images:
        cameras = getattr(calibration, "cameras", 0)
        return texts.TRANSFERRED.format(data=data, people=people, images=images, cameras=cameras)
    return texts.CALIBRATED_ON.format(data=data, people=people)


@st.cache_resource(max_entries=20, show_spinner=False)
def _calibration(key: tuple, changed: tuple, _checkpoint: Path) -> "Calibration | None":
    from core.evaluation.calibration import read_calibration

    return read_calibration(_checkpoint)


@of_galleries
@st.cache_resource(max_entries=20, show_spinner=False)
def _transferred(key: tuple, calibration: "Calibration", _gallery: "Gallery") -> "Calibration":
    from core.evaluation.false_scores import FalseScores, count_cross_camera
    from core.evaluation.gallery_calibration import GalleryCalibration

    try:
        scores = count_cross_camera(_gallery.descriptors, _gallery.cameras)
        if not scores.cameras:
            return calibration
        false = FalseScores.fit(scores.counts)
        return GalleryCalibration.transfer(calibration, false, scores.images, scores.cameras)
    except UserError:  # too few pairs, or scores whose tail cannot be fitted
        return calibration
