"""The calibration of a model for a gallery of the page Search."""

import numpy as np
import pytest
from scipy.special import ndtr

from app.shared import calibrations
from core.evaluation.calibration import Calibration, CalibrationData
from core.evaluation.gallery_calibration import GalleryCalibration
from core.evaluation.verification import EDGES, ScoreCounts
from core.search.gallery import Gallery


@pytest.fixture
def calibration() -> Calibration:
    counts = np.diff(ndtr(EDGES / 0.3)) * 1e6
    return Calibration(20.0, -10.0, ScoreCounts(*[counts.astype(int)] * 5), CalibrationData("made", "nobody", 100))


def gallery(spread: float) -> Gallery:
    rows = np.eye(1, 16) + spread * np.random.default_rng(0).normal(size=(240, 16))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    names = np.array([f"{number}.png" for number in range(240)], dtype=object)
    return Gallery(rows, names, np.full(240, "", dtype=object), np.arange(240) % 2 + 1, np.zeros(240))


def test_a_gallery_with_two_cameras_has_its_own_calibration(calibration):
    found = calibrations.transfer(calibration, gallery(1.0), ("spread",))
    assert isinstance(found, GalleryCalibration) and (found.images, found.cameras) == (240, 2)
    other = Calibration(10.0, -5.0, calibration.counts, calibration.about)
    assert calibrations.transfer(other, gallery(1.0), ("spread",)).slope == 10


def test_near_identical_descriptors_keep_the_stored_calibration(calibration):
    assert type(calibrations.transfer(calibration, gallery(1e-4), ("identical",))) is Calibration
