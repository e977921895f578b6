"""The worst probes and their links."""

from dataclasses import replace

import pytest

from app.results import texts
from app.results.worst_probes import explain_missing_links, images_of, worst_first
from app.shared.images import read_images
from core.galleries.catalog import create_gallery, delete_gallery


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


def test_a_probe_of_a_named_gallery_is_searched_in_it(make_report, images, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("MR_BCNN_GALLERIES", str(tmp_path / "galleries"))
    gallery = create_gallery("station", tmp_path / "galleries", checkpoint)
    report = make_report(data="old name", evaluated={"gallery": gallery.read()["id"], "version": "v1"})
    assert images_of(report) is None  # not indexed yet
    own = replace(images, data="station", is_own=True)
    monkeypatch.setattr("app.results.worst_probes.cache.images", lambda found: own if found.name == "station" else None)
    assert images_of(report) is own
    probes = worst_first(report, own, "second")
    assert probes["search"][0] == "./?probe=0005_c1s1_000500_00.png&gallery=station&adapt=false"
    assert explain_missing_links(probes, report, own) == ""
    report.probes.loc[1, "path"] = "query/removed.png"
    probes = worst_first(report, own, None)
    assert explain_missing_links(probes, report, own) == texts.NOT_IN_GALLERY.format(name="station")
    delete_gallery(gallery)
    assert images_of(report) is None
    probes = worst_first(report, None, None)
    assert explain_missing_links(probes, report, None) == texts.GALLERY_DELETED.format(name="old name")
