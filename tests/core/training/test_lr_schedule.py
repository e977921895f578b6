from dataclasses import replace

import pytest

from core.config import TrainingConfig
from core.training.lr_schedule import learning_rate, plateaus


def test_step_schedule_of_the_authors():
    rates = [learning_rate(step, TrainingConfig()) for step in (0, 99_999, 100_000, 149_999)]
    assert rates == pytest.approx([1e-4, 1e-4, 1e-5, 1e-5])


def test_one_cycle():
    config = replace(TrainingConfig(), schedule="one_cycle", steps=1000, learning_rate=1.0, warm_up=0.1)
    rates = [learning_rate(step, config) for step in range(1001)]
    assert rates[0] == pytest.approx(1 / 25) and rates[100] == 1 and rates[1000] == pytest.approx(0)
    assert all(a < b for a, b in zip(rates[:100], rates[1:101], strict=True))
    assert all(a > b for a, b in zip(rates[100:1000], rates[101:], strict=True))
    assert rates[550] == pytest.approx(0.5)


def test_plateau():
    assert [plateaus(values, 2) for values in ([], [1], [1, 1], [1, 1, 1], [1, 1, 1, 1, 0], [1, 0, 2, 1, 3, 2, 3])] == [
        0,
        0,
        0,
        1,
        2,
        1,
    ]
    config = TrainingConfig(schedule="plateau", patience=2)
    assert learning_rate(7, config, [5, 6, 6]) == 1e-4
    assert learning_rate(140_000, config, [5, 6, 6, 3]) == pytest.approx(1e-5)
