"""Results in words."""

import pytest

from app.results.report_labels import came_about, camera_rows, curve_rows, in_order, label, model, too_good
from core.inference.provenance import Overlap

CUHK03 = {"data": "cuhk03-detected", "layout": "cuhk03-detected", "protocol": "cuhk03-classic"}


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("my-run: people-market1501", "my-run"),
        ("my-run: people-market1501-000500", "my-run 000500"),
        ("reproduce-table3: people-b_cnn", "reproduce-table3 b_cnn"),
        ("a: b", "a b"),
    ],
)
def test_a_model_is_called_without_what_it_was_measured_on(make_report, name, called):
    assert model(name, make_report()) == called
    assert label(name, make_report()) == f"{called} on people"


def test_the_protocol_is_named_where_the_data_have_several(make_report):
    assert label("r: cuhk03-detected-cuhk03-classic", make_report(**CUHK03)) == (
        "r on cuhk03-detected by cuhk03-classic"
    )


def test_how_a_model_was_used_is_named(make_report):
    report = make_report(flip=True, adapted=True)
    assert label("r: people-market1501-flip-adapted", report) == (
        "r, with mirror images, adapted to each camera, on people"
    )
    assert "The normalisations took each camera's mean and variance from its own test images." in came_about(report)


def test_order_is_data_then_architecture(make_report):
    reports = {"a": make_report(), "b": make_report(architecture="cnn"), "c": make_report(**CUHK03)}
    assert list(in_order(reports)) == ["c", "b", "a"]


def test_how_figures_came_about(make_report):
    assert came_about(make_report()) == (
        "MR B-CNN with 4 filters and regions of 5 x 5 places; preset demo, 12,800 training images of people (repeats "
        "counted). Protocol market1501: single query. 2 probes against a gallery of 12. None of the 2 tested "
        "identities is in the training record."
    )


def test_how_figures_of_splits_came_about(make_report):
    one = came_about(make_report(**CUHK03, splits=[2]))
    assert "Split 2 alone." in one
    two = came_about(make_report(**CUHK03, splits=[1, 2], spread={"recall@1": 1.257}))
    assert "Mean of splits 1, 2, between which rank-1 has a standard deviation of 1.26." in two


def test_what_is_odd_is_said(make_report):
    odd = make_report(architecture="cnn", preset=None, include_same_camera=True)
    odd.result["summary"]["probes_without_answer"] = 1
    sentences = came_about(odd)
    assert sentences.startswith("CNN with 4 filters; how it was trained is not on record.")
    assert "Against that rule, images from the probe's own camera were let count." in sentences
    assert "a gallery of 12; 1 probe without a right answer left out." in sentences


def test_results_on_identities_that_were_seen_are_named(make_report):
    seen = make_report(tested_identities=Overlap(12, 8, 1).to_json())
    assert too_good({"r: people-market1501": make_report(), "s: people-market1501": seen}) == [
        "s on people: 9 of 12 tested identities are in the training record (8 for training, 1 for validation), "
        "so that these results are too high."
    ]


def test_a_result_without_a_record_says_unknown(make_report):
    report = make_report(tested_identities=Overlap(12, unknown=("tiny",)).to_json())
    assert came_about(report).endswith("Unknown: there is no record of the training identities of tiny.")
    assert too_good({"r: people-market1501": report}) == []


def test_trainings_of_ancestors_are_named(make_report):
    records = [{"samples": 640, "data": "people"}, {"samples": 1024, "data": "street"}]
    assert "preset demo, 640 training images of people, after 1,024 training images of street (repeats counted)" in (
        came_about(make_report(training_records=records))
    )


def test_rows_to_take_along(make_report):
    report = make_report(64.0)
    curve = curve_rows({"r: people-market1501": report})
    assert list(curve.columns[:3]) == ["method", "source", "recall@1"] and len(curve.columns) == 52
    cameras = camera_rows(report)
    assert cameras["method"].tolist() == [f"camera {number}" for number in report.result["cameras"]["probe"]]
    assert set(cameras["source"]) == {"this project"}
    assert list(cameras.columns[2:]) == [f"gallery camera {number}" for number in report.result["cameras"]["gallery"]]
