"""Batch-norm adaptation on the page Compare: the scores of the adapted ranking of the page Search are explained."""

import re

import numpy as np
import pytest

from app.compare import texts
from app.shared import texts as shared_texts
from app.shared.keys import ADAPT
from core.data.records import Record
from core.galleries.adaptation import open_adapted
from core.inference.camera_adaptation import CameraModels
from core.inference.model import load

pytestmark = pytest.mark.slow
PROBE, MATCH = "0005_c1s1_000501_01.png", "0006_c2s1_000601_01.png"
DEMO_PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def open_compare(open_app):
    """Open the page at a link, given as its parameters."""

    def open_at(**link: str):
        app = open_app().switch_page("app_pages/compare.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


def headings(app) -> list[tuple[float, int]]:
    """Return the score and the rank of each explained result."""
    found = [re.match(r"Score ([\d.−-]+): rank (\d+)", one.value) for one in app.subheader]
    return [(float(one[1].replace("−", "-")), int(one[2])) for one in found if one]


def captions(app) -> str:
    return "\n".join(one.value for one in app.caption)


@pytest.fixture
def scores(station, models):
    """The adapted score, its rank and the score without adaptation of the match, computed without the app."""
    model = load(models / "pedestrians-mr_bcnn")
    adapted, cameras = open_adapted(station, model, station.open())
    [path] = [path for path in adapted.paths if path.endswith(PROBE)]
    ranking = adapted.search(cameras.describe([path], 1)[0], len(adapted), None, Record(path, "0005", 1))
    [row] = [row for row in ranking.itertuples() if row.path.endswith(MATCH)]
    one, two = model.describe([path, row.path])
    return row.score, row.rank, float(one @ two)


def test_an_adapted_gallery_is_explained_with_adaptation(open_compare, station, scores, monkeypatch):
    monkeypatch.setattr(CameraModels, "_estimate", None)  # the statistics are stored
    adapted, rank, plain = scores
    assert abs(adapted - plain) > 1e-3
    link = {
        "gallery": "station",
        "probe": PROBE,
        "match": MATCH,
        "beside": texts.NONE,
        "pairs": "true",
        "check": "true",
    }
    app = open_compare(**link)
    assert not app.exception and not app.warning and app.toggle(key=ADAPT).value
    assert headings(app) == [(pytest.approx(adapted, abs=1e-3), rank)]
    assert texts.ADAPTED.format(score=plain) in captions(app)
    measured = re.search(r"Predicted \*\*([\d.]+)\*\*, .* \*\*([\d.]+)\*\*", captions(app))
    assert float(measured[1]) == pytest.approx(float(measured[2]), abs=1e-3)
    app.toggle(key=ADAPT).set_value(False).run()
    assert [score for score, _ in headings(app)] == [pytest.approx(plain, abs=1e-3)]
    assert "AdaBN" not in captions(app)


def test_links_of_the_page_search_keep_whether_the_ranking_is_adapted(open_app, crops, station):
    for adapt, expected in (("true", None), ("false", "false")):  # it is the default
        shown = crops(open_app(gallery="station", probe=PROBE, adapt=adapt), "ranking")
        assert {dict(re.findall(r"(\w+)=([^&]*)", crop["why"])).get(ADAPT) for crop in shown} == {expected}
        assert not any("after=" in crop["why"] for crop in shown)
    shown = crops(open_app(probe=DEMO_PROBE, adapt="true"), "ranking")
    assert all("adapt=true" in crop["why"] for crop in shown)
    shown = crops(open_app(probe=DEMO_PROBE, adapt="true", rerank="true"), "ranking")
    assert all("adapt=true" in crop["why"] and "after=" in crop["why"] for crop in shown)


def test_a_probe_of_another_camera_is_explained_with_the_statistics_of_all_cameras(open_compare, people, models):
    for file in people.glob("query/*_c1*"):
        file.rename(file.with_name(file.name.replace("_c1s", "_c4s")))
    probe = DEMO_PROBE.replace("_c1s", "_c4s")
    app = open_compare(probe=probe, match=MATCH, beside=texts.NONE, adapt="true")
    assert not app.exception
    gallery = [
        Record(file, file.name[:4], int(file.name[6])) for file in sorted((people / "bounding_box_test").iterdir())
    ]
    cameras = CameraModels(load(models / "pedestrians-mr_bcnn")).fit(gallery)
    one, two = (
        cameras.describe([people / "query" / probe], 4)[0],
        cameras.describe([people / "bounding_box_test" / MATCH], 2)[0],
    )
    [(score, _)] = headings(app)
    assert score == pytest.approx(float(np.dot(one, two)), abs=1e-3)


def test_a_gallery_that_cannot_be_adapted_is_explained_without(open_compare, station, scores, monkeypatch):
    monkeypatch.setattr("app.shared.adaptation.MAX_IMAGES_ADAPTED", 0)
    next((station.folder / "adapted").glob("*.npy")).unlink()
    app = open_compare(gallery="station", probe=PROBE, match=MATCH, beside=texts.NONE)
    assert not app.exception and [score for score, _ in headings(app)] == [pytest.approx(scores[2], abs=1e-3)]
    [warning] = [one.value for one in app.warning]
    assert shared_texts.NOT_ADAPTED.partition("{")[0].strip() in warning.replace("\\", "")
