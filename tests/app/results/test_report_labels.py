"""The names and details of results."""

import pytest

from app.results import texts
from app.results.report_labels import (
    camera_rows,
    current_names,
    curve_rows,
    details,
    in_order,
    label,
    model,
    overlaps,
    shown,
)
from app.shared.texts import MODEL_NAMES
from core.inference.overlap import Overlap

CUHK03 = {"data": "cuhk03-detected", "layout": "cuhk03-detected", "protocol": "cuhk03-classic"}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("my-run: people-market1501", "my-run"),
        ("my-run: people-market1501-000500", "my-run 000500"),
        ("reproduce-table3: people-b_cnn", "reproduce-table3 b_cnn"),
        ("a: b", "a b"),
        ("my-run: people-market1501~2", "my-run, result 2"),
        ("my-run: people-market1501~2-000500", "my-run 000500, result 2"),
    ],
)
def test_the_name_of_a_model_lacks_that_of_the_data_set(make_report, name, short):
    assert model(name, make_report()) == short
    assert label(name, make_report()) == f"{short} on people"


def test_the_protocol_is_named_if_the_layout_has_several(make_report):
    assert label("r: cuhk03-detected-cuhk03-classic", make_report(**CUHK03)) == (
        "r on CUHK03-detected, classic protocol"
    )


def test_the_options_of_the_evaluation_are_named(make_report):
    report = make_report(flip=True, adapted=True)
    assert label("r: people-market1501-flip-adapted", report) == ("r, mirror images, batch-norm adaptation, on people")
    assert texts.ADAPTATION_USED in details(report)


def test_shipped_models_are_shown_with_their_names():
    assert shown("pedestrians-mr_bcnn, re-ranking") == f"{MODEL_NAMES['pedestrians-mr_bcnn']}, re-ranking"
    assert shown("my-run 000500") == "my-run 000500"


def test_the_order_is_by_data_set_then_architecture(make_report):
    reports = {"a": make_report(), "b": make_report(architecture="cnn"), "c": make_report(**CUHK03)}
    assert list(in_order(reports)) == ["c", "b", "a"]


def test_names_of_earlier_versions(make_report):
    options = {"flip": True, "adapted": True, "centred": True, "expansion": 3, "rerank": True}
    now = label("r: x", make_report(**CUHK03, **options, include_same_camera=True))
    earlier = (
        "r x, with mirror images, adapted to each camera, cameras centred, probes expanded by 3, re-ranked, "
        "on cuhk03-detected by cuhk03-classic, same camera counting"
    )
    assert current_names([earlier, now, "other"], [now]) == [now, now, "other"]


def test_details(make_report):
    assert details(make_report()) == (
        "MR B-CNN with 4 filters and regions of 5 x 5 locations. Preset demo, 12,800 training images of people "
        "(repeated images count again). Protocol market1501: single query. 2 probes, 12 gallery images. "
        + make_report().overlap.sentence
    )


def test_details_of_splits(make_report):
    one = details(make_report(**CUHK03, splits=[2]))
    assert texts.ONE_SPLIT.format(splits=2) in one
    two = details(make_report(**CUHK03, splits=[1, 2], spread={"recall@1": 1.257}))
    assert texts.MEAN_OF_SPLITS.format(splits="1, 2", spread=1.257) in two


def test_details_of_an_unusual_evaluation(make_report):
    odd = make_report(architecture="cnn", preset=None, include_same_camera=True)
    odd.result["summary"]["probes_without_answer"] = 1
    sentences = details(odd)
    assert sentences.startswith(texts.NO_TRAINING_RECORD.format(network="CNN with 4 filters"))
    assert texts.SAME_CAMERA_USED in sentences
    assert texts.SKIPPED_PROBES.format(probes="1 probe") in sentences


def test_results_on_training_identities_are_named(make_report):
    seen = make_report(tested_identities=Overlap(12, 8, 1).to_json())
    assert overlaps({"r: people-market1501": make_report(), "s: people-market1501": seen}) == [
        f"s: {seen.overlap.sentence}"
    ]


def test_a_result_without_a_training_record(make_report):
    report = make_report(tested_identities=Overlap(12, unknown=("tiny",)).to_json())
    assert details(report).endswith(report.overlap.sentence)
    assert overlaps({"r: people-market1501": report}) == []


def test_the_trainings_of_ancestors_are_named(make_report):
    records = [{"samples": 640, "data": "people"}, {"samples": 1024, "data": "street"}]
    assert "Preset demo, 640 training images of people, after 1,024 training images of street" in (
        details(make_report(training_records=records))
    )


def test_rows_to_download(make_report):
    report = make_report(64.0)
    curve = curve_rows({"r: people-market1501": report})
    assert list(curve.columns[:3]) == ["method", "source", "recall@1"] and len(curve.columns) == 52
    cameras = camera_rows(report)
    assert cameras["method"].tolist() == [f"camera {number}" for number in report.result["cameras"]["probe"]]
    assert set(cameras["source"]) == {"this project"}
    assert list(cameras.columns[2:]) == [f"gallery camera {number}" for number in report.result["cameras"]["gallery"]]
