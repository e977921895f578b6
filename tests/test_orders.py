"""The comparison of rankings refuses whatever is more than a near tie."""

import pytest
from orders import assert_same_order

EXPECTED, SCORES = "abcd", [0.9, 0.5, 0.5 - 1e-7, 0.1]


@pytest.mark.parametrize(("found", "top"), [("abcd", None), ("acbd", None), ("ab", 2), ("ac", 2), ("abcd", 9), ("", 0)])
def test_near_ties_may_change_places(found, top):
    assert_same_order(found, EXPECTED, SCORES, top)


@pytest.mark.parametrize(
    ("found", "top"),
    [("bacd", None), ("abdc", None), ("abc", None), ("abbd", None), ("abce", None), ("ad", 2), ("abc", 2), ("", 2)],
)
def test_anything_else_is_another_order(found, top):
    with pytest.raises(AssertionError):
        assert_same_order(found, EXPECTED, SCORES, top)
