from dataclasses import replace

import numpy as np
import pytest

from core.explain.region_blocks import membership, strongest_first, strongest_pair, sum_terms
from core.geometry import PAPER, halves

LOCATIONS = replace(PAPER, region_size=1)


@pytest.mark.parametrize("geometry", [*(replace(PAPER, region_size=size) for size in (15, 5, 3)), halves(96, 16, 2)])
def test_larger_regions_are_their_own_blocks(geometry):
    terms = np.random.default_rng(0).normal(size=(geometry.regions + 1,) * 2)
    assert geometry.blocks == geometry
    np.testing.assert_allclose(sum_terms(terms, geometry), terms)
    assert strongest_pair(terms[:-1, :-1], geometry, 1, 0) == (1, 0)


def test_single_locations_form_blocks_of_5_by_5():
    terms = np.random.default_rng(0).normal(size=(676, 676))
    blocks = sum_terms(terms, LOCATIONS)
    assert LOCATIONS.blocks == PAPER and blocks.shape == (28, 28)
    assert blocks.sum() == pytest.approx(terms.sum())
    cells = terms[:-1, :-1].reshape(3, 3, 5, 3, 5, 3, 3, 5, 3, 5)
    expected = cells.sum((2, 4, 7, 9)).reshape(27, 27)
    np.testing.assert_allclose(blocks[:-1, :-1], expected)
    np.testing.assert_allclose(blocks[-1, :-1], terms[-1, :-1].reshape(3, 3, 5, 3, 5).sum((2, 4)).ravel())
    assert membership(LOCATIONS).sum(0).tolist() == [1] * 675


def test_strongest_pair_in_two_blocks():
    pairs = np.zeros((675, 675))
    pairs[
        225 + 15 * 6 + 7, 14
    ] = -2  # a location in the middle of the second part, and the last one of the first row of the first part
    pairs[225 + 15 * 5 + 5, 13] = 1
    pairs[0, 0] = 9
    assert strongest_pair(pairs, LOCATIONS, 9 + 4, 2) == (225 + 15 * 6 + 7, 14)


def test_strongest_first_sums_the_other_regions():
    few = np.array([0.1, -0.3, 0.2])
    parts = replace(PAPER, region_size=15)
    assert strongest_first(few, parts, 3) == [("trunk", -0.3), ("legs", 0.2), ("head and chest", 0.1)]
    named = strongest_first(np.arange(27.0), PAPER, 2)
    assert named[:2] == [("legs, lower right", 26.0), ("legs, lower centre", 25.0)]
    assert named[2] == ("25 other regions", 300.0)
