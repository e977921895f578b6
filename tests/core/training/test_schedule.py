from dataclasses import replace

import pytest

from core.config import TrainingConfig
from core.training.schedule import learning_rate


def test_steps_of_the_authors():
    rates = [learning_rate(step, TrainingConfig()) for step in (0, 99_999, 100_000, 149_999)]
    assert rates == pytest.approx([1e-4, 1e-4, 1e-5, 1e-5])


def test_one_cycle():
    config = replace(TrainingConfig(), schedule="one_cycle", steps=1000, learning_rate=1.0, warm_up=0.1)
    rates = [learning_rate(step, config) for step in range(1001)]
    assert rates[0] == pytest.approx(1 / 25) and rates[100] == 1 and rates[1000] == pytest.approx(0)
    assert all(a < b for a, b in zip(rates[:100], rates[1:101], strict=True))
    assert all(a > b for a, b in zip(rates[100:1000], rates[101:], strict=True))
    assert rates[550] == pytest.approx(0.5)
