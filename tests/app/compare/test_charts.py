"""Figures of contributions and of the deletion test."""

from dataclasses import replace

import numpy as np
import pytest

from app.compare.charts import MAX_BARS, deletion_figure, waterfall
from core.explain.deletion import Deletion
from core.geometry import PAPER

PARTS = replace(PAPER, region_size=15)  # one region for each part


def test_bars_show_the_strongest_regions_and_sum_up_the_others():
    regions = np.random.default_rng(0).normal(size=27)
    data = waterfall(regions, PAPER, 0.5, "c", end="score").data[0]
    assert len(data.y) == MAX_BARS + 3 and data.y[0] == "c" and data.y[-2:] == ("17 other regions", "score")
    assert np.abs(data.x[1 : MAX_BARS + 1]).tolist() == sorted(np.abs(regions), reverse=True)[:MAX_BARS]
    assert sum(data.x) == pytest.approx(regions.sum() + 0.5)
    assert float(data.text[-1]) == pytest.approx(regions.sum() + 0.5, abs=5e-4)


def test_few_regions_have_no_bar_for_the_others():
    data = waterfall(np.array([0.2, -0.1, 0.3]), PARTS, 0.0, "c", end="score").data[0]
    assert data.y == ("c", "legs", "head and chest", "trunk", "score")


def test_a_difference_starts_at_the_lower_score():
    data = waterfall(np.array([0.2, -0.1, 0.0]), PARTS, 0.05, "c", ("lower", 0.6), "higher").data[0]
    assert data.measure[0] == "absolute" and data.x[0] == 0.6 and data.text[0] == "0.600"
    assert data.text[-1] == "0.750" and data.text[1] == "+0.050"


def test_deletion_figure_draws_all_scores_and_the_chosen_number():
    found = Deletion(np.arange(3), np.array([0.9, 0.5, 0.1]), np.array([0.9, 0.5, 0.1]), np.array([0.9, 0.7, 0.3]))
    figure = deletion_figure(found, np.array([0.9, 0.95, 0.1]), 1)
    assert [trace.y for trace in figure.data] == [(0.9, 0.5, 0.1), (0.9, 0.5, 0.1), (0.9, 0.7, 0.3), (0.9, 0.95, 0.1)]
    assert figure.layout.shapes[0].x0 == 1
