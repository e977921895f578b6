"""List, start, queue, stop and delete runs, each of which trains in a background process."""

import time
from pathlib import Path

from core.atomic_files import DELETED, delete_folder
from core.errors import UserError
from core.inference.checkpoint import WEIGHTS
from core.jobs.progress import ALIVE, FINISHED, QUEUED, RUNNING, STOPPED, STOPPING
from core.read_only import refuse_if_read_only
from core.training.run_folder import Run

QUEUE_INTERVAL_S = 1  # seconds between two checks of the queue
MAX_TRAININGS = 1  # at a time; two on one machine would each take twice as long


def list_runs(folder: Path) -> list[Run]:
    """Return all runs in a folder, newest first."""
    found = [
        Run(path.parent)
        for path in folder.glob("*/config.json")
        if not (path.parent / WEIGHTS).exists()  # a baseline
        and not path.parent.name.startswith(DELETED)
    ]
    return sorted(found, key=lambda run: (run.folder / "config.json").stat().st_mtime, reverse=True)


def launch(run: Run) -> None:
    """Start or resume a run in a background process, which waits until earlier runs have ended.

    Raises:
        UserError: The run is finished, or is queued or running.
    """
    refuse_if_read_only()
    run.job.refuse_if_alive()
    if run.status.get("state") == FINISHED:
        raise UserError(f"The run {run.folder.name} is finished.")
    run.job.launch(["resume", str(run.folder.resolve()), "--queue"])


def wait_for_turn(run: Run) -> bool:
    """Wait until no earlier run in the same folder trains or waits; return False if the run is stopped meanwhile."""
    with run.job.claim():
        queued = run.status.get("queued", time.time())
        run.write_status(state=QUEUED, queued=queued)
        while len(list_earlier(run, queued)) >= MAX_TRAININGS:
            if run.job.is_asked_to_stop:
                run.write_status(state=STOPPED)
                return False
            time.sleep(QUEUE_INTERVAL_S)
            run.write_status()
    return True


def list_earlier(run: Run, queued: float) -> list[Run]:
    """Return the other runs of the same folder that train, or that were queued earlier.

    Args:
        run: The run that waits.
        queued: Time at which it was queued, in seconds since 1970.
    """

    def comes_first(other: Run) -> bool:
        state = other.state
        key = (other.status.get("queued", 0), other.folder.name)
        return state in (RUNNING, STOPPING) or (state == QUEUED and key < (queued, run.folder.name))

    return [
        other for other in list_runs(run.folder.parent) if other.folder.name != run.folder.name and comes_first(other)
    ]


def stop(run: Run) -> None:
    """Ask a run's process to save and to end after the current step.

    Raises:
        UserError: The run is neither queued nor running.
    """
    refuse_if_read_only()
    if run.state not in ALIVE:
        raise UserError(f"The run {run.folder.name} is not running: it is {run.state or 'not started'}.")
    run.job.stop()


def delete(run: Run) -> None:
    """Delete a run's folder.

    Raises:
        UserError: The run is queued or running.
    """
    refuse_if_read_only()
    run.job.refuse_if_alive()
    delete_folder(run.folder)
