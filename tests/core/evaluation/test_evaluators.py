from pathlib import Path

import numpy as np
import pytest

from core.data.records import DISTRACTOR, Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query, evaluate_single_shot, mean_evaluation, same_camera
from core.evaluation.ranking import Order

OPPOSITE = Order(lambda query, gallery, barred: lambda some: -query[some] @ gallery.T)  # the least similar first


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


def test_everything_about_three_probes():
    """a (0 degrees) ranks x before its true match; c (45) has none; b (90) ranks both of its own before all others."""
    probes = [record("a", 1), record("c", 1), record("b", 2)]
    gallery = [record("b", 3), record("a", 2), record("b", 1), record("x", 2)]
    result = evaluate_single_query(unit(0, 45, 90), probes, unit(70, 10, 80, 5), gallery)
    assert result.summary == {
        "recall@1": 50,
        "recall@5": 100,
        "recall@10": 100,
        "recall@20": 100,
        "mAP": 75,
        "mAP_trapezoid": pytest.approx(100 * (1 / 4 + 1) / 2),
        "mAP_authors_2017": 25,
        "mINP": 75,
        "probes": 2,
        "probes_without_answer": 1,
        "gallery": 4,
    }
    assert result.probes.columns.tolist() == ["path", "identity", "camera", "first_rank", "average_precision", "inp"]
    assert list(result.probes.itertuples(name=None)) == [(0, "a_1", "a", 1, 2, 0.5, 0.5), (1, "b_2", "b", 2, 1, 1, 1)]
    assert (result.cameras.index.tolist(), result.cameras.columns.tolist()) == ([1, 2], [1, 2, 3])
    np.testing.assert_array_equal(result.cameras, [[np.nan, 0, np.nan], [100, np.nan, 100]])


def test_recalls_at_1_5_10_and_20():
    """True matches of six probes at ranks 1, 5, 6, 10, 11, 20: the others lie between the probe and its true match."""
    first_ranks = [1, 5, 6, 10, 11, 20]
    gallery = [record("x", 2) for _ in range(20)] + [record(f"p{rank}", 2) for rank in first_ranks]
    angles = unit(*range(1, 21), *(rank - 0.5 for rank in first_ranks))
    probes = [record(f"p{rank}", 1) for rank in first_ranks]
    for place, (probe, rank) in enumerate(zip(probes, first_ranks, strict=True)):
        own = [*range(20), 20 + place]  # of the true matches only this one
        result = evaluate_single_query(unit(0), [probe], angles[own], [gallery[one] for one in own])
        recalls = {name: value for name, value in result.summary.items() if "recall" in name}
        assert recalls == {f"recall@{k}": 100 * (rank <= k) for k in (1, 5, 10, 20)}
        assert result.curve.tolist() == [100 * (rank <= k) for k in range(1, 51)]


def test_another_order_than_by_cosine():
    """Ranking now: a, distractor, a, b, as the angles fall."""
    result = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY, order=OPPOSITE)
    assert result.summary["mAP"] == pytest.approx(100 * (1 + 2 / 3) / 2, abs=1e-3)
    single_shot = evaluate_single_shot(unit(0), SHOTS[:1], unit(2, 40, 60), BOARD, order=OPPOSITE)
    assert single_shot.probes["first_rank"].tolist() == [3]


def test_the_message_explains_why_nothing_counts():
    one_camera = [record("a", 1), record("b", 1)]
    with pytest.raises(UserError, match="own camera do not count"):
        evaluate_single_query(unit(0), [record("a", 1)], unit(0, 1), one_camera)
    with pytest.raises(UserError, match="identities is in the gallery"):
        evaluate_single_query(unit(0), [record("x", 1)], unit(0, 1), one_camera)
    with pytest.raises(UserError, match="no probes or no gallery"):
        evaluate_single_query(unit(), [], ANGLES, GALLERY)
    with pytest.raises(UserError, match="no probes or no gallery"):
        evaluate_single_query(unit(0), [record("a", 1)], unit(), [])


def test_the_switch_lets_the_probes_own_camera_count():
    """Ranking now: a (own camera), b, a, distractor, a."""
    summary = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY, include_same_camera=True).summary
    assert summary["recall@1"] == 100 and summary["mAP"] == pytest.approx(100 * (1 + 2 / 3 + 3 / 5) / 3, abs=1e-3)


def test_all_three_definitions_and_the_curve():
    result = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)  # right answers at ranks 2 and 4
    assert result.summary["mAP_trapezoid"] == pytest.approx(100 * ((0 + 1 / 2) / 2 + (1 / 3 + 2 / 4) / 2) / 2, abs=1e-3)
    assert result.summary["mAP_authors_2017"] == pytest.approx(100 * (1 / 2) / 2)
    assert result.curve.tolist() == [0] + [100] * 49


# two people before cameras A and B; "c" has no image in the gallery, "d" none among the probes
SHOTS = [record("a", 1), record("b", 1), Record(Path("other b"), "b", 1), record("c", 1)]
BOARD = [record("a", 2), record("b", 2), record("d", 2)]


def test_single_shot_counted_by_hand():
    """a (0 degrees) finds a; b finds b from its first image (30), and d before b from its second (55)."""
    result = evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), BOARD, draws=400)
    drawn = result.probes.set_index("path")["draws"]
    assert result.probes.columns.tolist()[2:5] == ["camera", "draws", "first_rank"]
    assert drawn["a_1"] == 400 and result.probes["draws"].sum() == 800
    share = result.probes["draws"][result.probes["first_rank"] == 1].sum() / 800
    assert result.summary["recall@1"] == pytest.approx(100 * share, abs=1e-3)
    assert 70 < result.summary["recall@1"] < 80 and result.curve[1] == 100  # three quarters, but for the draws
    assert (result.summary["probes"], result.summary["probes_without_answer"], result.summary["gallery"]) == (2, 1, 3)
    assert result.summary["mAP"] == pytest.approx(100 * (share + (1 - share) / 2), abs=1e-3)  # ranks 1 and 2
    assert result.summary["mAP_authors_2017"] == 0  # it leaves out the last right answer, here the only one
    assert result.cameras.to_numpy().tolist() == [[round(100 * share, 2)]]


def test_single_shot_draws_repeat_and_differ_by_seed():
    def score(seed):
        return evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), BOARD, draws=10, seed=seed).summary

    assert score(0) == score(0)
    default = evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), BOARD)
    hundred = evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), BOARD, draws=100, seed=0)
    assert default.summary == hundred.summary and default.summary["draws"] == 100
    assert len({score(seed)["recall@1"] for seed in range(8)}) > 1


def test_single_shot_against_a_loop():
    random = np.random.default_rng(0)
    query, gallery = (random.integers(-9, 10, (24, 4)).astype(np.float32) for _ in range(2))  # exact scores
    gallery[5] = gallery[0]  # a tie between people: the first in order of names comes first
    people = [record(f"p{place // 3}", camera) for camera in (1, 2) for place in range(24)]
    result = evaluate_single_shot(query, people[:24], gallery, people[24:], draws=7, seed=3)
    drawing, ranks = np.random.default_rng(3), []
    for _ in range(7):
        probes = [drawing.choice([3 * p, 3 * p + 1, 3 * p + 2]) for p in range(8)]
        board = [drawing.choice([3 * p, 3 * p + 1, 3 * p + 2]) for p in range(8)]
        for person, probe in enumerate(probes):
            scores = [float(query[probe] @ gallery[place]) for place in board]
            order = sorted(range(8), key=lambda other, scores=scores: (-scores[other], other))
            ranks.append(order.index(person) + 1)
    for k in (1, 5):
        assert result.summary[f"recall@{k}"] == pytest.approx(100 * np.mean([rank <= k for rank in ranks]), abs=1e-3)
    assert result.summary["mAP"] == pytest.approx(100 * np.mean([1 / rank for rank in ranks]), abs=1e-3)


def test_single_shot_of_nobody():
    with pytest.raises(UserError, match="identities is in the gallery"):
        evaluate_single_shot(unit(0), SHOTS[3:], unit(1), BOARD[:1])


def test_mean_of_splits():
    one = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)
    two = evaluate_single_query(unit(3), [record("a", 1)], ANGLES, GALLERY)  # finds a at rank 1
    mean, spread = mean_evaluation([one, two])
    assert mean.summary["recall@1"] == 50 and spread["recall@1"] == pytest.approx(70.7107, abs=1e-3)
    assert mean.summary["probes"] == 1 and mean.curve[0] == 50
    assert mean.probes["split"].tolist() == [1, 2]
    assert mean_evaluation([one]) == (one, {})


def test_mean_of_three_splits_by_hand():
    """The second finds the image of camera 2 first, and has one image more; counts are those of the first."""
    one = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)
    two = evaluate_single_query(unit(3), [record("a", 1)], unit(1, 2, 3, 4, 5, 6), [*GALLERY, record("b", 3)])
    mean, spread = mean_evaluation([one, two, one])
    assert (mean.summary["recall@1"], spread["recall@1"]) == (33.3333, 57.735)  # of 0, 100, 0
    assert spread["mAP"] == 14.4338  # of 50, 75, 50
    assert (mean.summary["mINP"], spread["mINP"]) == (50, 0) and mean.summary["gallery"] == 5
    assert "gallery" not in spread and one.summary["mAP_trapezoid"] == 33.3333
    np.testing.assert_allclose(mean.curve[:3], [100 / 3, 100, 100])
    assert (mean.cameras.index.tolist(), mean.cameras.columns.tolist()) == ([1], [1, 2, 3])
    np.testing.assert_allclose(mean.cameras, [[np.nan, 100 / 3, 0]])
    assert mean.probes.columns.tolist() == [*one.probes.columns, "split"]
    assert mean.probes.index.tolist() == [0, 1, 2] and mean.probes["split"].tolist() == [1, 2, 3]
