"""The scores of false matches, on scores with known distributions and against a naive loop."""

import numpy as np
import pytest

from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError
from core.evaluation.false_scores import MAX_SCORE, FalseScores, count_cross_camera
from core.evaluation.verification import EDGES


def unit(count: int, dimensions: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def mixture(true_share: float, pairs: int = 400_000) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores whose z is N(0.2, 0.2) for false matches and N(1.4, 0.3) for true ones."""
    random = np.random.default_rng(0)
    true = int(true_share * pairs)
    false = np.tanh(random.normal(0.2, 0.2, pairs - true))
    return false, np.concatenate([false, np.tanh(random.normal(1.4, 0.3, true))])


def test_counts_equal_a_naive_loop_over_pairs_of_different_cameras():
    rows, cameras = unit(60, 8), np.array([1, 2, 3, UNKNOWN_CAMERA] * 15)
    scores = [
        float(rows[one] @ rows[other])
        for one in range(60)
        for other in range(one)
        if cameras[one] != cameras[other] and UNKNOWN_CAMERA not in (cameras[one], cameras[other])
    ]
    # 60 images give fewer than 1,000 pairs of known cameras
    assert len(scores) == 675
    with pytest.raises(UserError, match="675"):
        count_cross_camera(rows, cameras)
    rows, cameras = np.tile(rows, (2, 1)), np.tile(cameras, 2)
    found = count_cross_camera(rows, cameras)
    naive = [
        float(rows[one] @ rows[other])
        for one in range(120)
        for other in range(one)
        if cameras[one] != cameras[other] and UNKNOWN_CAMERA not in (cameras[one], cameras[other])
    ]
    assert found.counts.sum() == len(naive) and (found.images, found.cameras) == (120, 3)
    assert np.abs(np.cumsum(found.counts) - np.cumsum(np.histogram(naive, EDGES)[0])).max() <= 3  # float32 at an edge


def test_without_cameras_all_pairs_count():
    found = count_cross_camera(unit(60, 8), np.zeros(60, int))
    assert (found.counts.sum(), found.cameras) == (60 * 59 // 2, 0)


@pytest.mark.parametrize("true_share", [0, 0.003, 0.01])
@pytest.mark.parametrize("rate", [0.01, 0.001])
def test_threshold_gives_its_false_match_rate_with_true_matches_among_the_pairs(true_share, rate):
    false, pairs = mixture(true_share)
    fitted = FalseScores.fit(np.histogram(pairs, EDGES)[0])
    threshold = fitted.threshold(rate)
    assert (false >= threshold).mean() == pytest.approx(rate, rel=0.3)
    assert fitted.rate(threshold) == pytest.approx(rate, rel=1e-3)


def test_true_matches_hide_the_tail_from_a_plain_quantile():
    """The quantile of all pairs lies among the true matches, the fitted threshold does not."""
    false, pairs = mixture(0.01)
    assert (false >= np.quantile(pairs, 0.999)).mean() < 0.0001
    assert (false >= FalseScores.fit(np.histogram(pairs, EDGES)[0]).threshold(0.001)).mean() > 0.0007


def test_share_of_true_matches_is_estimated():
    _, pairs = mixture(0.01)
    assert FalseScores.fit(np.histogram(pairs, EDGES)[0]).true_share == pytest.approx(0.01, rel=0.2)


def test_rates_descend_with_the_threshold():
    _, pairs = mixture(0.003)
    fitted = FalseScores.fit(np.histogram(pairs, EDGES)[0])
    rates = [fitted.rate(threshold) for threshold in np.linspace(-0.2, 0.95, 60)]
    assert all(low <= high + 1e-9 for low, high in zip(rates[1:], rates, strict=False))


@pytest.mark.parametrize("scores", [[0.1] * 800 + [1.0] * 200, [0.5] * 1000, [0.1] * 950 + [0.992] * 50])
def test_scores_whose_tail_has_no_shape_are_refused(scores):
    with pytest.raises(UserError, match="too similar"):
        FalseScores.fit(np.histogram(scores, EDGES)[0])


def test_a_rate_below_that_of_the_highest_score_has_the_highest_threshold():
    fitted = FalseScores(np.ones(len(EDGES) - 1), 0.8, 0.0, 3.0, 0.1, 0.0)
    assert fitted.threshold(1e-9) == MAX_SCORE
