"""What a run is doing, who does it, and whether that one is still alive.

status.json  state, steps done, process and machine, heartbeat, best checkpoint; replaced in one step
lock         held by the process that trains or waits: one that dies lets go of it
looking      held together with the lock, for a moment, by whoever looks whether a process holds the lock
stop         a file that asks the process to end after the step under way
*.log        what happened, in lines; whatever a launched process printed (`Status.log_file`)
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout

from core.errors import UserError
from core.json_file import read_json, write_json

QUEUED, RUNNING, STOPPING, STOPPED, FINISHED, FAILED, LOST = (
    "queued",
    "running",
    "stopping",
    "stopped",
    "finished",
    "failed",
    "lost",
)
ALIVE = (QUEUED, RUNNING, STOPPING)
SILENCE = 300  # seconds without a heartbeat after which a process on another machine counts as lost
BEGINNING = 60  # seconds that a launched process may take until it holds the lock
LOOKING = 10  # seconds to wait at most for others who look


class Busy(UserError):
    """Another process is at it."""


class Status:
    """Reads and writes what a folder says of its process. `busy` begins the sentence that refuses a second one."""

    def __init__(self, folder: Path, busy: str = "The run {} is being trained", log: str = "train.log"):
        self.folder = folder
        self.log_file = folder / log
        self.busy = busy.format(folder)

    def read(self) -> dict[str, Any]:
        """{} for a run that was only configured, or whose status cannot be read."""
        try:
            found = read_json(self.folder / "status.json")
        except UserError:
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, **changes: Any) -> None:
        write_json(
            self.folder / "status.json",
            self.read() | {"pid": os.getpid(), "machine": socket.gethostname(), "heartbeat": time.time()} | changes,
        )

    @property
    def state(self) -> str:
        """One of the states above, "" for a run that was only configured."""
        found = self.read()
        state = found.get("state", "")
        if state not in ALIVE:
            return state
        if not self.is_alive(found):
            return LOST
        return STOPPING if self.is_asked_to_stop else state

    def is_alive(self, found: dict[str, Any]) -> bool:
        silent = time.time() - found.get("heartbeat", 0)
        if found.get("machine") != socket.gethostname():
            return silent < SILENCE
        return self._is_held() or (found.get("state") == QUEUED and silent < BEGINNING)

    @property
    def is_asked_to_stop(self) -> bool:
        return (self.folder / "stop").exists()

    def ask_to_stop(self) -> None:
        (self.folder / "stop").touch()

    def queue(self, **changes: Any) -> None:
        """A process is about to be launched; who asks it to stop from now on is heard."""
        (self.folder / "stop").unlink(missing_ok=True)
        self.write(state=QUEUED, message="", **changes)

    @contextmanager
    def claimed(self, patience: float = 0) -> Iterator[None]:
        """Hold the lock, which another process may do for so many seconds more.

        What asked an earlier process to stop is forgotten. Raises Busy if the lock is held for longer: two would
        overwrite each other.
        """
        found = self.read()
        is_awaited = found.get("state") == QUEUED and self.is_alive(found)  # so a stop is meant for this process
        try:
            held = self._acquired(patience)
        except Timeout:
            raise self._refusal(self.read()) from None
        with held:
            if not is_awaited:
                (self.folder / "stop").unlink(missing_ok=True)
            yield

    def refuse_if_alive(self) -> None:
        """Raises Busy if a living process is at it, or waits to be."""
        found = self.read()
        if found.get("state") in ALIVE and self.is_alive(found):
            raise self._refusal(found)

    def log(self, text: str) -> None:
        """Append a line with the time to the log."""
        with self.log_file.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {text}\n")

    def log_tail(self, lines: int = 20) -> list[str]:
        """The last lines of the log; a progress bar counts as its last state."""
        if not self.log_file.exists():
            return []
        with self.log_file.open("rb") as file:
            file.seek(max(0, self.log_file.stat().st_size - 20_000))
            text = file.read().decode(errors="replace")
        return [line.rpartition("\r")[2].rstrip() for line in text.splitlines() if line.strip()][-lines:]

    def _refusal(self, found: dict[str, Any]) -> Busy:
        return Busy(f"{self.busy} by process {found.get('pid')}; stop that one first.")

    def _acquired(self, patience: float) -> AcquireReturnProxy:
        """The lock, held until the end of a `with`. Raises filelock.Timeout if a process holds it."""
        lock = FileLock(self.folder / "lock")
        try:
            return lock.acquire(timeout=patience)
        except Timeout:  # it may be held by one who only looks: while we look ourselves, nobody else does
            with FileLock(self.folder / "looking", timeout=LOOKING):
                return lock.acquire(timeout=0)

    def _is_held(self) -> bool:
        try:
            with FileLock(self.folder / "looking", timeout=LOOKING), FileLock(self.folder / "lock", timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a folder that cannot be written
            return False
