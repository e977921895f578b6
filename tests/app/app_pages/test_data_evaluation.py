"""Evaluations on the page Data: started, listed by model, and compared."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from app.data import texts
from app.shared.texts import MODEL_NAMES
from core.cli.main import main
from core.data.labels import NONE
from core.evaluation import evaluation_job
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages


@pytest.fixture
def open_data(open_app):
    def open_at(**link):
        app = open_app(**link)
        app.switch_page("app_pages/data.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[list[str]]:
    """Record the commands of jobs, instead of starting processes."""
    commands = []
    monkeypatch.setattr("core.jobs.job.start_process", lambda command, log, **environment: commands.append(command))
    return commands


@pytest.fixture
def make_gallery(people, models, tmp_path):
    def make(**labels):
        gallery = create_gallery("station", tmp_path / "galleries", models / "second")
        add_folder(gallery, people / "bounding_box_test", **labels)
        describe_gallery(gallery, "cpu")
        return gallery

    return make


def field(elements, label: str):
    return next(element for element in elements if element.label == label)


def open_panel(open_data, key: str, **link):
    app = open_data(**link)
    app.session_state[key] = True
    return app.run()


def test_a_gallery_is_evaluated_and_two_models_are_compared(open_data, make_gallery, people, started, sentences, crops):
    gallery = make_gallery()
    app = open_panel(open_data, "evaluation_station", gallery="station")
    assert sentences(app) == ""
    assert field(app.multiselect, texts.EVALUATED_MODELS).value == ["second"]
    field(app.multiselect, texts.EVALUATED_MODELS).select("pedestrians-mr_bcnn").run()
    field(app.button, texts.EVALUATE).click().run()
    assert sentences(app) == "" and [command[0] for command in started] == ["evaluate", "evaluate"]
    assert {command[1].rpartition("/")[2] for command in started} == {"second", "pedestrians-mr_bcnn"}
    queued = texts.EVALUATION_STATES["queued"].format(model="second")
    assert any(queued in text.value for text in app.markdown)
    for command in started:
        assert main([*command, "--device", "cpu"]) == 0
    app.run()
    figures = next(frame.value for frame in app.dataframe if texts.COLUMN_VERSION in frame.value)
    assert list(figures[texts.COLUMN_RESULT]) == [MODEL_NAMES["pedestrians-mr_bcnn"], "second"]
    assert set(figures[texts.COLUMN_PROBES]) == {12} and set(figures[texts.COLUMN_VERSION]) == {texts.CURRENT_VERSION}
    table = next(frame.value for frame in app.dataframe if texts.COLUMN_GAIN in frame.value)
    assert len(table) == 12 and set(table[texts.COLUMN_GAIN]) == {0}  # both models have the same weights
    assert any(crop.get("href", "").startswith("./?probe=") for crop in crops(app, "strip"))
    to_results = field([each.proto for each in app.get("page_link")], texts.OPEN_RESULTS)
    assert dict(parse_qsl(to_results.query_string)) == {"gallery": "station", "table": "station-every-image"}
    add_folder(gallery, people / "query")
    describe_gallery(gallery, "cpu")
    app.run()
    figures = next(frame.value for frame in app.dataframe if texts.COLUMN_VERSION in frame.value)
    assert set(figures[texts.COLUMN_VERSION]) == {texts.EARLIER_VERSION}
    app.switch_page("app_pages/results.py")
    app.query_params["table"] = "station-every-image"
    app.run()
    assert sentences(app) == "" and app.segmented_control[0].value == "station-every-image"
    links = [dict(parse_qsl(urlsplit(crop["href"]).query)) for crop in crops(app, "strip")]
    assert len(links) == 12 and all(link["gallery"] == "station" and link["adapt"] == "false" for link in links)


def test_a_gallery_without_labels_says_what_is_missing(open_data, make_gallery, sentences):
    make_gallery(labels=NONE)
    app = open_panel(open_data, "evaluation_station", gallery="station")
    assert "None of the 14 images of station has an identity" in sentences(app)
    assert texts.EVALUATE not in [button.label for button in app.button]


def test_a_selected_probe_shows_the_images_of_its_identity(open_data, make_gallery, models, crops):
    gallery = make_gallery()
    for name in ("second", "pedestrians-mr_bcnn"):
        assert main(["evaluate", str(models / name), str(gallery.folder), "--device", "cpu"]) == 0
    app = open_panel(open_data, "evaluation_station", gallery="station")
    key = f"comparison_{gallery.id}_pedestrians-mr_bcnn_second"
    app.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    shown = crops(app, "strip")
    assert [crop.get("below") for crop in shown].count(texts.PROBE) == 1
    assert sum(crop.get("below", "").startswith("camera") and crop["mark"] == "right" for crop in shown) == 2


def test_the_demo_gallery_and_a_folder_are_evaluated_by_their_protocols(open_data, people, started, sentences, crops):
    app = open_panel(open_data, "evaluation")
    field(app.button, texts.EVALUATE).click().run()
    assert started[0][:1] + started[0][2:5] == ["evaluate", str(people), "--protocol", "market1501"]
    assert main([*started[0], "--device", "cpu"]) == 0
    assert evaluation_job.list_evaluations(people)[0].state == "finished"
    app = open_panel(open_data, "evaluate_folder")
    field(app.text_input, texts.EVALUATED_FOLDER).set_value(str(people)).run()
    assert sentences(app) == ""
    assert any(list(frame.value.get(texts.COLUMN_PROBES, [])) == [12] for frame in app.dataframe)
    app.session_state["evaluation"] = True  # a second section with the same data set, and with a job in both
    field(app.button, texts.EVALUATE).click().run()
    assert sentences(app) == "" and [button.label for button in app.button].count(texts.STOP_EVALUATION) == 2
    links = [crop["href"] for crop in crops(app, "strip") if "href" in crop]
    assert links and all(link.endswith("&model=pedestrians-mr_bcnn") for link in links)
    field(app.text_input, texts.EVALUATED_FOLDER).set_value(str(people / "query")).run()
    assert "no identities" in sentences(app) or "cannot be evaluated" in sentences(app)
