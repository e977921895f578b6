"""The clock of the machine is set forwards or backwards while jobs, runs and uploads exist."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from app.shared.upload_store import LIFETIME_S, UploadStore
from core.jobs.job import LAUNCH_TIMEOUT_S, Job
from core.jobs.progress import LOST, QUEUED, RUNNING
from core.presets import PRESETS
from core.training.run_folder import Run
from core.training.run_table import summarise

HOUR, YEAR = 3600, 365 * 24 * 3600
JUMPS = pytest.mark.parametrize("jump", [-YEAR, -HOUR, HOUR, YEAR])


@pytest.fixture
def set_clock(monkeypatch):
    """Sets the clock forwards by seconds, from now on."""
    true_time = time.time

    def jump(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: true_time() + seconds)

    return jump


@JUMPS
def test_a_job_that_works_is_alive(jump, set_clock, tmp_path):
    job = Job(tmp_path)
    with job.claim(), job.record(total=10):
        job.write(done=5)
        set_clock(jump)
        assert job.state == RUNNING
        job.write(done=6)
        left = job.progress.seconds_left
        assert left is None or left >= 0
    assert job.state == "finished"


@JUMPS
def test_a_queued_job_whose_process_died_is_lost(jump, set_clock, tmp_path):
    job = Job(tmp_path)
    job.queue()
    assert job.state == QUEUED
    set_clock(jump)
    assert abs(jump) > LAUNCH_TIMEOUT_S and job.state == LOST
    job.refuse_if_alive()  # it can be started again


@JUMPS
def test_the_speed_of_a_run_is_that_of_the_steps_after_the_jump(jump, tmp_path):
    run = Run.create(tmp_path / "mine", *PRESETS["demo"]("mr_bcnn"), {"folder": "data"})
    now = 1e9
    for step in range(1, 11):
        now += 2 + (jump if step == 6 else 0)
        run.append("metrics.jsonl", step=step, time=now, loss=1.0)
    speed = summarise(run).images_per_second
    assert speed == pytest.approx(run.configs[1].images_per_step / 2)


def test_uploads_are_deleted_a_day_after_the_present_time(set_clock, tmp_path):
    """A clock that is set back must not keep an upload for longer than a day."""
    store = UploadStore(tmp_path)
    image = Image.fromarray(np.zeros((160, 60, 3), np.uint8))
    set_clock(YEAR)
    key, _ = store.put(image, "visitor")
    os.utime(next(tmp_path.rglob("*.png")), (time.time(),) * 2)
    assert store.has(key)
    set_clock(0)
    assert not store.has(key)
    store.sweep()
    assert not list(tmp_path.rglob("*.png"))
    key, _ = store.put(image, "visitor")
    for seconds, is_there in ((LIFETIME_S - 60, True), (LIFETIME_S + 60, False)):
        set_clock(seconds)
        assert store.has(key) == is_there
