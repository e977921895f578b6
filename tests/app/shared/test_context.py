"""The bar on every page, and links that keep the probe, the gallery and the model."""

import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from app.compare import texts as compare_texts
from app.shared import texts
from app.shared.keys import CONTEXT
from app.shared.model_cards import name_of
from app.shared.settings import DEFAULT_MODEL
from app.shared.url_params import rename_parameter
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages

PROBE = "0005_c1s1_000500_00.png"
PAGES = ("data", "regions", "compare", "embedding", "training", "results")
LARGE = DEFAULT_MODEL


@pytest.fixture
def open_page(open_app):
    """Opens a page, given as its address, at a link."""

    def open_at(address: str, **link: str) -> AppTest:
        app = open_app()
        if address:
            app.switch_page(f"app_pages/{address}.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def large(models):
    """The default model of Search, beside the default of the pages that explain a network."""
    shutil.copytree(models / "second", models / LARGE)


def bar(app: AppTest) -> dict[str, str]:
    """The facts that the bar shows, and the source of its image."""
    assert not app.exception, app.exception
    [shown] = [sent for each in app.get("bidi_component") if "facts" in (sent := json.loads(each.proto.json))]
    return dict(shown["facts"]) | {"src": shown["src"]}


def navigation(app: AppTest) -> dict[str, str]:
    """The parameters of the links to all pages, by their labels."""
    return {each.proto.label: each.proto.query_string for each in app.get("page_link")[:7]}


def model_box(app: AppTest):
    return next(box for box in app.selectbox if box.label == texts.MODEL)


def chosen_model(app: AppTest) -> str:
    return model_box(app).value


@pytest.mark.parametrize("address", ["", *PAGES])
def test_each_page_shows_the_context_and_links_to_the_others_with_it(open_page, address):
    app = open_page(address, probe=PROBE, model="second", top="10")
    shown = bar(app)
    assert shown["src"].startswith("data:image/jpeg")
    assert (shown[texts.PROBE], shown[texts.GALLERY], shown[texts.MODEL]) == (PROBE, texts.DEMO_GALLERY, "second")
    links = navigation(app)
    assert list(links)[:2] == [texts.SEARCH, texts.DATA] and len(links) == 7
    own = links.pop(address.capitalize() or texts.SEARCH)
    assert own == f"probe={PROBE}&model=second&top=10"  # the page keeps its settings
    assert set(links.values()) == {f"probe={PROBE}&model=second"}


def test_a_link_to_a_page_has_the_settings_of_its_last_visit_but_not_what_was_clicked(open_page):
    app = open_page("compare", probe=PROBE)
    app.segmented_control(key="from").set_value(compare_texts.ZERO).run()
    app.query_params["match"] = "0005_c2s1_000501_01.png"
    app.run()
    assert "match=" in navigation(app)[texts.COMPARE]
    app.switch_page("app_pages/results.py").run()
    settings = f"from={compare_texts.ZERO}"
    assert settings in navigation(app)[texts.COMPARE] and "match=" not in navigation(app)[texts.COMPARE]
    assert settings not in navigation(app)[texts.SEARCH]


def test_another_gallery_forgets_the_cameras_of_the_gallery_before(open_page, people, models, tmp_path, sentences):
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    app = open_page("", probe=PROBE, cameras="2", top="10")
    app.selectbox(key="gallery_box").set_value("station").run()
    assert sentences(app) == "" and "cameras" not in app.query_params
    app.switch_page("app_pages/results.py").run()
    assert "cameras" not in navigation(app)[texts.SEARCH] and "top=10" in navigation(app)[texts.SEARCH]


@pytest.mark.parametrize("address", ["", *PAGES])
def test_each_page_reports_unknown_values(open_page, sentences, address):
    shown = sentences(open_page(address, probe="nobody.png", model="no", gallery="lost"))
    assert texts.NO_IMAGE.format(name="nobody.png", example=PROBE) in shown.replace("\\", "")
    assert "model 'no'" in shown.replace("\\", "") and texts.NO_GALLERY.format(name="lost") in shown.replace("\\", "")


def test_without_a_choice_search_has_the_best_model_and_explanations_the_small_one(open_page, large):
    assert bar(open_page(""))[texts.MODEL] == name_of(LARGE)
    assert chosen_model(open_page("", probe=PROBE)) == LARGE
    for address in ("regions", "compare"):
        app = open_page(address)
        assert chosen_model(app) == "pedestrians-mr_bcnn" and bar(app)[texts.PROBE] == PROBE
        assert bar(app)[texts.MODEL] == name_of("pedestrians-mr_bcnn")
        assert not set(CONTEXT) & set(app.query_params)  # defaults are not put into the link


@pytest.mark.parametrize("address", ["", "regions", "compare", "embedding"])
def test_a_chosen_model_is_in_the_link_even_if_it_is_the_default(open_page, large, address):
    app = open_page(address, probe=PROBE)
    default = chosen_model(app)
    for name in ("second", default):
        model_box(app).set_value(name).run()
        assert not app.exception and chosen_model(app) == name
        assert set(navigation(app).values()) == {f"probe={PROBE}&model={name}"}


def test_a_link_of_an_earlier_version_names_the_model(open_page):
    for address in ("", "compare"):
        app = open_page(address, probe=PROBE, **{"with": "second"})
        assert chosen_model(app) == "second" and "with" not in app.query_params


def test_a_renamed_parameter_does_not_replace_a_present_one():
    assert rename_parameter({"with": ["a"], "top": ["5"]}, "with", "model") == {"model": ["a"], "top": ["5"]}
    assert rename_parameter({"with": ["a"], "model": ["b"]}, "with", "model") == {"model": ["b"]}
    assert rename_parameter({"top": ["5"]}, "with", "model") == {"top": ["5"]}


def test_an_upload_is_the_probe_of_the_bar(open_page, people):
    app = open_page("")
    content = (people / "query" / PROBE).read_bytes()
    app.file_uploader[0].set_value(("person.png", content, "image/png")).run()
    shown = bar(app)
    assert shown[texts.PROBE] == texts.UPLOADED and shown["src"].startswith("data:image/jpeg")


def test_a_named_gallery_has_the_model_that_indexed_it(open_page, people, models, tmp_path, sentences):
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    for address in ("", "regions", "compare"):
        app = open_page(address, gallery="station")
        assert sentences(app) == "" and bar(app)[texts.MODEL] == "second"
        assert set(navigation(app).values()) == {"gallery=station"}
    asked = {"gallery": "station", "model": "pedestrians-mr_bcnn"}
    expected = texts.GALLERY_MODEL.format(gallery="station", model="second", asked=name_of("pedestrians-mr_bcnn"))
    assert expected in sentences(open_page("compare", **asked)).replace("\\", "")
    assert sentences(open_page("regions", **asked)) == ""  # any model shows its regions


def test_another_gallery_forgets_a_model_that_did_not_index_it(open_page, people, models, tmp_path, sentences):
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    for model, kept in (("second", "gallery=station&model=second"), ("pedestrians-mr_bcnn", "gallery=station")):
        app = open_page("", model=model, probe=PROBE)
        app.selectbox(key="gallery_box").set_value("station").run()
        assert sentences(app) == ""
        assert set(next(iter(navigation(app).values())).split("&")) == set(kept.split("&"))
