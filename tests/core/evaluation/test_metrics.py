import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.evaluation.metrics import average_precision, inverse_negative_penalty, ranks_of_matches, recall_at


def ranks_of(relevance):
    return np.flatnonzero(relevance) + 1


# relevance after what does not count was taken out -> mean of the precision at the hits, worked out by hand
@pytest.mark.parametrize("relevance, expected", [
    ([1], 1), ([1, 1], 1), ([1, 0, 1], (1 + 2 / 3) / 2), ([0, 1], 1 / 2),
    ([1, 0, 0, 1, 0, 1], (1 + 2 / 4 + 3 / 6) / 3), ([0, 0, 1, 0, 1], (1 / 3 + 2 / 5) / 2)])  # fmt: skip
def test_average_precision_golden_cases(relevance, expected):
    assert average_precision(ranks_of(relevance)) == pytest.approx(expected)


def test_average_precision_equals_scikit_learn():
    random = np.random.default_rng(0)
    for _ in range(20):
        scores, relevance = random.random(50), random.random(50) < 0.2
        relevance[random.integers(50)] = True
        ranks = ranks_of_matches(scores, relevance, np.ones(50, bool))
        assert average_precision(ranks) == pytest.approx(average_precision_score(relevance, scores))


def test_ranks_equal_a_stable_sort():
    random = np.random.default_rng(1)
    for _ in range(50):
        scores = random.integers(0, 6, 40) / 6  # many ties: they keep the order of the gallery
        match, valid = random.random(40) < 0.3, random.random(40) < 0.8
        order = [place for place in np.argsort(-scores, kind="stable") if valid[place]]
        expected = [rank for rank, place in enumerate(order, start=1) if match[place]]
        assert ranks_of_matches(scores, match, valid).tolist() == expected


def test_inverse_negative_penalty():
    assert inverse_negative_penalty(np.array([1, 2])) == 1
    assert inverse_negative_penalty(np.array([1, 8])) == 0.25


def test_recall():
    first = np.array([1, 3, 6, 30])
    assert [recall_at(first, k) for k in (1, 5, 10, 20)] == [0.25, 0.5, 0.75, 0.75]
