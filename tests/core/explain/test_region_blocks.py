import numpy as np
import pytest

from core.explain.region_blocks import block_side, membership, strongest_first, strongest_pair, sum_terms


@pytest.mark.parametrize("side", [1, 3, 5])
def test_larger_regions_are_their_own_blocks(side):
    terms = np.random.default_rng(0).normal(size=(3 * side**2 + 1,) * 2)
    assert block_side(side) == side
    np.testing.assert_allclose(sum_terms(terms, side), terms)
    assert strongest_pair(terms[:-1, :-1], side, 2, 1) == (2, 1)


def test_single_locations_form_blocks_of_5_by_5():
    terms = np.random.default_rng(0).normal(size=(676, 676))
    blocks = sum_terms(terms, 15)
    assert block_side(15) == 3 and blocks.shape == (28, 28)
    assert blocks.sum() == pytest.approx(terms.sum())
    cells = terms[:-1, :-1].reshape(3, 3, 5, 3, 5, 3, 3, 5, 3, 5)
    expected = cells.sum((2, 4, 7, 9)).reshape(27, 27)
    np.testing.assert_allclose(blocks[:-1, :-1], expected)
    np.testing.assert_allclose(blocks[-1, :-1], terms[-1, :-1].reshape(3, 3, 5, 3, 5).sum((2, 4)).ravel())
    assert membership(15).sum(0).tolist() == [1] * 675


def test_strongest_pair_in_two_blocks():
    pairs = np.zeros((675, 675))
    pairs[
        225 + 15 * 6 + 7, 14
    ] = -2  # a location in the middle of the second part, and the last one of the first row of the first part
    pairs[225 + 15 * 5 + 5, 13] = 1
    pairs[0, 0] = 9
    assert strongest_pair(pairs, 15, 9 + 4, 2) == (225 + 15 * 6 + 7, 14)


def test_strongest_first_sums_the_other_regions():
    few = np.array([0.1, -0.3, 0.2])
    assert strongest_first(few, 1, 3) == [("trunk", -0.3), ("legs", 0.2), ("head and chest", 0.1)]
    named = strongest_first(np.arange(27.0), 3, 2)
    assert named[:2] == [("legs, lower right", 26.0), ("legs, lower centre", 25.0)]
    assert named[2] == ("25 other regions", 300.0)
