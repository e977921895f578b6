"""The transfer of a calibration to a gallery with other scores."""

from dataclasses import fields

import numpy as np
import pytest

from core.evaluation.calibration import Calibration, CalibrationData
from core.evaluation.false_scores import FalseScores
from core.evaluation.gallery_calibration import GalleryCalibration
from core.evaluation.verdict import judge_presence
from core.evaluation.verification import EDGES, ScoreCounts


def counted(shift: float) -> ScoreCounts:
    """Count scores whose z is N(0.1, 0.2) for false matches and N(1.2, 0.25) for true ones, plus a shift."""
    random = np.random.default_rng(0)
    false = np.tanh(random.normal(0.1 + shift, 0.2, (3000, 100)))
    own = np.tanh(random.normal(1.2 + shift, 0.25, 3000))
    scores = {"same": own, "different": false.ravel(), "strangers": false.max(1), "own": own, "found": own}
    return ScoreCounts(*(np.histogram(scores[one.name], EDGES)[0] for one in fields(ScoreCounts)))


def transferred(shift: float) -> GalleryCalibration:
    own = Calibration(20.0, -10.0, counted(0), CalibrationData("made", "nobody", 100))
    return GalleryCalibration.transfer(own, FalseScores.fit(counted(shift).different), 3000, 2)


def test_thresholds_and_false_alarms_follow_a_shift_of_the_scores():
    counts, calibration = counted(0.3), transferred(0.3)
    assert counts.false_match_rate(calibration.threshold(0.001)) == pytest.approx(0.001, rel=0.3)
    threshold = calibration.alarm_threshold(0.1, 100)
    assert counts.false_alarm_rate(threshold) == pytest.approx(0.1, rel=0.3)
    assert calibration.false_alarm_rate(threshold, 100) == pytest.approx(0.1, rel=0.1)


def test_equivalent_score_undoes_the_shift():
    scores = np.tanh(np.array([0.2, 0.5, 0.7]))
    shifted = np.tanh(np.array([0.5, 0.8, 1.0]))
    assert transferred(0.3).equivalent(shifted) == pytest.approx(scores, abs=0.03)
    own = Calibration(20.0, -10.0, counted(0), CalibrationData("made", "nobody", 100))
    assert transferred(0.3).probability(shifted, 0.1) == pytest.approx(own.probability(scores, 0.1), abs=0.12)
    assert own.equivalent(0.4) == 0.4


def test_a_transfer_to_its_own_data_changes_almost_nothing():
    """Also above the highest counted score of a false match, which is about 0.77."""
    own, counts = Calibration(20.0, -10.0, counted(0), CalibrationData("made", "nobody", 100)), counted(0)
    scores = np.array([0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0])
    same = GalleryCalibration.transfer(own, FalseScores.fit(counts.different), 3000, 2)
    assert same.probability(scores, 0.001) == pytest.approx(own.probability(scores, 0.001))
    with_matches = FalseScores.fit(counts.different + counts.same)
    mixed = GalleryCalibration.transfer(own, with_matches, 3000, 2)
    assert mixed.probability(scores, 0.001) == pytest.approx(own.probability(scores, 0.001), abs=0.1)
    assert mixed.alarm_threshold(0.1, 100) == pytest.approx(own.alarm_threshold(0.1, 100), abs=0.02)


def test_verdict_uses_the_equivalent_score():
    """A score that only a few strangers reach on the calibration data is common in the shifted gallery."""
    own = Calibration(20.0, -10.0, counted(0), CalibrationData("made", "nobody", 100))
    score = own.alarm_threshold(0.05, 100)
    assert judge_presence(own, score, 100)[1] == pytest.approx(0.05, rel=0.1)
    assert judge_presence(transferred(0.3), score, 100)[1] > 0.9
