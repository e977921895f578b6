"""Files that jobs write, and their progress."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from core.jobs.file_job import find_job, make_file, progress_of
from core.jobs.progress import FAILED, FINISHED, LOST, QUEUED, RUNNING, Progress


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "one.npz"


def test_make_file_runs_once(file):
    assert progress_of(file) == Progress("")
    shares = []

    def work(on_progress) -> None:
        on_progress(0.5)
        shares.append(progress_of(file).share)
        file.write_text("made")

    for _ in range(2):
        make_file(file, work)
    assert shares == [0.5] and progress_of(file) == Progress(FINISHED, 1, 1)
    file.unlink()
    assert progress_of(file) == Progress("")  # it can be written again
    make_file(file, work)
    assert len(shares) == 2


def test_make_file_after_a_failure(file):
    def fail(on_progress) -> None:
        raise ValueError("no numbers")

    with pytest.raises(ValueError, match="no numbers"):
        make_file(file, fail)
    assert progress_of(file) == Progress(FAILED, 0, 1, None, "no numbers")
    make_file(file, lambda on_progress: file.write_text("made"))
    assert progress_of(file).state == FINISHED


def test_files_of_a_folder_are_written_one_after_the_other(file):
    other, has_started, can_end = file.with_name("other.npz"), Event(), Event()

    def work(on_progress) -> None:
        has_started.set()
        assert can_end.wait(30)
        file.write_text("made")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(make_file, file, work)
        assert has_started.wait(30)
        second = pool.submit(make_file, other, lambda on_progress: other.write_text("made"))
        with pytest.raises(TimeoutError):
            second.result(0.5)
        assert (progress_of(file).state, progress_of(other).state) == (RUNNING, QUEUED)
        can_end.set()
        first.result(30), second.result(30)
    assert progress_of(other).state == FINISHED


def test_progress_of_killed_process_is_lost(file):
    code = f"""
import time
from pathlib import Path
from core.jobs.file_job import make_file
make_file(Path({str(file)!r}), lambda on_progress: (on_progress(0.5), print("started", flush=True), time.sleep(60)))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"started\n"
    assert progress_of(file).state == RUNNING and progress_of(file).share == 0.5
    process.kill()
    process.wait()
    assert progress_of(file).state == LOST
    (find_job(file).folder / "status.json").write_text("{")
    assert progress_of(file) == Progress("")


def test_files_of_earlier_versions_are_ignored(file):
    file.parent.mkdir()
    file.with_suffix(".json").write_text('{"state": "running", "share": 0.5}')
    file.with_suffix(".lock").touch()
    file.with_suffix(".log").write_text("error: x\n")
    assert progress_of(file) == Progress("")
    make_file(file, lambda on_progress: file.write_text("made"))
    assert progress_of(file).state == FINISHED
