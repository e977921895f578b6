"""The predicted accuracy on the page Data: the job, its figures, and what is missing."""

import shutil

import pytest

from app.data import texts
from app.shared.keys import GALLERY
from core.cli.main import main
from core.evaluation.prediction_job import FIRST_RESULTS, RESULT, find_prediction, start_prediction
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery, delete_gallery, rename_gallery
from core.galleries.update import describe_gallery
from core.jobs.progress import FINISHED
from core.json_file import read_json, write_json

pytestmark = pytest.mark.slow  # opens pages

RATES = {"value": 60.0, "low": 30.0, "high": 80.0}
FIGURES = {
    "images": 400,
    "cameras": 2,
    "level": 90,
    "rank_1": RATES,
    "rank_1_by_camera": {"1": RATES, "4": RATES | {"value": 50.0}},
    "worst_camera": 4,
    "options": {"centre": RATES | {"value": 65.0}},
    "false_match_rates": [
        {
            "one_in": 1000,
            "threshold": 0.7,
            "calibration_threshold": 0.6,
            "rate_at_calibration_threshold": {"value": 0.4, "low": 0.2, "high": 0.7},
        }
    ],
}


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[list[str]]:
    """Record the commands of jobs, instead of starting processes."""
    commands = []
    monkeypatch.setattr("core.jobs.job.start_process", lambda command, log, **environment: commands.append(command))
    return commands


@pytest.fixture
def open_panel(open_app):
    def open_at(key: str, **link):
        app = open_app(**link)
        app.switch_page("app_pages/data.py")
        for name, value in link.items():
            app.query_params[name] = value
        app.run()
        app.session_state[key] = True
        return app.run()

    return open_at


def click(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def test_a_gallery_that_is_too_small_fails_with_a_sentence(open_panel, people, models, tmp_path, started, sentences):
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    app = open_panel("prediction_station", **{GALLERY: "station"})
    click(app, texts.PREDICT)
    [command] = started
    assert command[0] == "predict-accuracy" and command[2] == str(gallery.folder) and "--adapt" not in command
    assert main([*command, "--device", "cpu"]) == 2
    assert "at least 200 images" in sentences(app.run())


def test_without_a_model_the_panel_says_so(open_panel, models):
    shutil.rmtree(models)
    app = open_panel("prediction")
    [panel] = [each for each in app.expander if each.label == texts.PREDICTION]
    assert not app.exception and "no model" in panel.error[0].value.lower()


def test_the_first_choice_is_the_run_that_indexed_the_gallery(open_panel, people, checkpoint, tmp_path):
    run = tmp_path / "runs" / "mine"
    shutil.copytree(checkpoint, run / "checkpoints" / "000010")
    (run / "status.json").write_text('{"state": "finished"}')
    gallery = create_gallery("station", tmp_path / "galleries", run)
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    app = open_panel("prediction_station", **{GALLERY: "station"})
    assert next(box for box in app.selectbox if box.label == texts.PREDICTED_MODEL).value == "runs/mine"


def test_figures_of_a_finished_prediction_are_shown(open_panel, people, models, sentences):
    app = open_panel("prediction")
    name = next(box for box in app.selectbox if box.label == texts.PREDICTED_MODEL).value
    click(app, texts.PREDICT)
    job = find_prediction(models / name, people)
    job.write(state=FINISHED)
    folder = job.folder
    write_json(folder / RESULT, FIGURES)
    (folder / FIRST_RESULTS).write_text("path,other,decision\n")
    app.run()
    assert sentences(app) == ""
    assert any(texts.PREDICTED.format(**RATES, level=90) == text.value for text in app.markdown)
    rates = next(frame.value for frame in app.dataframe if texts.COLUMN_PREDICTED_RATE in frame.value)
    assert rates[texts.COLUMN_PREDICTED_RATE][0] == texts.RATE.format(value=0.4, low=0.2, high=0.7)
    assert [each.proto.label for each in app.get("download_button")] == [texts.DOWNLOAD_FIRST_RESULTS]
    (people / "new").mkdir()
    app.run()
    assert texts.PREDICTION_OUTDATED in [caption.value for caption in app.caption]
    assert not any(texts.COLUMN_PREDICTED_RATE in frame.value for frame in app.dataframe)
    click(app, texts.PREDICT)
    assert not (folder / RESULT).exists() and not (folder / FIRST_RESULTS).exists()


@pytest.mark.parametrize("end", [delete_gallery, lambda gallery: rename_gallery(gallery, "other")])
def test_a_gallery_with_the_name_of_an_earlier_one_has_no_prediction(end, open_panel, people, models, tmp_path):
    def index():
        gallery = create_gallery("station", tmp_path / "galleries", models / "second")
        add_folder(gallery, people / "bounding_box_test")
        describe_gallery(gallery, "cpu")
        return gallery

    app = open_panel("prediction_station", **{GALLERY: (gallery := index()).name})
    click(app, texts.PREDICT)
    job = find_prediction(models / "second", gallery.folder)
    job.write(state=FINISHED)
    write_json(job.folder / RESULT, FIGURES)
    shown = lambda: any(texts.COLUMN_PREDICTED_RATE in frame.value for frame in app.run().dataframe)  # noqa: E731
    assert shown()
    end(gallery)
    index()
    assert not shown()


def test_only_a_model_with_batch_norm_can_be_adapted(open_panel, people, models):
    app = open_panel("prediction")
    name = next(box for box in app.selectbox if box.label == texts.PREDICTED_MODEL).value
    config = models / name / "config.json"
    content = read_json(config)
    for has_batch_norm in (True, False):
        write_json(config, content | {"network": content["network"] | {"batch_norm": has_batch_norm}})
        assert (texts.PREDICT_ADAPTED in [toggle.label for toggle in app.run().toggle]) is has_batch_norm


def test_read_only_mode_shows_no_buttons(open_panel, people, models, monkeypatch):
    app = open_panel("prediction")
    name = next(box for box in app.selectbox if box.label == texts.PREDICTED_MODEL).value
    start_prediction(models / name, people)
    assert {texts.PREDICT, texts.STOP_PREDICTION} <= {button.label for button in app.run().button}
    monkeypatch.setenv("MR_BCNN_READ_ONLY", "1")
    assert not {texts.PREDICT, texts.STOP_PREDICTION} & {button.label for button in app.run().button}
