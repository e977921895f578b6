"""Files that take long to make: each made in a process of its own, so that no page waits and none is lost.

Beside `NAME.npz`, while it is being made, lie `NAME.json` (how far it is), `NAME.log` (what the process printed) and
`NAME.lock` (held by the process that makes it: a process that dies lets go of it).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import UserError
from core.jobs.process import begin
from core.json_file import read_json, write_json

BEGINNING = 60  # seconds that a process may take until it holds its lock
ONE_AT_A_TIME = "one-at-a-time.lock"  # of a folder: making takes all it can get, and two at once take twice as long

Advance = Callable[[float], None]  # hears the share that is done, 0..1


@dataclass(frozen=True)
class Progress:
    """`state` is missing, waiting (for another file), running, ready or failed; `share` of the work is done, 0..1."""

    state: str
    share: float = 0.0
    message: str = ""


def make(file: Path, work: Callable[[Advance], None]) -> None:
    """Let `work` write a file, after those of its folder that are being made; one that is there stays as it is.

    Raises what `work` raises, after it was written down for `progress_of`.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    state = file.with_suffix(".json")
    with FileLock(file.with_suffix(".lock")):
        if file.exists():
            return
        write_json(state, {"state": "waiting"})
        try:
            with FileLock(file.with_name(ONE_AT_A_TIME)):
                write_json(state, {"state": "running", "share": 0.0})
                work(lambda share: write_json(state, {"state": "running", "share": share}))
        except Exception as error:
            write_json(state, {"state": "failed", "message": str(error)})
            raise
        state.unlink()


def start(file: Path, command: Sequence[str]) -> None:
    """Begin `python -m core COMMAND`, which shall `make` a file; `progress_of` tells how far it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file.with_suffix(".json"), {"state": "waiting"})
    file.with_suffix(".log").unlink(missing_ok=True)
    begin(command, file.with_suffix(".log"))


def progress_of(file: Path) -> Progress:
    """Where the making of a file stands; one whose process died is missing again."""
    if file.exists():
        return Progress("ready", 1.0)
    state = file.with_suffix(".json")
    try:
        found, age = Progress(**read_json(state)), time.time() - state.stat().st_mtime
    except (UserError, TypeError, OSError):
        return Progress("missing")
    alive = age < BEGINNING or _is_held(file.with_suffix(".lock"))
    return found if found.state == "failed" or alive else Progress("missing")


def _is_held(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
