import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.evaluation.metrics import (
    AVERAGE_PRECISIONS,
    average_precision,
    average_precisions,
    first_ranks,
    inverse_negative_penalties,
    recall_at,
)
from core.evaluation.ranking import Ranks


def ranks_of(relevance):
    return np.flatnonzero(relevance) + 1


def flat(rankings):
    """Convert the relevance of Q rankings to Ranks."""
    values = [ranks_of(relevance) for relevance in rankings]
    return Ranks(np.concatenate(values), np.concatenate(values), np.cumsum([0, *map(len, values)]))


def random_rankings(seed):
    random = np.random.default_rng(seed)
    rankings = random.random((30, 25)) < random.choice([0, 0.05, 0.3, 0.9], (30, 1))  # a quarter without true matches
    return list(rankings)


# relevance without ignored images, authors 2017, rectangle, trapezoid; computed by hand
GOLDEN = [
    ([1], 0, 1, 1),
    ([1, 1], 1 / 2, 1, 1),
    ([1, 0, 1], 1 / 2, (1 + 2 / 3) / 2, (1 + (1 / 2 + 2 / 3) / 2) / 2),
    ([0, 1], 0, 1 / 2, (0 + 1 / 2) / 2),
    ([1, 0, 0, 1, 0, 1], (1 + 2 / 4) / 3, (1 + 2 / 4 + 3 / 6) / 3, (1 + (1 / 3 + 2 / 4) / 2 + (2 / 5 + 3 / 6) / 2) / 3),
    ([0, 0, 1, 0, 1], (1 / 3) / 2, (1 / 3 + 2 / 5) / 2, ((0 + 1 / 3) / 2 + (1 / 4 + 2 / 5) / 2) / 2),
]


@pytest.mark.parametrize("relevance, authors, rectangle, trapezoid", GOLDEN)
def test_average_precision_golden_cases(relevance, authors, rectangle, trapezoid):
    expected = {"rectangle": rectangle, "trapezoid": trapezoid, "authors 2017": authors}
    assert expected.keys() == AVERAGE_PRECISIONS.keys()
    for definition, value in expected.items():
        assert average_precision(ranks_of(relevance), definition) == pytest.approx(value)
        assert average_precisions(flat([relevance]), definition) == pytest.approx(value)


def test_rectangle_is_the_default():
    assert average_precision(ranks_of([1, 0, 1])) == average_precisions(flat([[1, 0, 1]]))[0] == pytest.approx(5 / 6)


def naive_average_precision(relevance, definition):
    """Sum over the ranks in a loop, as the usual evaluation scripts do."""
    area, found, old_recall, old_precision = 0, 0, 0, 1
    for rank, is_match in enumerate(relevance, start=1):
        found += is_match
        recall, precision = found / sum(relevance), found / rank
        if definition == "trapezoid":
            area += (recall - old_recall) * (old_precision + precision) / 2
        elif definition == "rectangle" or found < sum(relevance):
            area += (recall - old_recall) * precision
        old_recall, old_precision = recall, precision
        if found == sum(relevance):
            return area


@pytest.mark.parametrize("definition", AVERAGE_PRECISIONS)
def test_average_precisions_equal_naive_loop(definition):
    rankings = random_rankings(0)
    expected = [naive_average_precision(relevance, definition) if any(relevance) else np.nan for relevance in rankings]
    np.testing.assert_allclose(average_precisions(flat(rankings), definition), expected)


def test_rectangle_is_never_below_the_others():
    ranks = flat([relevance for relevance in random_rankings(1) if any(relevance)])
    for definition in AVERAGE_PRECISIONS:
        assert (average_precisions(ranks, definition) <= average_precisions(ranks) + 1e-12).all()


def test_average_precision_equals_scikit_learn():
    random = np.random.default_rng(0)
    for _ in range(20):
        scores, relevance = random.random(50), random.random(50) < 0.2
        relevance[random.integers(50)] = True
        ranks = ranks_of(relevance[np.argsort(-scores)])
        assert average_precision(ranks) == pytest.approx(average_precision_score(relevance, scores))


def test_explanations_are_true():
    explained = {name: definition.explanation for name, definition in AVERAGE_PRECISIONS.items()}
    assert "never above the rectangle" in explained["trapezoid"]  # test_rectangle_is_never_below_the_others
    assert "one true match scores 0 even at rank 1" in explained["authors 2017"]
    assert average_precision(ranks_of([1, 0, 0]), "authors 2017") == 0
    assert "starting at precision 1" in explained["trapezoid"]
    assert average_precision(ranks_of([0, 1]), "trapezoid") == (0 + 1 / 2) / 2
    assert average_precision(ranks_of([1]), "trapezoid") == (1 + 1) / 2
    assert "mean of the precision at each true match" in explained["rectangle"]
    assert average_precision(ranks_of([0, 1, 1])) == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_plural_functions_equal_singular_functions():
    rankings = random_rankings(2)
    ranks = flat(rankings)
    firsts, penalties, precisions = first_ranks(ranks), inverse_negative_penalties(ranks), average_precisions(ranks)
    assert {bool(any(relevance)) for relevance in rankings} == {True, False}
    for probe, relevance in enumerate(rankings):
        if any(relevance):
            alone = ranks_of(relevance)
            assert firsts[probe] == alone[0]
            assert penalties[probe] == len(alone) / alone[-1]
            assert precisions[probe] == pytest.approx(average_precision(alone))
        else:
            assert np.isnan([firsts[probe], penalties[probe], precisions[probe]]).all()


@pytest.mark.parametrize(
    "definition, expected", [("rectangle", [1, 1 / 2]), ("trapezoid", [1, 1 / 4]), ("authors 2017", [0, 0])]
)
def test_probes_without_true_match_do_not_divide_by_zero(definition, expected):
    with np.errstate(all="raise"):
        values = average_precisions(flat([[0, 0], [1], [0, 1], [0]]), definition)
    np.testing.assert_allclose(values, [np.nan, *expected, np.nan])


def test_no_probes_give_empty_arrays():
    ranks = Ranks(np.array([], int), np.array([], int), np.array([0]))
    assert [len(metric(ranks)) for metric in (first_ranks, average_precisions, inverse_negative_penalties)] == [0, 0, 0]


def test_inverse_negative_penalty():
    assert inverse_negative_penalties(flat([[1, 1], [1, 0, 0, 0, 0, 0, 0, 1]])).tolist() == [1, 0.25]


def test_recall():
    first = np.array([1, 3, 6, 30])
    assert [recall_at(first, k) for k in (1, 5, 10, 20)] == [0.25, 0.5, 0.75, 0.75]
    assert recall_at(np.array([1, np.nan, 3]), 1) == 0.5  # a probe without a true match does not count
