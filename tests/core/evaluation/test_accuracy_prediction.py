"""The prediction of rank-1, against a naive loop and an example worked by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.evaluation.accuracy_prediction import (
    HALF_WIDTH,
    INTERCEPT,
    MIN_IMAGES,
    MIN_OTHERS,
    SLOPE,
    Prediction,
    narrow,
    predict_false_match_rate,
    predict_rank_1,
    relative_top_scores,
)
from core.evaluation.prediction_report import first_results, predict, read_pairs


def described(noise: float, people: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Describe each person twice, by two cameras, with noise."""
    random = np.random.default_rng(seed)
    identities, cameras = np.tile(np.arange(people), 2), np.repeat([1, 2], people)
    rows = random.normal(size=(people, 16))[identities] + noise * random.normal(size=(2 * people, 16))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), identities, cameras


def rank_1(rows: np.ndarray, identities: np.ndarray, cameras: np.ndarray) -> float:
    scores = np.where(cameras[:, None] == cameras, -np.inf, rows @ rows.T)
    return float((identities[scores.argmax(1)] == identities).mean())


def test_relative_top_scores_equal_a_naive_loop():
    rows, _, cameras = described(0.5)
    cameras = np.where(np.arange(len(cameras)) % 50 == 7, UNKNOWN_CAMERA, cameras)
    known = [row for row in range(len(rows)) if cameras[row] != UNKNOWN_CAMERA]

    def z(row: int) -> dict[int, float]:
        others = [other for other in known if cameras[other] != cameras[row]]
        return {other: float(np.arctanh(rows[row] @ rows[other])) for other in others}

    found = relative_top_scores(rows, cameras)
    for row in known[:30]:
        own = z(row)
        first = max(own, key=own.get)
        values = [(own[first] - np.mean(list(side.values()))) / np.std(list(side.values())) for side in (own, z(first))]
        assert found[row] == pytest.approx(np.mean(values) / norm.isf(1 / len(own)))
    assert np.isnan(found[cameras == UNKNOWN_CAMERA]).all()


def test_higher_rank_1_gives_a_higher_prediction():
    pairs = []
    for noise in (0.3, 0.6, 1.0, 2.0):
        rows, identities, cameras = described(noise)
        value = float(relative_top_scores(rows, cameras).mean())
        pairs.append((rank_1(rows, identities, cameras), predict_rank_1(value).value))
    assert pairs == sorted(pairs, reverse=True)


def test_prediction_is_a_logistic_function():
    value = (0.4 - INTERCEPT) / SLOPE  # the logit is 0.4
    found = predict_rank_1(value)
    expected = [1 / (1 + np.exp(-0.4 - shift)) for shift in (0, -HALF_WIDTH, HALF_WIDTH)]
    assert (found.value, found.low, found.high) == pytest.approx(expected)


def test_checked_results_narrow_the_interval():
    prior = predict_rank_1((0.0 - INTERCEPT) / SLOPE)  # 50 %
    few, many = narrow(prior, 4, 5), narrow(prior, 40, 50)
    assert prior.value < few.value < many.value < 0.8
    assert many.high - many.low < few.high - few.low < prior.high - prior.low
    certain = narrow(prior, 8000, 10_000)
    assert (certain.low, certain.high) == pytest.approx((0.8 - 1.645 * 0.004, 0.8 + 1.645 * 0.004), abs=0.002)
    nothing = narrow(prior, 0, 0)
    assert (nothing.value, nothing.low, nothing.high) == pytest.approx((prior.value, prior.low, prior.high), abs=0.003)


def test_false_match_rate_has_limits_at_a_factor():
    assert predict_false_match_rate(0.0017) == Prediction(0.0017, pytest.approx(0.001), pytest.approx(0.00289))
    assert predict_false_match_rate(0.9).high == 1


@pytest.mark.parametrize(
    ("cameras", "sentence"),
    [
        ([1] * 300, "two known cameras"),
        ([1, 2] * 20, str(MIN_IMAGES)),
        ([1] * 297 + [2] * 3, "3 of the 300 images .* than camera 1"),
        ([4] * (300 - MIN_OTHERS + 1) + [2, 3] * 24 + [2], "49 of the 300"),
    ],
)
def test_too_few_images_or_cameras_are_refused(cameras, sentence):
    rows, _, _ = described(0.5, 150)
    with pytest.raises(UserError, match=sentence):
        relative_top_scores(rows[: len(cameras)], np.array(cameras))


def test_fifty_images_of_other_cameras_are_enough():
    rows, _, _ = described(0.5, 150)
    assert not np.isnan(relative_top_scores(rows, np.repeat([1, 2], [300 - MIN_OTHERS, MIN_OTHERS]))).any()


def records_of(cameras: np.ndarray, folder) -> list[Record]:
    return [Record(folder / f"{number}.png", "", int(camera)) for number, camera in enumerate(cameras)]


def test_report_has_each_camera_the_options_and_checked_results(tmp_path):
    rows, _, cameras = described(0.6)
    records = records_of(cameras, tmp_path)
    result = predict(rows, records, adapted=lambda: described(0.3)[0], pairs=(45, 50))
    assert (result["images"], result["cameras"], set(result["rank_1_by_camera"])) == (240, 2, {"1", "2"})
    by_camera = {int(camera): one["value"] for camera, one in result["rank_1_by_camera"].items()}
    assert result["worst_camera"] == min(by_camera, key=by_camera.get)
    assert result["options"]["adapt"]["value"] > result["rank_1"]["value"]
    assert result["checked"]["rank_1"]["high"] - result["checked"]["rank_1"]["low"] < (
        result["rank_1"]["high"] - result["rank_1"]["low"]
    )
    assert [row["one_in"] for row in result["false_match_rates"]] == [100, 1000]
    json.dumps(result)


def test_first_results_are_from_other_cameras_and_are_read_back(tmp_path):
    rows, _, cameras = described(0.6)
    table = first_results(rows, records_of(cameras, tmp_path), tmp_path)
    assert len(table) == 50
    for row in table.itertuples():
        probe, other = (int(name.removesuffix(".png")) for name in (row.path, row.other))
        assert cameras[probe] != cameras[other]
        assert rows[probe] @ rows[other] == pytest.approx((rows[cameras != cameras[probe]] @ rows[probe]).max())
    file = tmp_path / "pairs.csv"
    table.to_csv(file, index=False)
    with pytest.raises(UserError, match="no decision"):
        read_pairs(file)
    table["decision"] = ["same"] * 30 + ["Different "] * 10 + [""] * 10
    table.to_csv(file, index=False)
    assert read_pairs(file) == (30, 40)
    table.loc[[41, 42], "decision"] = ["skip", "sane"]
    table.to_csv(file, index=False)
    with pytest.raises(UserError, match="line 44: the decision is 'sane'"):
        read_pairs(file)
    pd.DataFrame({"path": ["a"]}).to_csv(file, index=False)
    with pytest.raises(UserError, match="no column other"):
        read_pairs(file)
    with pytest.raises(UserError, match=r"There is no table .*none\.csv"):
        read_pairs(tmp_path / "none.csv")
