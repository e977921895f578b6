"""The worst probes and their links."""

import pytest

from app.results import texts
from app.results.worst_probes import explain_missing_links, link, searched_with, worst_first
from app.shared.images import read_images


@pytest.fixture
def images(people):
    return read_images(people)


def test_the_order_is_by_average_precision_then_by_first_rank(make_report, images):
    report = make_report()
    report.probes["average_precision"] = [0.5, 0.5]
    assert worst_first(report, images, None)["first_rank"].tolist() == [7.0, 1.0]
    report.probes["average_precision"] = [0.6, 0.5]
    assert worst_first(report, images, None)["first_rank"].tolist() == [1.0, 7.0]


def test_image_names_are_those_of_links(make_report, images):
    probes = worst_first(make_report(), images, None)
    assert probes["image"].tolist() == ["0005_c1s1_000500_00.png", "0006_c2s1_000600_00.png"]
    assert all(name in images.records for name in probes["image"])
    assert explain_missing_links(probes, make_report(), images) == ""


def test_missing_images_have_no_link(make_report, images):
    report = make_report()
    report.probes.loc[1, "path"] = "query/gone.png"
    probes = worst_first(report, images, None)
    assert probes["search"].isna().tolist() == [False, True]
    assert explain_missing_links(probes, report, images) == texts.SOME_LINKS.format(root=images.root)


@pytest.mark.parametrize(
    ("data", "opened"), [("other", texts.OPENED_DATA.format(data="people")), ("people", texts.OPENED_NOTHING)]
)
def test_other_data_sets_have_no_links(make_report, images, data, opened):
    report = make_report(data=data)
    here = images if data == "other" else None
    probes = worst_first(report, here, None)
    assert probes["search"].isna().all() and opened in explain_missing_links(probes, report, here)


def test_a_link_opens_the_page_search():
    assert link("a b&c.jpg", "runs/x") == "./?probe=a+b%26c.jpg&model=runs%2Fx"
    assert link("a.jpg", None) == "./?probe=a.jpg"


def test_the_model_is_the_one_that_was_measured():
    models = ["pedestrians-cnn", "runs/mine"]
    assert searched_with("pedestrians-cnn: pedestrians-market1501", models) == "pedestrians-cnn"
    assert searched_with("mine: pedestrians-market1501", models) == "runs/mine"
    assert searched_with("gone: pedestrians-market1501", models) is None
