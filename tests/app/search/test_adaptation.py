"""Batch-norm adaptation on the page Search: the default for a named gallery that is adapted to its cameras."""

from app.data import texts as data_texts
from app.search import texts
from app.shared import texts as shared_texts
from app.shared.keys import ADAPT
from app.shared.widgets import as_plain_text
from core.data.records import Record
from core.galleries.adaptation import open_adapted
from core.inference.camera_adaptation import CameraModels
from core.inference.model import load

PROBE = "0005_c1s1_000501_01.png"


def captions(app) -> list[str]:
    return [caption.value for caption in app.caption]


def test_a_gallery_that_is_adapted_is_searched_with_adaptation(open_app, crops, station, models, monkeypatch):
    """Nothing but the probe is described. The shown scores are those without adaptation."""
    model = load(models / "pedestrians-mr_bcnn")
    adapted, cameras = open_adapted(station, model, station.open())
    [path] = [path for path in adapted.paths if path.endswith(PROBE)]
    descriptor = cameras.describe([path], 1)[0]
    expected = adapted.search(descriptor, 20, None, Record(path, "0005", 1))
    monkeypatch.setattr(CameraModels, "_estimate", None)
    app = open_app(gallery="station", probe=PROBE)
    assert not app.exception and app.toggle(key=ADAPT).value
    assert texts.ADAPTED in captions(app)
    shown, plain = crops(app, "ranking"), crops(open_app(gallery="station", probe=PROBE, adapt="false"), "ranking")
    assert [crop["id"] for crop in shown] == [path.rpartition("/")[2] for path in expected["path"]]
    assert {crop["id"]: crop["left"] for crop in shown} == {crop["id"]: crop["left"] for crop in plain}
    app.button(key=f"without_{ADAPT}").click().run()
    assert not app.toggle(key=ADAPT).value and texts.ADAPTED not in captions(app)
    assert [crop["id"] for crop in crops(app, "ranking")] == [crop["id"] for crop in plain]


def test_an_adapted_gallery_is_searched_if_images_are_missing(open_app, station, people):
    next(file for file in (people / "bounding_box_test").iterdir() if file.name != PROBE).unlink()
    app = open_app(gallery="station", probe=PROBE)
    assert not app.exception and not app.warning and texts.ADAPTED in captions(app)


def test_a_gallery_that_cannot_be_adapted_is_searched_without(open_app, crops, station, monkeypatch):
    monkeypatch.setattr("app.shared.adaptation.MAX_IMAGES_ADAPTED", 0)
    next((station.folder / "adapted").glob("*.npy")).unlink()
    app = open_app(gallery="station", probe=PROBE)
    assert not app.exception and not app.error and texts.ADAPTED not in captions(app)
    [warning] = [one.value for one in app.warning]
    why = "The adapted descriptors of the gallery station cannot be read."
    assert as_plain_text(shared_texts.NOT_ADAPTED.format(why=why)) in warning
    plain = crops(open_app(gallery="station", probe=PROBE, adapt="false"), "ranking")
    assert [crop["id"] for crop in crops(app, "ranking")] == [crop["id"] for crop in plain]


def test_the_demo_gallery_is_not_adapted_by_default(open_app):
    app = open_app(probe=PROBE)
    assert not app.toggle(key=ADAPT).value and texts.ADAPTED not in captions(app)


def test_a_probe_of_another_camera_has_the_statistics_of_all_cameras(open_app, people, models, station):
    app = open_app(gallery="station", probe=PROBE, cameras="2")
    assert texts.ADAPTED in captions(app)
    for file in people.glob("bounding_box_test/*_c1*"):
        file.rename(file.with_name(file.name.replace("_c1s", "_c4s").replace("0005", "0007")))
    app = open_app(probe="0005_c1s1_000500_00.png", adapt="true")
    assert not app.exception and f"{texts.ADAPTED} {shared_texts.ALL_CAMERAS}" in captions(app)


def test_an_adaptation_that_fails_says_why_and_is_tried_again(open_app, monkeypatch):
    read = CameraModels.describe_fitted
    monkeypatch.setattr(CameraModels, "describe_fitted", lambda *_: 1 / 0)
    assert open_app(probe=PROBE, adapt="true").exception
    monkeypatch.setattr(CameraModels, "describe_fitted", read)
    assert not open_app(probe=PROBE, adapt="true").exception


def test_the_page_data_says_whether_a_gallery_is_adapted(open_app, station):
    adapted = data_texts.ADAPTED.format(cameras="3 cameras")
    assert adapted in captions(open_app(gallery="station").switch_page("app_pages/data.py").run())
    (station.folder / "adapted" / "adapted.json").unlink()
    shown = captions(open_app(gallery="station").switch_page("app_pages/data.py").run())
    assert adapted not in shown and any(one.startswith("Not adapted to its cameras") for one in shown)
