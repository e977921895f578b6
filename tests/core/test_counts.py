"""Numbers of things as text."""

import pytest

from core.counts import counted


@pytest.mark.parametrize(
    "arguments, text",
    [
        ((1, "image"), "1 image"),
        ((0, "image"), "0 images"),
        ((2000, "image"), "2,000 images"),
        ((1, "identity", "identities"), "1 identity"),
        ((3, "identity", "identities"), "3 identities"),
        ((1, "image is", "images are"), "1 image is"),
    ],
)
def test_the_noun_follows_the_number(arguments, text):
    assert counted(*arguments) == text
