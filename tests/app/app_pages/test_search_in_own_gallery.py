"""The page Search with a named gallery, without a browser."""

import json
import shutil

import pytest

from app.search import texts as search_texts
from app.shared import texts
from app.shared.settings import SHIPPED
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery, delete_gallery
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages

IMAGE = "0006_c2s1_000601_01.png"


@pytest.fixture
def station(people, models, tmp_path):
    """A named gallery of identities 0005 and 0006 from another folder, indexed by the second model."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for path in (people / "bounding_box_test").glob("000[56]*"):
        shutil.copy(path, folder)
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, folder)
    describe_gallery(gallery, "cpu")
    return gallery


def box(app, label: str):
    return next(box for box in app.selectbox if box.label == label)


def test_an_image_of_the_gallery_is_the_probe(open_app, station, crops, sentences):
    app = open_app(gallery="station")
    assert {crop["id"][:4] for crop in crops(app, "start")} == {"0005", "0006"}
    app = open_app(gallery="station", probe=IMAGE)
    assert sentences(app) == ""
    assert (box(app, texts.GALLERY).value, box(app, texts.MODEL).options) == ("station", ["second"])
    ranking = crops(app, "ranking")
    assert len(ranking) == 5 and IMAGE not in {crop["id"] for crop in ranking}
    assert {crop["id"][:4]: crop["mark"] for crop in ranking} == {"0005": "wrong", "0006": "right"}
    assert all("gallery=station" in crop["why"] for crop in ranking)


def test_an_upload_is_the_probe(open_app, station, people, crops, sentences):
    app = open_app(gallery="station")
    content = (people / "bounding_box_test" / IMAGE).read_bytes()
    app.file_uploader[0].set_value((IMAGE, content, "image/png")).run()
    assert sentences(app) == ""
    assert crops(app, "ranking")[0]["id"] == IMAGE and crops(app, "ranking")[0]["mark"] == "unknown"


def test_the_only_image_of_a_gallery_has_no_results(open_app, people, models, tmp_path, sentences):
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(people / "bounding_box_test" / IMAGE, folder)
    gallery = create_gallery("one", tmp_path / "galleries", models / "second")
    add_folder(gallery, folder)
    describe_gallery(gallery, "cpu")
    assert sentences(open_app(gallery="one", probe=IMAGE)) == search_texts.NO_RESULTS
    assert sentences(open_app(gallery="one", probe=IMAGE, cameras="2")) == search_texts.NO_RESULTS_OF_CAMERAS


def test_the_box_selects_a_gallery_and_the_demo_gallery(open_app, station, crops, sentences):
    app = open_app(probe=IMAGE, model="pedestrians-mr_bcnn", cameras=["1"])
    box(app, texts.GALLERY).set_value("station").run()
    assert sentences(app) == "" and "probe" not in app.query_params
    assert app.query_params["gallery"] == "station" and len(crops(app, "start")) == 2
    box(app, texts.GALLERY).set_value(SHIPPED).run()
    assert sentences(app) == "" and "gallery" not in app.query_params and len(crops(app, "start")) == 4


def test_scores_of_the_gallery_are_explained(open_app, station, sentences):
    app = open_app()
    app.switch_page("app_pages/compare.py")
    for name, value in {"gallery": "station", "probe": IMAGE}.items():
        app.query_params[name] = value
    app.run()
    assert sentences(app) == "" and box(app, texts.MODEL).options == ["second"]


def test_a_gallery_that_cannot_be_searched_gives_a_sentence(open_app, station, models, tmp_path, sentences):
    create_gallery("new", tmp_path / "galleries", models / "second")
    assert "The gallery new is not indexed yet" in sentences(open_app(gallery="new"))
    assert texts.NO_GALLERY.format(name="lost") in sentences(open_app(gallery="lost", probe=IMAGE))
    app = open_app(gallery="station", probe=IMAGE)
    delete_gallery(station)
    assert texts.NO_GALLERY.format(name="station") in sentences(app.run())


def test_a_gallery_whose_model_is_missing(open_app, station, models, sentences):
    shutil.rmtree(models / "second")
    assert "This model is not among the app's models." in sentences(open_app(gallery="station", probe=IMAGE))


def test_missing_images_are_shown_blank(open_app, station, tmp_path, crops, sentences):
    for path in (tmp_path / "elsewhere").glob("0005*"):
        path.unlink()
    app = open_app(gallery="station", probe=IMAGE)
    assert sentences(app) == ""
    assert sum(crop["src"].startswith("data:image/gif") for crop in crops(app, "ranking")) == 3


def test_descriptors_of_the_gallery_are_shown_as_a_map(open_app, station, sentences):
    app = open_app(gallery="station", probe=IMAGE, map="PCA")
    app.switch_page("app_pages/embedding.py")
    for name, value in {"gallery": "station", "probe": IMAGE, "map": "PCA"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.error and box(app, texts.MODEL).options == ["second"]
    (sent,) = [sent for each in app.get("bidi_component") if "palette" in (sent := json.loads(each.proto.json))]
    assert len(sent["labels"]) == 6 and sent["picked"] >= 0
    links = [json.loads(each.proto.json) for each in app.get("bidi_component") if "layout" in each.proto.json]
    why = [crop["why"] for grid in links if grid["layout"] == "probe" for crop in grid["crops"]]
    assert len(why) == 5 and all("gallery=station" in link for link in why)
    box(app, texts.GALLERY).set_value(SHIPPED).run()
    assert not app.exception and not app.error and "gallery" not in app.query_params
