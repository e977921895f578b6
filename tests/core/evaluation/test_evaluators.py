from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data.records import DISTRACTOR, Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query, evaluate_single_shot, mean_evaluation
from core.evaluation.ranking import Order
from core.evaluation.same_camera import same_camera

OPPOSITE = Order(lambda query, gallery, ignored: lambda some: -query[some] @ gallery.T)  # ascending score


def record(identity, camera):
    return Record(Path(f"{identity}_{camera}"), identity, camera)


def unit(*angles):
    """Make two-dimensional descriptors: the score of two is the cosine of the angle between them."""
    radians = np.deg2rad(angles)
    return np.stack([np.cos(radians), np.sin(radians)], 1).astype(np.float32)


# probe at 0 degrees; the gallery by angle: same camera (ignored), false match, true match, distractor, true match
GALLERY = [record("a", 1), record("b", 1), record("a", 2), record(DISTRACTOR, 3), record("a", 3)]
ANGLES = unit(1, 2, 3, 4, 5)


def test_single_query_by_hand():
    """Valid ranking: b, a, distractor, a -> true matches at ranks 2 and 4."""
    result = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)
    assert result.summary["recall@1"] == 0 and result.summary["recall@5"] == 100
    assert result.summary["mAP"] == pytest.approx(100 * (1 / 2 + 2 / 4) / 2)
    assert result.summary["mINP"] == pytest.approx(100 * 2 / 4)
    assert result.probes["first_rank"].tolist() == [2]


def test_same_camera_needs_same_identity():
    assert same_camera(record("a", 1), np.array(["a", "b", "a"]), np.array([1, 1, 2])).tolist() == [True, False, False]
    assert not same_camera(record("a", 0), np.array(["a"]), np.array([0])).any()  # unknown cameras are never the same


def test_probes_without_true_match_are_counted_and_ignored():
    probes = [record("a", 1), record("c", 1)]
    summary = evaluate_single_query(unit(0, 0), probes, ANGLES, GALLERY).summary
    assert (summary["probes"], summary["probes_without_answer"], summary["gallery"]) == (1, 1, 5)


def test_all_fields_of_an_evaluation():
    """a (0 degrees) ranks x before its true match; c (45) has none; b (90) ranks both true matches first."""
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
    for index, (probe, rank) in enumerate(zip(probes, first_ranks, strict=True)):
        own = [*range(20), 20 + index]  # only one of the true matches
        result = evaluate_single_query(unit(0), [probe], angles[own], [gallery[one] for one in own])
        recalls = {name: value for name, value in result.summary.items() if "recall" in name}
        assert recalls == {f"recall@{k}": 100 * (rank <= k) for k in (1, 5, 10, 20)}
        assert result.curve.tolist() == [100 * (rank <= k) for k in range(1, 51)]


def test_custom_order():
    """Ranking by descending angle: a, distractor, a, b."""
    result = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY, order=OPPOSITE)
    assert result.summary["mAP"] == pytest.approx(100 * (1 + 2 / 3) / 2, abs=1e-3)
    single_shot = evaluate_single_shot(unit(0), SHOTS[:1], unit(2, 40, 60), SHOTS_GALLERY, order=OPPOSITE)
    assert single_shot.probes["first_rank"].tolist() == [3]


def test_no_true_match_raises():
    one_camera = [record("a", 1), record("b", 1)]
    with pytest.raises(UserError, match="same-camera images are ignored"):
        evaluate_single_query(unit(0), [record("a", 1)], unit(0, 1), one_camera)
    with pytest.raises(UserError, match="identities is in the gallery"):
        evaluate_single_query(unit(0), [record("x", 1)], unit(0, 1), one_camera)
    with pytest.raises(UserError, match="no probes or no gallery"):
        evaluate_single_query(unit(), [], ANGLES, GALLERY)
    with pytest.raises(UserError, match="no probes or no gallery"):
        evaluate_single_query(unit(0), [record("a", 1)], unit(), [])


def test_include_same_camera():
    """Ranking: a (own camera), b, a, distractor, a."""
    probe = Record(Path("another image"), "a", 1)
    summary = evaluate_single_query(unit(0), [probe], ANGLES, GALLERY, include_same_camera=True).summary
    assert summary["recall@1"] == 100 and summary["mAP"] == pytest.approx(100 * (1 + 2 / 3 + 3 / 5) / 3, abs=1e-3)


@pytest.mark.parametrize("camera, included", [(0, False), (0, True), (1, True)])
def test_the_own_image_of_a_probe_is_never_its_match(camera, included):
    """The gallery in order: the probe itself, another identity, the true match."""
    probe, match = Record(Path("own"), "a", camera), Record(Path("other"), "a", camera)
    gallery = [probe, Record(Path("b"), "b", camera), match]
    result = evaluate_single_query(unit(0), [probe], unit(0, 1, 2), gallery, include_same_camera=included)
    assert result.probes["first_rank"].tolist() == [2] and result.summary["mAP"] == 50
    with pytest.raises(UserError, match="No probe has a true match"):
        evaluate_single_query(unit(0), [probe], unit(0, 1), gallery[:2], include_same_camera=included)


def test_cameras_of_one_place_count_as_one():
    probe = Record(Path("own"), "a", 2, place=(2, 3))
    gallery = [replace(probe, path=Path(f"{camera}"), camera=camera) for camera in (3, 2)]
    gallery = [*gallery, Record(Path("b"), "b", 3, place=(2, 3)), Record(Path("true"), "a", 1)]
    result = evaluate_single_query(unit(0), [probe], unit(0, 1, 2, 3), gallery)
    assert result.probes["first_rank"].tolist() == [2] and result.summary["mAP"] == 50
    labels = np.array([record.identity for record in gallery]), np.array([record.camera for record in gallery])
    assert same_camera(probe, *labels).tolist() == [True, True, False, False]


def test_all_three_definitions_and_the_curve():
    result = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)  # true matches at ranks 2 and 4
    assert result.summary["mAP_trapezoid"] == pytest.approx(100 * ((0 + 1 / 2) / 2 + (1 / 3 + 2 / 4) / 2) / 2, abs=1e-3)
    assert result.summary["mAP_authors_2017"] == pytest.approx(100 * (1 / 2) / 2)
    assert result.curve.tolist() == [0] + [100] * 49


# two identities seen by cameras 1 and 2; "c" is not in the gallery, "d" has no probe
SHOTS = [record("a", 1), record("b", 1), Record(Path("other b"), "b", 1), record("c", 1)]
SHOTS_GALLERY = [record("a", 2), record("b", 2), record("d", 2)]


def test_single_shot_by_hand():
    """a (0 degrees) finds a; b finds b from its first image (30), and d before b from its second (55)."""
    result = evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), SHOTS_GALLERY, draws=400)
    drawn = result.probes.set_index("path")["draws"]
    assert result.probes.columns.tolist()[2:5] == ["camera", "draws", "first_rank"]
    assert drawn["a_1"] == 400 and result.probes["draws"].sum() == 800
    share = result.probes["draws"][result.probes["first_rank"] == 1].sum() / 800
    assert result.summary["recall@1"] == pytest.approx(100 * share, abs=1e-3)
    assert 70 < result.summary["recall@1"] < 80 and result.curve[1] == 100  # 3/4 in expectation
    assert (result.summary["probes"], result.summary["probes_without_answer"], result.summary["gallery"]) == (2, 1, 3)
    assert result.summary["mAP"] == pytest.approx(100 * (share + (1 - share) / 2), abs=1e-3)  # ranks 1 and 2
    assert result.summary["mAP_authors_2017"] == 0  # it ignores the last true match, here the only one
    assert result.cameras.to_numpy().tolist() == [[round(100 * share, 2)]]


def test_each_distractor_is_an_entry_of_a_single_shot_gallery():
    distractors = [Record(Path(f"x{number}"), DISTRACTOR, 2) for number in range(3)]
    gallery, probes = [record("a", 2), *distractors], [record("a", 1), Record(Path("y"), DISTRACTOR, 1)]
    result = evaluate_single_shot(unit(0, 0), probes, unit(9, 1, 2, 3), gallery, draws=2)
    assert result.probes["first_rank"].tolist() == [4]  # behind all three
    assert (result.summary["probes"], result.summary["gallery"]) == (1, 4)


def test_single_shot_draws_depend_on_seed():
    def score(seed):
        return evaluate_single_shot(
            unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), SHOTS_GALLERY, draws=10, seed=seed
        ).summary

    assert score(0) == score(0)
    default = evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), SHOTS_GALLERY)
    hundred = evaluate_single_shot(unit(0, 30, 55, 0), SHOTS, unit(2, 40, 60), SHOTS_GALLERY, draws=100, seed=0)
    assert default.summary == hundred.summary and default.summary["draws"] == 100
    assert len({score(seed)["recall@1"] for seed in range(8)}) > 1


def test_single_shot_equals_loop():
    random = np.random.default_rng(0)
    query, gallery = (random.integers(-9, 10, (24, 4)).astype(np.float32) for _ in range(2))  # exact scores
    gallery[5] = gallery[0]  # a tie between identities: the first by name ranks first
    people = [record(f"p{index // 3}", camera) for camera in (1, 2) for index in range(24)]
    result = evaluate_single_shot(query, people[:24], gallery, people[24:], draws=7, seed=3)
    generator, ranks = np.random.default_rng(3), []
    for _ in range(7):
        probes = [generator.choice([3 * p, 3 * p + 1, 3 * p + 2]) for p in range(8)]
        drawn_gallery = [generator.choice([3 * p, 3 * p + 1, 3 * p + 2]) for p in range(8)]
        for person, probe in enumerate(probes):
            scores = [float(query[probe] @ gallery[index]) for index in drawn_gallery]
            order = sorted(range(8), key=lambda other, scores=scores: (-scores[other], other))
            ranks.append(order.index(person) + 1)
    for k in (1, 5):
        assert result.summary[f"recall@{k}"] == pytest.approx(100 * np.mean([rank <= k for rank in ranks]), abs=1e-3)
    assert result.summary["mAP"] == pytest.approx(100 * np.mean([1 / rank for rank in ranks]), abs=1e-3)


def test_single_shot_without_true_match_raises():
    with pytest.raises(UserError, match="identities is in the gallery"):
        evaluate_single_shot(unit(0), SHOTS[3:], unit(1), SHOTS_GALLERY[:1])


def test_mean_of_splits():
    one = evaluate_single_query(unit(0), [record("a", 1)], ANGLES, GALLERY)
    two = evaluate_single_query(unit(3), [record("a", 1)], ANGLES, GALLERY)  # finds a at rank 1
    mean, spread = mean_evaluation([one, two])
    assert mean.summary["recall@1"] == 50 and spread["recall@1"] == pytest.approx(70.7107, abs=1e-3)
    assert mean.summary["probes"] == 1 and mean.curve[0] == 50
    assert mean.probes["split"].tolist() == [1, 2]
    assert mean_evaluation([one]) == (one, {})


def test_mean_of_three_splits_by_hand():
    """The second split ranks the image of camera 2 first and has one more gallery image. Counts are of the first."""
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
