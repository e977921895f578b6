"""Runs in background processes: queued, stopped, killed, resumed, deleted."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier, BrokenBarrierError

import pytest

from core.cli.main import main
from core.data.datasets import read_dataset
from core.errors import UserError
from core.folders import runs_folder
from core.jobs.job import Job
from core.jobs.progress import ALIVE
from core.presets import fast
from core.training import queue
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)
TRAINING = replace(
    fast("mr_bcnn")[1],
    steps=4,
    identities=2,
    images_per_identity=2,
    validation_identities=2,
    validate_every=2,
    checkpoint_every=2,
)
LONG = replace(TRAINING, steps=100_000, checkpoint_every=20, validate_every=100_000)


@pytest.fixture
def make(market, tmp_path, monkeypatch):
    """Create runs, and kill those that still run at the end of the test."""
    monkeypatch.chdir(tmp_path)
    made = []

    def configured(name: str, training=TRAINING) -> Run:
        dataset = read_dataset(market)
        data = {"folder": str(dataset.source), "protocol": "market1501", "split": 1}
        made.append(Run.create(tmp_path / "runs" / name, NETWORK, training, data))
        return made[-1]

    yield configured
    for run in made:
        if run.state in ALIVE:
            os.kill(run.status["pid"], signal.SIGKILL)


def wait(run: Run, *states: str, seconds: float = 90) -> str:
    end = time.monotonic() + seconds
    while (state := run.state) not in states:
        assert time.monotonic() < end, f"{run.folder.name} is {state}: {run.job.log_tail()}"
        time.sleep(0.05)
    return state


def wait_for_step(run: Run, step: int, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while run.newest_step() < step:
        assert time.monotonic() < end and run.state in ALIVE, run.job.log_tail()
        time.sleep(0.05)


def test_queued_run_starts_when_the_first_ends(make):
    first, second = make("first", LONG), make("second")
    queue.launch(first)
    queue.launch(second)
    assert second.state == "queued"
    wait_for_step(first, 20)
    assert second.state == "queued" and [run.folder.name for run in queue.list_earlier(second, time.time())] == [
        "first"
    ]
    with pytest.raises(UserError, match="is being trained"):
        queue.launch(first)
    with pytest.raises(UserError, match="is being trained"):
        queue.delete(first)
    queue.stop(first)
    assert first.state in ("stopping", "stopped")
    wait(first, "stopped")
    assert first.status["step"] == first.newest_step() >= 20  # the steps so far are saved
    wait(second, "finished")
    assert any("finished at step 4" in line for line in second.job.log_tail())
    assert {run.folder.name for run in queue.list_runs(runs_folder())} == {"first", "second"}
    with pytest.raises(UserError, match="is finished"):
        queue.launch(second)
    queue.delete(second)
    assert [run.folder.name for run in queue.list_runs(runs_folder())] == ["first"]
    with pytest.raises(UserError, match="not running: it is stopped"):
        queue.stop(first)


def test_second_of_two_simultaneous_launches_is_refused(make, monkeypatch):
    run, started, both = make("twice"), [], Barrier(2)
    check = Job.refuse_if_alive

    def check_and_wait(self):
        check(self)
        with suppress(BrokenBarrierError):
            both.wait(0.5)  # without a lock the other thread would check meanwhile

    monkeypatch.setattr(Job, "refuse_if_alive", check_and_wait)
    monkeypatch.setattr(subprocess, "Popen", lambda *command, **more: started.append(command))
    with ThreadPoolExecutor(2) as pool:
        refused = [call.exception() for call in [pool.submit(queue.launch, run) for _ in range(2)]]
    assert len(started) == 1
    assert sum(isinstance(error, UserError) for error in refused) == 1
    run.write_status(state="stopped")  # no process has started


def test_killed_run_is_lost_and_can_be_resumed(make, capsys):
    run = make("killed", LONG)
    queue.launch(run)
    wait_for_step(run, 20)
    os.kill(run.status["pid"], signal.SIGKILL)
    wait(run, "lost")
    before = run.newest_step()
    queue.launch(run)
    wait_for_step(run, before + 20)
    assert main(["stop", "killed"]) == 0
    wait(run, "stopped")
    assert main(["runs"]) == 0
    output = capsys.readouterr().out
    assert "stops after the current step" in output and "stopped" in output.splitlines()[-1]


def test_queued_run_can_be_stopped(make):
    first, second = make("first", LONG), make("second")
    queue.launch(first)
    queue.launch(second)
    wait_for_step(first, 20)
    queue.stop(second)
    wait(second, "stopped")
    assert not second.checkpoints()


def test_failed_run_records_the_reason(make, market, tmp_path):
    run = make("wrong")
    config = run.folder / "config.json"
    config.write_text(config.read_text().replace(str(market), str(tmp_path / "gone")))
    queue.launch(run)
    wait(run, "failed")
    assert "There is no data folder" in run.status["message"]
    assert any("There is no data folder" in line for line in run.job.log_tail())


def test_full_disk_fails_the_run_and_keeps_earlier_checkpoints(make, market, monkeypatch, capsys):
    run = make("full", replace(TRAINING, steps=6))
    save = Run.save

    def fail_after_step_2(self, step, *rest):
        if step > 2:
            raise OSError(28, "No space left on device", str(self.folder))
        return save(self, step, *rest)

    monkeypatch.setattr(Run, "save", fail_after_step_2)
    assert main(["resume", "full"]) == 2
    sentence = "runs/full cannot be written: the disk has not enough free space."
    assert f"error: {sentence}" in capsys.readouterr().err
    assert run.state == "failed" and sentence in run.status["message"] and run.newest_step() == 2
    monkeypatch.undo()
    assert main(["resume", str(run.folder)]) == 0 and run.state == "finished"
