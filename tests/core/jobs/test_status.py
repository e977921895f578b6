"""Who is asked to stop: the process that is queued or at it, and never one that comes after it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from core.jobs.status import BEGINNING, QUEUED, RUNNING, STOPPED, Busy, Status


@pytest.fixture
def process(tmp_path) -> Status:
    return Status(tmp_path)


def test_a_stop_is_heard_from_the_moment_a_process_is_queued(process):
    process.queue()
    process.ask_to_stop()  # before the launched process has come as far as its lock
    with process.claimed():
        assert process.is_asked_to_stop


def test_a_stop_between_waiting_and_working_is_heard(process):
    process.queue()
    with process.claimed():
        process.write(state=QUEUED)  # waits for its turn
    process.ask_to_stop()
    with process.claimed():  # begins
        assert process.is_asked_to_stop


@pytest.mark.parametrize("state", [RUNNING, STOPPED])
def test_what_stopped_an_earlier_process_is_forgotten(process, state):
    process.write(state=state)
    process.ask_to_stop()
    with process.claimed():
        assert not process.is_asked_to_stop


def test_what_was_to_stop_a_queued_process_that_died_is_forgotten(process):
    process.queue()
    process.ask_to_stop()
    process.write(heartbeat=time.time() - 2 * BEGINNING)
    with process.claimed():
        assert not process.is_asked_to_stop


def test_a_process_that_is_queued_again_is_not_stopped_by_what_was_said_before(process):
    process.write(state=STOPPED)
    process.ask_to_stop()
    process.queue()
    assert process.state == QUEUED and not process.is_asked_to_stop


def test_a_process_starts_while_another_looks_whether_one_is_alive(process):
    """Who looks holds both locks for a moment; the start waits for it to let go."""

    def start() -> bool:
        with process.claimed():
            return process._is_held()

    with ThreadPoolExecutor(1) as pool:
        with FileLock(process.folder / "looking"), FileLock(process.folder / "lock"):
            started = pool.submit(start)
            with pytest.raises(TimeoutError):
                started.result(1)  # neither refused nor begun
        assert started.result(30) is True


def test_a_second_start_is_refused(process):
    with process.claimed(), pytest.raises(Busy), process.claimed():
        pass
    assert not process._is_held()
    with process.claimed():
        pass
