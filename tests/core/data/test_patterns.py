"""Synthetic patterns."""

import numpy as np

from core.data.patterns import draw_patterns


def test_patterns_of_one_seed_are_equal():
    images = draw_patterns(12, 0)
    assert images.shape == (12, 160, 60, 3) and images.dtype == np.uint8
    assert (images == draw_patterns(12, 0)).all() and (images != draw_patterns(12, 1)).any()


def test_each_kind():
    uniform, noise, blurred, gradient, stripes, rectangles = draw_patterns(6, 0).astype(int)
    assert np.ptp(uniform.reshape(-1, 3), axis=0).max() == 0
    assert np.ptp(gradient, axis=1).max() == 0 and np.abs(np.diff(gradient, axis=0)).max() <= 2
    assert np.abs(np.diff(blurred, axis=0)).mean() < np.abs(np.diff(noise, axis=0)).mean() / 3
    for image in (stripes, rectangles):
        assert 1 < len(np.unique(image.reshape(-1, 3), axis=0)) < 10
