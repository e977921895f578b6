"""Files that take long to compute. A job writes each; its folder NAME.job is next to NAME.npz."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from core.jobs.job import Busy, Job
from core.jobs.progress import FINISHED, QUEUED, Progress

ONE_AT_A_TIME = "one-at-a-time.lock"  # one lock per folder, because each job uses all CPU cores

OnProgress = Callable[[float], None]  # called with the share that is done, from 0 to 1


def find_job(file: Path) -> Job:
    """Return the job that writes a file."""
    return Job(file.with_suffix(".job"), f"The file {file} is being written")


def make_file(file: Path, work: Callable[[OnProgress], None]) -> None:
    """Write a file with `work`, unless it exists.

    Files of one folder are written one after the other. An exception of `work` is recorded for `progress_of`, and
    raised again.

    Args:
        file: The file.
        work: The function that writes it. It is called with a function that reports the share that is done.
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
    """Start `python -m core COMMAND`, which calls `make_file`, unless a process is already writing the file."""
    with suppress(Busy):
        find_job(file).launch(command)


def progress_of(file: Path) -> Progress:
    """Return the progress of a file.

    The state is finished if the file exists, and "" if it was never started or was deleted.
    """
    progress = find_job(file).progress
    if file.exists():
        return Progress(FINISHED, 1, 1)
    return Progress("") if progress.state == FINISHED else progress
