"""Files that take long to make: each by a job, whose folder NAME.job lies beside NAME.npz."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from core.jobs.job import FINISHED, QUEUED, Busy, Job, Progress

ONE_AT_A_TIME = "one-at-a-time.lock"  # of a folder: making takes all it can get, and two at once take twice as long

OnProgress = Callable[[float], None]  # hears the share that is done, 0..1


def find_job(file: Path) -> Job:
    """The job that makes a file."""
    return Job(file.with_suffix(".job"), f"The file {file} is being made")


def make_file(file: Path, work: Callable[[OnProgress], None]) -> None:
    """Let `work` write a file, after those of its folder that are being made; one that is there stays as it is.

    Raises what `work` raises, after it was written down for `progress_of`.
    """
    job = find_job(file)
    job.folder.mkdir(parents=True, exist_ok=True)
    with job.claim(math.inf):
        if file.exists():
            return
        job.write(state=QUEUED, message="")
        with FileLock(file.with_name(ONE_AT_A_TIME)), job.record(total=1):
            work(lambda share: job.report(done=share))


def start_job(file: Path, command: Sequence[str]) -> None:
    """Begin `python -m core COMMAND`, which is to `make` a file, unless another process is at it."""
    with suppress(Busy):
        find_job(file).launch(command)


def progress_of(file: Path) -> Progress:
    """How far a file is: finished if it is there, "" if it was never begun, or is gone again."""
    found = find_job(file).progress
    if file.exists():
        return Progress(FINISHED, 1, 1)
    return Progress("") if found.state == FINISHED else found
