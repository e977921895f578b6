"""Curves of error rates from stored scores."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.special import ndtri

from app.results.verification_charts import det_figure, open_set_figure, roc_figure
from app.shared.charts import LineStyle
from core.evaluation.verification import EDGES, ScoreCounts

STYLE = LineStyle("#5b6ee8")


@pytest.fixture
def counts() -> ScoreCounts:
    random = np.random.default_rng(0)
    means = {"same": 0.6, "different": 0.2, "strangers": 0.4, "own": 0.6, "found": 0.6}
    return ScoreCounts(
        *(np.histogram(random.normal(means[one.name], 0.1, 20_000), EDGES)[0] for one in fields(ScoreCounts))
    )


def test_each_point_of_a_curve_is_a_threshold(counts):
    results = {"one": (STYLE, counts)}
    threshold = EDGES[280]  # 0.4
    for draw, x, y in (
        (roc_figure, counts.false_match_rate(threshold), 1 - counts.miss_rate(threshold)),
        (open_set_figure, counts.false_alarm_rate(threshold), counts.detection_rate(threshold)),
        (det_figure, ndtri(counts.false_match_rate(threshold)), ndtri(counts.miss_rate(threshold))),
    ):
        curve = draw(results).data[0]
        point = next(point for point, text in enumerate(curve.text) if "score 0.400" in text)
        assert (curve.x[point], curve.y[point]) == (pytest.approx(x), pytest.approx(y))
        assert np.isfinite(curve.x).all() and np.isfinite(curve.y).all()


def test_normally_distributed_scores_give_a_straight_det_line(counts):
    curve = det_figure({"one": (STYLE, counts)}).data[0]
    some = (np.abs(curve.x) < 3) & (np.abs(curve.y) < 3)
    assert some.sum() > 30
    np.testing.assert_allclose(curve.y[some], -4 - curve.x[some], atol=0.2)  # the means differ by 4 standard deviations


def test_a_result_without_scores_has_no_curve(counts):
    results = {"one": (STYLE, None), "two": (LineStyle("#123456", "dot"), counts)}
    assert [(line.name, line.line.color, line.line.dash) for line in roc_figure(results).data] == [
        ("two", "#123456", "dot")
    ]
