"""Figures show the values that they are given."""

import numpy as np
import pytest

from app.shared.charts import COLOURS, Curve, LineStyle, Points, camera_figure, precision_figure, recall_figure
from core.config import ARCHITECTURES
from core.evaluation.metrics import AVERAGE_PRECISIONS, average_precision

STYLE = LineStyle("#123456")
RANKS = np.array([1, 4, 6])


def area(trace) -> float:
    """Return the area of the polygon that a trace fills."""
    x, y = np.array(trace.x, float), np.array(trace.y, float)
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_every_architecture_has_its_colour():
    assert set(COLOURS) == set(ARCHITECTURES) and len(set(COLOURS.values())) == len(ARCHITECTURES)


def test_curves_are_lines_and_published_points_are_hollow():
    figure = recall_figure([Curve("mine", [50.0, 60.0, 70.0], STYLE)], [Points("CNN", "cnn", {1: 55.0, 20: 99.0})], 2)
    published, mine = figure.data
    assert (published.mode, published.marker.symbol) == ("markers", "square-open")
    assert list(published.x) == [1, 20] and list(published.y) == [55.0, 99.0]
    assert mine.mode == "lines" and list(mine.x) == [1, 2] and list(mine.y) == [50.0, 60.0]
    assert mine.line.color == "#123456" and published.marker.color == COLOURS["cnn"]


def test_curves_have_the_styles_of_their_results():
    figure = recall_figure([Curve("a", [1], STYLE), Curve("b", [1], LineStyle("#654321", "dot"))])
    assert [(trace.line.color, trace.line.dash) for trace in figure.data] == [("#123456", "solid"), ("#654321", "dot")]


def test_the_axis_starts_below_the_lowest_value():
    assert recall_figure([Curve("a", [63.0, 80.0], STYLE)]).layout.yaxis.range[0] == 58
    assert recall_figure([]).layout.yaxis.range[0] == 0


def test_the_legend_is_below_the_axis_and_the_figure_grows_with_it():
    few, more = recall_figure([Curve("a", [1], STYLE)]).layout, recall_figure([Curve("a", [1], STYLE)] * 3).layout
    assert few.legend.y < 0 and few.legend.yanchor == "top"
    assert more.height > few.height


@pytest.mark.parametrize("definition", AVERAGE_PRECISIONS)
@pytest.mark.parametrize("ranks", [RANKS, np.array([1]), np.array([3, 5]), np.array([2, 3, 4, 9])])
def test_the_shaded_area_is_the_average_precision(ranks, definition):
    shaded = [trace for trace in precision_figure(ranks, definition).data if trace.fill]
    assert sum(map(area, shaded)) == pytest.approx(average_precision(ranks, definition))


def test_every_rank_is_a_point_of_precision_and_recall():
    points = precision_figure(RANKS, "rectangle").data[-1]
    assert list(points.text) == ["1", "2", "3", "4", "5", "6"]
    np.testing.assert_allclose(points.x, np.array([1, 1, 1, 2, 2, 3]) / 3)
    np.testing.assert_allclose(points.y, [1, 1 / 2, 1 / 3, 2 / 4, 2 / 5, 3 / 6])
    assert list(points.marker.symbol) == ["circle" if rank in RANKS else "circle-open" for rank in range(1, 7)]


def test_cameras_are_rows_and_columns_and_the_scale_starts_at_most_at_50_percent():
    matrix = camera_figure([1, 3], [2, 4, 6], [[90.0, None, 70.0], [None, 95.0, None]])
    (heat,) = matrix.data
    assert list(heat.y) == ["1", "3"] and list(heat.x) == ["2", "4", "6"]
    assert [list(row) for row in heat.z] == [[90.0, None, 70.0], [None, 95.0, None]]
    assert (heat.zmin, heat.zmax) == (50, 100)
    assert camera_figure([1], [2], [[12.0]]).data[0].zmin == 12
    assert camera_figure([1], [1], [[None]]).data[0].zmin == 50
