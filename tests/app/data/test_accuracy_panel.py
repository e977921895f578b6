"""The chart of the predicted rank-1."""

from app.data import texts
from app.data.accuracy_panel import rank_1_figure


def rates(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 20, "high": value + 10}


def test_chart_has_a_row_with_its_interval_for_all_probes_options_and_cameras():
    result = {
        "rank_1": rates(60),
        "options": {"centre": rates(65)},
        "rank_1_by_camera": {"1": rates(70), "4": rates(50)},
        "worst_camera": 4,
    }
    [bars] = rank_1_figure(result).data
    assert list(bars.y) == [
        texts.ALL_PROBES,
        texts.WITH_OPTION["centre"],
        texts.OF_CAMERA.format(camera="1"),
        texts.WORST_CAMERA.format(camera="4"),
    ]
    assert list(bars.x) == [60, 65, 70, 50]
    assert set(bars.error_x.array) == {10} and set(bars.error_x.arrayminus) == {20}
