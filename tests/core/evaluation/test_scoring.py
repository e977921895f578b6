from pathlib import Path

import numpy as np
import pytest

from core.data.records import DISTRACTOR, Record
from core.errors import UserError
from core.evaluation.scoring import evaluate_single_query, same_camera


def record(identity, camera):
    return Record(Path(f"{identity}_{camera}"), identity, camera)


def unit(*angles):
    """Descriptors in the plane: the score of two is the cosine of the angle between them."""
    radians = np.deg2rad(angles)
    return np.stack([np.cos(radians), np.sin(radians)], 1).astype(np.float32)


# probe at 0 degrees; the gallery by rising angle: same camera (not counted), another person, right, distractor, right
GALLERY = [record("a", 1), record("b", 1), record("a", 2), record(DISTRACTOR, 3), record("a", 3)]
ANGLES = unit(1, 2, 3, 4, 5)


def test_small_enough_to_count():
    """Valid ranking: b, a, distractor, a -> right answers at ranks 2 and 4."""
    result = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)
    assert result.summary["recall@1"] == 0 and result.summary["recall@5"] == 100
    assert result.summary["mAP"] == pytest.approx(100 * (1 / 2 + 2 / 4) / 2)
    assert result.summary["mINP"] == pytest.approx(100 * 2 / 4)
    assert result.probes["first_rank"].tolist() == [2]


def test_other_people_of_the_same_camera_count():
    assert same_camera(record("a", 1), np.array(["a", "b", "a"]), np.array([1, 1, 2])).tolist() == [True, False, False]
    assert not same_camera(record("a", 0), np.array(["a"]), np.array([0])).any()  # unknown cameras are never the same


def test_probes_without_an_answer_are_counted_and_left_out():
    probes = [record("a", 1), record("c", 1)]
    summary = evaluate_single_query(unit(0, 0), probes, ANGLES, GALLERY).summary
    assert (summary["probes"], summary["probes_without_answer"], summary["gallery"]) == (1, 1, 5)


def test_the_message_explains_why_nothing_counts():
    one_camera = [record("a", 1), record("b", 1)]
    with pytest.raises(UserError, match="own camera do not count"):
        evaluate_single_query(unit(0), [record("a", 1)], unit(0, 1), one_camera)
    with pytest.raises(UserError, match="identities is in the gallery"):
        evaluate_single_query(unit(0), [record("x", 1)], unit(0, 1), one_camera)
    with pytest.raises(UserError, match="no probes or no gallery"):
        evaluate_single_query(unit(), [], ANGLES, GALLERY)
