import numpy as np
import pytest
from orders import assert_same_order

from core.search.exact import CACHE_ROWS, as_float32, compute_scores, find_best, find_candidates, find_nearest_of_each
from core.search.int8_bounds import Codes


def random_unit(count, numbers, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, numbers)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def by_full_sort(descriptors, probe, keep=None):
    """Return positions in descending order of the scores, and the scores, in float64."""
    scores = descriptors.astype(np.float64) @ probe.astype(np.float64)
    order = np.argsort(-scores)
    order = order if keep is None else order[keep[order]]
    return order, scores[order]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_compute_scores_equals_loop(dtype):
    rows = random_unit(3 * CACHE_ROWS + 5, 37).astype(dtype)
    rows[-1] = rows[CACHE_ROWS + 1] = rows[0]
    probe = random_unit(1, 37, seed=1)[0]
    naive = [sum(float(a) * float(b) for a, b in zip(row, probe, strict=True)) for row in rows]
    scores = compute_scores(rows, probe)
    np.testing.assert_allclose(scores, naive, atol=1e-6)
    assert scores[0] == scores[CACHE_ROWS + 1] == scores[-1]
    positions = np.array([5, 3 * CACHE_ROWS + 4, 2])
    assert np.array_equal(compute_scores(rows, probe, positions), scores[positions])


def test_find_best_by_hand():
    scores = np.float32([0.1, 0.9, np.nan, 0.5, 0.9, -0.2])
    assert find_best(scores, 3).tolist() == [1, 4, 3]
    assert find_best(scores, 100).tolist() == [1, 4, 3, 0, 5, 2]
    assert find_best(scores, 0).tolist() == [] and find_best(scores[:0], 3).tolist() == []


def test_possible_by_hand():
    low, high = np.float32([0.1, 0.5, 0.3, 0.0]), np.float32([0.2, 0.6, 0.5, 0.4])
    assert find_candidates(low, high, 1).tolist() == [1, 2]  # the upper bound of 2 reaches the lower bound of 1
    assert find_candidates(low, high, 2).tolist() == [1, 2, 3]
    assert find_candidates(low, high, 0).tolist() == []


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("numbers", [3, 37, 500, 1100])
def test_int8_bounds_contain_every_score(dtype, numbers):
    rows = (random_unit(600, numbers) * np.random.default_rng(1).uniform(0.1, 3, (600, 1))).astype(dtype)
    rows[3] = 0
    codes = Codes(rows)
    for probe in (random_unit(1, numbers, seed=2)[0], as_float32(rows)[7], np.eye(numbers, dtype=np.float32)[0]):
        low, high = codes.bounds(probe)
        exact, computed = rows.astype(np.float64) @ probe, compute_scores(rows, probe)
        assert (low <= exact).all() and (exact <= high).all()
        assert (low <= computed).all() and (computed <= high).all()
        assert (
            high - low
        ).max() < 0.1  # the bounds are tight enough to be useful: scores are about 1 in absolute value


def test_int8_bounds_of_nan_rows():
    rows = random_unit(50, 8)
    rows[20, 3] = np.nan
    low, high = Codes(rows).bounds(rows[0])
    assert low[20] == -np.inf and high[20] == np.inf and np.isfinite(np.delete(low, 20)).all()
    assert 0 in find_candidates(low, high, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_find_nearest_of_each_equals_full_sort(dtype, monkeypatch):
    monkeypatch.setattr("core.search.exact.SCORE_BLOCK_BYTES", 4 * 2000 * 3)  # three probes at a time
    rows, probes = random_unit(2000, 20).astype(dtype), random_unit(8, 20, seed=3)
    copies = [40, *range(1500, 1510)]  # equal rows keep the order of the gallery
    rows[copies] = rows[40]
    probes[6] = as_float32(rows)[40]
    masks = [None, *(np.random.default_rng(number).random(2000) < 0.5 for number in range(6)), np.zeros(2000, bool)]
    found = list(find_nearest_of_each(rows, probes, 15, masks.__getitem__))
    assert len(found) == 8 and len(found[7][0]) == 0
    for (positions, scores), probe, keep in zip(found, probes, masks, strict=True):
        order, expected = by_full_sort(rows, probe, keep)
        assert_same_order(positions, order, expected, top=15)
        np.testing.assert_allclose(scores, expected[:15], atol=1e-6)
        equal = [position for position in positions if position in copies]
        assert equal == [position for position in copies if keep is None or keep[position]][: len(equal)]
    assert set(copies) & set(found[6][0])


def test_find_nearest_of_each_ranks_nan_rows_last():
    rows = random_unit(30, 8)
    rows[4, 2] = np.nan
    ((positions, scores),) = find_nearest_of_each(rows, random_unit(1, 8, seed=1), 30)
    assert positions[-1] == 4 and np.isfinite(scores[:-1]).all()
