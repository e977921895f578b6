"""The training page without a browser: runs begun, watched, stopped, deleted."""

import json
from dataclasses import fields, replace

import pytest

from app.shared.pair_histograms import pair_histograms
from app.training.charts import MAX_CURVE_POINTS, curves
from app.training.field_help import CHOICES, CHOSEN_ELSEWHERE, GROUPS
from app.training.form import changed_settings, free_name
from core.config import PRESETS, NetworkConfig, TrainingConfig, set_fields
from core.training import queue
from core.training.run_folder import Run


@pytest.fixture
def open_training(open_app):
    """Opens the page; its runs lie in `runs` below the test's folder."""

    def open_at(**link):
        app = open_app(**link)
        app.switch_page("app_pages/training.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def begun(monkeypatch):
    """Runs that were begun, stopped, or resumed, instead of processes."""
    called = []
    for name in ("launch", "stop"):
        monkeypatch.setattr(queue, name, lambda run, name=name: called.append((name, run.folder.name)))
    return called


@pytest.fixture
def make_run(tmp_path, people):
    def make(name="mine", state="finished", **status) -> Run:
        network, training = PRESETS["demo"]("mr_bcnn")
        run = Run.create(tmp_path / "runs" / name, network, training, {"folder": str(people)})
        for step in (10, 20, 30):
            run.append("metrics.jsonl", step=step, time=1000.0 + step, loss=1 / step, learning_rate=1e-3)
        run.append("metrics.jsonl", step=30, time=1031.0, **{"validation recall@1": 50.0, "validation mAP": 40.0})
        probe, *answers = sorted((people / "query").iterdir())
        shown = [{"path": str(path), "right": path.name.startswith("0005")} for path in answers[:5]]
        run.append(
            "validations.jsonl",
            step=30,
            positive=[0.0, 0.25, 0.75],
            negative=[0.5, 0.5, 0.0],
            answers=[{"probe": str(probe), "answers": shown}],
        )
        run.job.log("finished at step 30")
        run.write_status(state=state, step=30, **({"best_recall@1": 50.0} | status))
        (run.folder / "checkpoints" / "000030").mkdir()
        return run

    return make


def labels(buttons) -> list[str]:
    return [button.label for button in buttons]


def test_a_first_run_is_begun(open_training, begun, sentences, tmp_path):
    app = open_training()
    assert "There is no run yet" in sentences(app)
    app.number_input(key="field_mr_bcnn_demo_filters").set_value(4).run()
    app.button(key="begin").click().run()
    assert not app.exception
    assert begun == [("launch", "people-mr_bcnn-demo")]
    run = Run(tmp_path / "runs" / "people-mr_bcnn-demo")
    network, training = run.configs
    assert (network.filters, training.preset, training.steps) == (4, "demo", 200)
    assert run.data["protocol"] == "market1501" and run.data["folder"].endswith("people")
    assert app.selectbox(key="run").value == "people-mr_bcnn-demo"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("new_data", "/nowhere", "There is no data folder /nowhere"),
        ("field_mr_bcnn_demo_images_per_identity", 1, "images_per_identity must be at least 2"),
    ],
)
def test_what_cannot_be_trained_is_told(open_training, sentences, key, value, words):
    app = open_training()
    element = app.text_input(key=key) if key == "new_data" else app.number_input(key=key)
    element.set_value(value).run()
    assert words in sentences(app) and "begin" not in [button.key for button in app.button]


def test_a_name_with_a_slash_is_refused(open_training, begun, sentences):
    app = open_training()
    next(box for box in app.text_input if box.label == "Name").set_value("../x").run()
    app.button(key="begin").click().run()
    assert "without slashes" in sentences(app) and not begun


def test_a_finished_run_is_shown(open_training, make_run, crops):
    make_run()
    app = open_training()
    assert {metric.label: metric.value for metric in app.metric} == {
        "Loss": "0.0333",
        "Best validation rank-1": "50.0 %",
        "Images a second": "128",
        "Time left": "–",
    }
    assert [(crop["mark"], crop["title"]) for crop in crops(app, "learned")] == [
        ("unknown", "probe"),
        ("right", "answer 1"),
        ("right", "answer 2"),
        ("wrong", "answer 3"),
        ("wrong", "answer 4"),
        ("wrong", "answer 5"),
    ]
    assert "Stop" not in labels(app.button) and "Go on" not in labels(app.button)
    assert "finished at step 30" in app.code[0].value
    assert len(app.get("plotly_chart")) == 3


def test_a_stopped_run_goes_on(open_training, make_run, begun):
    make_run(state="stopped")
    app = open_training()
    next(button for button in app.button if button.label == "Go on").click().run()
    assert begun == [("launch", "mine")]


def test_a_living_run_is_stopped(open_training, make_run, begun):
    run = make_run(state="running")
    with run.job.claim():
        run.write_status(state="running")
        app = open_training()
        assert "is being trained" in " ".join(text.value for text in app.markdown)
        assert "Delete it" not in labels(app.button)
        next(button for button in app.button if button.label == "Stop").click().run()
    assert begun == [("stop", "mine")]


def test_a_failed_run_says_why_and_may_be_deleted(open_training, make_run, sentences, tmp_path):
    make_run(state="failed", message="No space left on device")
    app = open_training()
    assert "No space left on device" in sentences(app)
    next(button for button in app.button if button.label == "Delete it").click().run()
    assert "There is no run yet" in sentences(app) and not (tmp_path / "runs" / "mine").exists()


def test_a_run_whose_process_died_is_lost(open_training, make_run):
    make_run(state="running")
    app = open_training()
    assert "was broken off" in " ".join(text.value for text in app.markdown)


def test_runs_beside_each_other(open_training, make_run):
    for name in ("one", "two"):
        make_run(name)
    app = open_training(run="one", runs=["two"])
    loss = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [line["name"] for line in loss["data"]] == ["one", "two"]


def test_a_damaged_run_is_told(open_training, make_run, sentences, tmp_path):
    make_run()
    (tmp_path / "runs" / "mine" / "config.json").write_text("{")
    assert "cannot be read as JSON" in sentences(open_training())


def test_every_field_has_a_meaning():
    explained = [name for meanings in GROUPS.values() for name in meanings]
    assert len(explained) == len(set(explained))
    known = {field.name for kind in (NetworkConfig, TrainingConfig) for field in fields(kind)}
    assert {*explained, *CHOSEN_ELSEWHERE} == known
    for name, choices in CHOICES.items():
        for choice in choices:
            set_fields((NetworkConfig(), TrainingConfig()), [f"{name}={choice}"])


def test_settings_are_those_of_the_command_line():
    usual = PRESETS["fast"]("mr_bcnn")
    chosen = replace(usual[0], filters=4), replace(usual[1], flip=False, erase=0.5)
    settings = changed_settings(usual, chosen)
    assert settings == ["filters=4", "flip=False", "erase=0.5"]
    assert tuple(set_fields(usual, settings)) == chosen


def test_a_free_name(tmp_path):
    assert free_name(tmp_path, "run") == "run"
    for name in ("run", "run-2"):
        (tmp_path / name).mkdir()
    assert free_name(tmp_path, "run") == "run-3"


def test_long_curves_are_thinned_and_keep_their_end():
    rows = [{"step": step, "loss": 1 / step} for step in range(1, 5001)]
    (line,) = curves({"one": [*rows, {"step": 1, "other": 2}]}, "loss", "Loss").data
    assert len(line.x) <= MAX_CURVE_POINTS + MAX_CURVE_POINTS and line.x[-1] == 5000 and line.y[0] == 1


def test_the_overlap_lies_under_both_histograms():
    figure = pair_histograms([0.0, 0.25, 0.75], [0.5, 0.5, 0.0], "")
    assert list(figure.data[2].y) == [0, 25, 0] and list(figure.data[0].x) == [-1, 0, 1]
