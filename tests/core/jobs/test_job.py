"""Jobs: stop, lock, status and progress."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from core.jobs.job import HEARTBEAT_TIMEOUT_S, LAUNCH_TIMEOUT_S, PROGRESS_INTERVAL_S, Busy, Job, Stopped
from core.jobs.progress import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, Progress


@pytest.fixture
def job(tmp_path) -> Job:
    return Job(tmp_path)


def test_stop_of_a_queued_process(job):
    job.queue()
    job.stop()  # before the launched process holds the lock
    with job.claim():
        assert job.is_asked_to_stop


def test_stop_between_waiting_and_working(job):
    job.queue()
    with job.claim():
        job.write(state=QUEUED)  # it waits for its turn
    job.stop()
    with job.claim():  # it starts to work
        assert job.is_asked_to_stop


@pytest.mark.parametrize("state", [RUNNING, STOPPED])
def test_claim_removes_stop_of_earlier_process(job, state):
    job.write(state=state)
    job.stop()
    with job.claim():
        assert not job.is_asked_to_stop


def test_claim_removes_stop_of_lost_process(job):
    job.queue()
    job.stop()
    job.write(heartbeat=time.time() - 2 * LAUNCH_TIMEOUT_S)
    with job.claim():
        assert not job.is_asked_to_stop


def test_queue_removes_earlier_stop(job):
    job.write(state=STOPPED)
    job.stop()
    job.queue()
    assert job.state == QUEUED and not job.is_asked_to_stop


def test_start_during_a_check_of_the_lock(job):
    """A check holds both locks for a moment; the start waits until they are released."""

    def start() -> bool:
        with job.claim():
            return job._is_held()

    with ThreadPoolExecutor(1) as pool:
        with FileLock(job.folder / "looking"), FileLock(job.folder / "lock"):
            started = pool.submit(start)
            with pytest.raises(TimeoutError):
                started.result(1)  # neither refused nor started
        assert started.result(30) is True


def test_second_claim_raises(job):
    with job.claim(), pytest.raises(Busy), job.claim():
        pass
    assert not job._is_held()
    with job.claim():
        pass


def test_job_on_another_machine_needs_heartbeat(job):
    job.write(state=RUNNING, machine="elsewhere")
    assert job.state == RUNNING
    job.write(state=RUNNING, machine="elsewhere", heartbeat=time.time() - 2 * HEARTBEAT_TIMEOUT_S)
    assert job.state == LOST


def test_log_tail_with_progress_bar(job):
    job.log_file.write_bytes(b"one\n 1%\r 50%\r 100%\n\nlast\xff\n")
    assert job.log_tail(2) == [" 100%", "last\ufffd"]
    assert Job(job.folder / "none").log_tail() == []


def test_damaged_status_is_like_no_status(job):
    (job.folder / "status.json").write_text("[")
    assert job.read() == {} and job.progress == Progress("")


def test_record_of_finished_stopped_and_failed_work(job):
    with job.claim(), job.record(total=4):
        job.write(done=1)
        assert (job.progress.state, job.progress.share) == (RUNNING, 0.25)
    assert (job.progress.state, job.progress.share) == (FINISHED, 1.0)
    for stopped in (Stopped, KeyboardInterrupt):
        with pytest.raises(stopped), job.claim(), job.record("resume it", total=4):
            raise stopped
        assert job.progress == Progress(STOPPED, 0, 4, None, "resume it")
    with pytest.raises(OSError, match="No space"), job.claim(), job.record(total=4):
        raise OSError("No space left")
    assert job.progress == Progress(FAILED, 0, 4, None, "No space left") and "failed: No space" in job.log_tail()[-1]
    with pytest.raises(SystemExit), job.claim(), job.record():
        raise SystemExit
    assert job.progress.message == "SystemExit"


def test_record_keeps_a_new_queued_state(job):
    with job.claim(), job.record():
        job.write(state=FINISHED)
        job.queue()
    assert job.state == QUEUED


def test_report_is_limited_in_rate(job, monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for done, written in ((1, 1), (2, 1), (3, 3)):
        job.report(done=done)
        assert job.read()["done"] == written
        now += PROGRESS_INTERVAL_S * 0.6


def test_launch_of_a_busy_job_raises(job, monkeypatch):
    launched = []
    monkeypatch.setattr(
        "core.jobs.job.start_process", lambda command, log, **environment: launched.append((command, log))
    )
    job.stop()
    job.launch(["x"])
    assert launched == [(["x"], job.log_file)] and job.state == QUEUED and not job.is_asked_to_stop
    with pytest.raises(Busy, match=rf"A job is running \(process {os.getpid()}\)"):
        job.launch(["x"])
    with job.claim(), job.record(), pytest.raises(Busy):
        job.launch(["x"])
    job.launch(["x"])
    assert len(launched) == 2


# statuses of earlier versions; `{machine}` is replaced by this machine
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
def test_status_of_an_earlier_version(job, status, progress, kept):
    (job.folder / "status.json").write_text(status.replace("{machine}", socket.gethostname()))
    assert job.progress == progress
    with job.claim():
        job.write(state=QUEUED)
    assert job.read().items() >= kept.items()  # `write` keeps what it does not change
