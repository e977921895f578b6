"""Evaluations in processes of their own: one model on one data set or named gallery.

The folder of a job is `runs/.evaluations/HASH`. Its status (core.jobs.job) also has the model's `checkpoint`, the
evaluated `data` and, at the end, `result`: the folder of the report.
"""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock

from core.folders import runs_folder
from core.jobs.job import Job, Stopped
from core.jobs.progress import QUEUED
from core.read_only import refuse_if_read_only

JOBS = ".evaluations"  # in the folder of runs
ONE_AT_A_TIME = ".evaluation.lock"  # in the folder of runs; each evaluation or prediction uses all CPU cores
OnProgress = Callable[[int, int], None]  # called with the numbers of described images and of all images, then of probes


def find_evaluation(checkpoint: Path, data: Path) -> Job:
    """Return the job that evaluates a model on a data set's folder or on the folder of a named gallery."""
    key = f"{os.path.abspath(checkpoint)}\0{os.path.abspath(data)}"
    name = hashlib.blake2b(os.fsencode(key), digest_size=12).hexdigest()
    return Job(runs_folder() / JOBS / name, f"{checkpoint.name} is being evaluated on {data.name}")


def start_evaluation(checkpoint: Path, data: Path, arguments: Sequence[str] = ()) -> Job:
    """Evaluate in a process of its own that outlives this one.

    Args:
        checkpoint: The folder of the checkpoint or run.
        data: The folder of the data set or of the named gallery.
        arguments: Further arguments of `python -m core evaluate`.

    Raises:
        Busy: If a process already evaluates the model on this data.
    """
    refuse_if_read_only()
    job = find_evaluation(checkpoint, data)
    job.folder.mkdir(parents=True, exist_ok=True)
    job.refuse_if_alive()
    job.write(checkpoint=os.path.abspath(checkpoint), data=os.path.abspath(data), result="")
    where = os.path.abspath(job.folder)
    job.launch(["evaluate", os.path.abspath(checkpoint), os.path.abspath(data), *arguments, "--job", where])
    return job


def list_evaluations(data: Path) -> list[Job]:
    """List the jobs on a data set's folder or on the folder of a named gallery, newest first."""
    jobs = [Job(file.parent) for file in (runs_folder() / JOBS).glob("*/status.json")]
    own = [job for job in jobs if job.read().get("data") == os.path.abspath(data)]
    return sorted(own, key=lambda job: job.read().get("queued", 0), reverse=True)


def run_evaluation(folder: Path, work: Callable[[OnProgress], Path]) -> None:
    """Do the work of a job, after other evaluations and predictions.

    Args:
        folder: The folder of the job.
        work: Evaluates, and returns the folder of the report.

    Raises:
        Busy: If another process works on the job.
    """
    job = Job(folder, "The model is being evaluated on this data")

    last = (0, -1)

    def on_progress(done: int, total: int) -> None:
        nonlocal last
        if job.is_asked_to_stop:
            raise Stopped
        if total != last[1] or done < last[0]:  # of images, then of probes: the remaining time is that of this count
            job.write(done=done, total=total, resumed=done, began=time.time())
        else:
            job.report(done=done, total=total)
        last = done, total

    folder.mkdir(parents=True, exist_ok=True)
    with job.claim():
        job.write(state=QUEUED, message="")
        with FileLock(runs_folder() / ONE_AT_A_TIME):
            try:
                with job.record():
                    job.write(result=str(work(on_progress)))
            except Stopped:
                return
