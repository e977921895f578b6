"""The table of runs."""

from dataclasses import replace

import pytest

from core.jobs.progress import Progress
from core.presets import fast
from core.training.run_folder import Run
from core.training.run_table import format_table, summarise

NETWORK, TRAINING = fast("cnn")


@pytest.fixture
def run(tmp_path):
    run = Run.create(
        tmp_path / "runs" / "mine", NETWORK, replace(TRAINING, steps=100, identities=5, images_per_identity=2), {}
    )
    for step, time in ((10, 1000.0), (20, 5000.0), (30, 5002.0), (40, 5004.0)):  # the run was stopped between 10 and 20
        run.append("metrics.jsonl", step=step, time=time, loss=1 / step)
    return run


def test_speed_and_time_left_ignore_time_between_stop_and_resume(run):
    with run.job.claim():
        run.write_status(state="running", step=40)
        found = summarise(run)
    now = found.progress
    assert (now.state, now.done, now.total, found.loss) == ("running", 40, 100, 0.025)
    assert found.images_per_second == pytest.approx(5 * 10) and now.seconds_left == pytest.approx(60 / 5)
    assert found.best is None


def test_speed_counts_the_images_of_the_batches_that_the_data_allow(run):
    run.write_status(images_per_step=6)  # batches have 3 identities instead of 5
    assert summarise(run).images_per_second == pytest.approx(5 * 6)


def test_unknown_values_are_none(tmp_path):
    run = Run.create(tmp_path / "runs" / "new", NETWORK, TRAINING, {})
    found = summarise(run)
    assert found.progress == Progress("", 0, TRAINING.steps)
    assert found.loss is found.best is found.images_per_second is None
    assert "not started" in format_table(tmp_path / "runs")


def test_table_has_one_line_per_run(run, tmp_path):
    run.write_status(state="finished", step=100, **{"best_recall@1": 61.25})
    header, line = format_table(tmp_path / "runs").splitlines()
    assert header.split() == ["run", "state", "step", "loss", "recall@1", "images/s", "left"]
    assert line.split() == ["mine", "finished", "100", "of", "100", "0.0250", "61.2", "50", "-"]
    assert "There is no run in" in format_table(tmp_path)
