"""The histogram loss of made-up scores."""

import numpy as np
import pytest

from app.tour import loss_demo


def test_the_loss_is_the_share_of_comparisons_in_the_wrong_order():
    loss, positive, negative = loss_demo.compute(0.2)
    assert positive.sum() == pytest.approx(1) and negative.sum() == pytest.approx(1)
    nodes = np.linspace(-1, 1, len(positive))
    assert positive @ nodes - negative @ nodes == pytest.approx(0.2, abs=0.02)
    assert loss == pytest.approx(0.173, abs=0.02)  # the normal distribution at -0.2 / (0.15 * 2 ** 0.5)


def test_the_smallest_distance_is_that_of_the_limit():
    best = loss_demo.smallest()
    assert loss_demo.compute(best)[0] < loss_demo.LIMIT <= loss_demo.compute(round(best - loss_demo.STEP, 10))[0]
