"""A job: who is asked to stop, who is refused, what becomes of the work, and how far it is."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from core.jobs.job import (
    FAILED,
    FINISHED,
    HEARTBEAT_TIMEOUT_S,
    LAUNCH_TIMEOUT_S,
    LOST,
    PROGRESS_INTERVAL_S,
    QUEUED,
    RUNNING,
    STOPPED,
    Busy,
    Job,
    Progress,
    Stopped,
)


@pytest.fixture
def job(tmp_path) -> Job:
    return Job(tmp_path)


def test_a_stop_is_heard_from_the_moment_a_process_is_queued(job):
    job.queue()
    job.stop()  # before the launched process has come as far as its lock
    with job.claim():
        assert job.is_asked_to_stop


def test_a_stop_between_waiting_and_working_is_heard(job):
    job.queue()
    with job.claim():
        job.write(state=QUEUED)  # waits for its turn
    job.stop()
    with job.claim():  # begins
        assert job.is_asked_to_stop


@pytest.mark.parametrize("state", [RUNNING, STOPPED])
def test_what_stopped_an_earlier_process_is_forgotten(job, state):
    job.write(state=state)
    job.stop()
    with job.claim():
        assert not job.is_asked_to_stop


def test_what_was_to_stop_a_queued_process_that_died_is_forgotten(job):
    job.queue()
    job.stop()
    job.write(heartbeat=time.time() - 2 * LAUNCH_TIMEOUT_S)
    with job.claim():
        assert not job.is_asked_to_stop


def test_a_process_that_is_queued_again_is_not_stopped_by_what_was_said_before(job):
    job.write(state=STOPPED)
    job.stop()
    job.queue()
    assert job.state == QUEUED and not job.is_asked_to_stop


def test_a_process_starts_while_another_looks_whether_one_is_alive(job):
    """Who looks holds both locks for a moment; the start waits for it to let go."""

    def start() -> bool:
        with job.claim():
            return job._is_held()

    with ThreadPoolExecutor(1) as pool:
        with FileLock(job.folder / "looking"), FileLock(job.folder / "lock"):
            started = pool.submit(start)
            with pytest.raises(TimeoutError):
                started.result(1)  # neither refused nor begun
        assert started.result(30) is True


def test_a_second_start_is_refused(job):
    with job.claim(), pytest.raises(Busy), job.claim():
        pass
    assert not job._is_held()
    with job.claim():
        pass


def test_another_machines_job_is_told_by_its_heartbeat(job):
    job.write(state=RUNNING, machine="elsewhere")
    assert job.state == RUNNING
    job.write(state=RUNNING, machine="elsewhere", heartbeat=time.time() - 2 * HEARTBEAT_TIMEOUT_S)
    assert job.state == LOST


def test_the_tail_of_a_log_with_a_progress_bar(job):
    job.log_file.write_bytes(b"one\n 1%\r 50%\r 100%\n\nlast\xff\n")
    assert job.log_tail(2) == [" 100%", "last\ufffd"]
    assert Job(job.folder / "none").log_tail() == []


def test_a_damaged_status_is_that_of_a_job_that_was_never_begun(job):
    (job.folder / "status.json").write_text("[")
    assert job.read() == {} and job.progress == Progress("")


def test_what_becomes_of_the_work_is_recorded(job):
    with job.claim(), job.record(total=4):
        job.write(done=1)
        assert (job.progress.state, job.progress.share) == (RUNNING, 0.25)
    assert (job.progress.state, job.progress.share) == (FINISHED, 1.0)
    for stopped in (Stopped, KeyboardInterrupt):
        with pytest.raises(stopped), job.claim(), job.record("it goes on", total=4):
            raise stopped
        assert job.progress == Progress(STOPPED, 0, 4, None, "it goes on")
    with pytest.raises(OSError, match="No space"), job.claim(), job.record(total=4):
        raise OSError("No space left")
    assert job.progress == Progress(FAILED, 0, 4, None, "No space left") and "failed: No space" in job.log_tail()[-1]
    with pytest.raises(SystemExit), job.claim(), job.record():
        raise SystemExit
    assert job.progress.message == "SystemExit"


def test_work_that_is_finished_and_queued_again_stays_queued(job):
    with job.claim(), job.record():
        job.write(state=FINISHED)
        job.queue()
    assert job.state == QUEUED


def test_progress_is_not_written_more_often_than_twice_a_second(job, monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for done, written in ((1, 1), (2, 1), (3, 3)):
        job.report(done=done)
        assert job.read()["done"] == written
        now += PROGRESS_INTERVAL_S * 0.6


def test_a_launch_is_refused_while_a_process_is_at_it(job, monkeypatch):
    begun = []
    monkeypatch.setattr("core.jobs.job.start_process", lambda command, log, **environment: begun.append((command, log)))
    job.stop()
    job.launch(["x"])
    assert begun == [(["x"], job.log_file)] and job.state == QUEUED and not job.is_asked_to_stop
    with pytest.raises(Busy, match=f"A job is under way by process {os.getpid()}"):
        job.launch(["x"])
    with job.claim(), job.record(), pytest.raises(Busy):
        job.launch(["x"])
    job.launch(["x"])
    assert len(begun) == 2


# written by earlier versions; `{machine}` is this one
RUN = """{"pid": 7, "machine": "{machine}", "heartbeat": 1700000000.5, "state": "running", "message": "", "step": 500,
          "steps": 4000, "queued": 1699990000.0, "seconds": 1200.5, "best_checkpoint": "000500",
          "best_recall@1": 61.25}"""
GALLERY = """{"pid": 7, "machine": "{machine}", "heartbeat": 30.0, "state": "stopped", "message": "an update goes on",
              "done": 1024, "total": 4096, "resumed": 512, "began": 10.0}"""
SERVER = """{"pid": 7, "machine": "{machine}", "heartbeat": 30.0, "state": "finished", "message": "", "done": 12,
             "total": 12, "resumed": 0, "began": 10.0, "collections": {"http://a:1": "mine_1"}, "copy": {"uri":
             "http://a:1", "collection": "mine_1", "version": "000001", "fingerprint": "f", "pictures": 12, "index":
             "FLAT"}}"""


@pytest.mark.parametrize(
    ("status", "progress", "kept"),
    [
        (RUN, Progress(LOST), {"step": 500, "best_checkpoint": "000500", "best_recall@1": 61.25}),
        (GALLERY, Progress(STOPPED, 1024, 4096, None, "an update goes on"), {}),
        (SERVER, Progress(FINISHED, 12, 12), {"collections": {"http://a:1": "mine_1"}}),
    ],
)
def test_a_status_of_an_earlier_version(job, status, progress, kept):
    (job.folder / "status.json").write_text(status.replace("{machine}", socket.gethostname()))
    assert job.progress == progress
    with job.claim():
        job.write(state=QUEUED)
    assert job.read().items() >= kept.items()  # `write` keeps what it does not change
