"""Runs in processes of their own: begun, queued, stopped, resumed, deleted; whoever asks may come and go."""

import shutil
import time
from pathlib import Path

from core.errors import UserError
from core.jobs.job import ALIVE, FINISHED, QUEUED, RUNNING, STOPPED, STOPPING
from core.training.run_folder import Run

QUEUE_INTERVAL_S = 1  # between two looks at the queue
MAX_TRAININGS = 1  # at a time: two on one machine take twice as long each


def list_runs(folder: Path) -> list[Run]:
    """All runs below a folder, the newest first."""
    found = [Run(path.parent) for path in folder.glob("*/config.json")]
    return sorted(found, key=lambda run: (run.folder / "config.json").stat().st_mtime, reverse=True)


def launch(run: Run) -> None:
    """Train a run, or go on with it, in a process of its own that outlives this one; it waits its turn.

    Raises UserError if it is finished, or under way already.
    """
    run.job.refuse_if_alive()
    if run.status.get("state") == FINISHED:
        raise UserError(f"The run {run.folder.name} is finished.")
    run.job.launch(["resume", str(run.folder.resolve()), "--queue"])


def wait_for_turn(run: Run) -> bool:
    """Wait while other runs beside this one train or came earlier; False if it is asked to stop meanwhile."""
    with run.job.claim():
        mine = run.status.get("queued", time.time())
        run.write_status(state=QUEUED, queued=mine)
        while len(list_earlier(run, mine)) >= MAX_TRAININGS:
            if run.job.is_asked_to_stop:
                run.write_status(state=STOPPED)
                return False
            time.sleep(QUEUE_INTERVAL_S)
            run.write_status()
    return True


def list_earlier(run: Run, queued: float) -> list[Run]:
    """Runs beside this one that train, or that were queued before it."""

    def comes_first(other: Run) -> bool:
        state = other.state
        since = (other.status.get("queued", 0), other.folder.name)
        return state in (RUNNING, STOPPING) or (state == QUEUED and since < (queued, run.folder.name))

    return [
        other for other in list_runs(run.folder.parent) if other.folder.name != run.folder.name and comes_first(other)
    ]


def stop(run: Run) -> None:
    """Ask a run's process to end after the step under way, and to save. Raises UserError if there is none."""
    if run.state not in ALIVE:
        raise UserError(f"The run {run.folder.name} is not under way: it is {run.state or 'not started'}.")
    run.job.stop()


def delete(run: Run) -> None:
    """Delete a run's folder for good. Raises UserError if it is under way."""
    run.job.refuse_if_alive()
    shutil.rmtree(run.folder)
