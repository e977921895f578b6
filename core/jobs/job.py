"""Background work: what a folder says of the process that works on it, and how such a process is begun and stopped.

status.json  state, progress, process and machine, heartbeat, whatever else the work keeps; replaced in one step
lock         held by the process that works or waits: one that dies lets go of it
looking      held together with the lock, for a moment, by whoever looks whether a process holds the lock
launch.lock  held for a moment by whoever launches a process
stop         a file that asks the process to end
*.log        what happened, in lines; whatever a launched process printed (`Job.log_file`)
"""

import math
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout

from core.errors import UserError
from core.jobs.process import start_process
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
HEARTBEAT_TIMEOUT_S = 300  # without a heartbeat for longer, a process on another machine counts as lost
LAUNCH_TIMEOUT_S = 60  # until a launched process holds the lock
LOOKING_TIMEOUT_S = 10  # to wait for others who look
PROGRESS_INTERVAL_S = 0.5  # between two reports of progress


class Busy(UserError):
    """Another process is at it."""


class Stopped(Exception):
    """Somebody asked the process to stop."""


@dataclass(frozen=True)
class Progress:
    """`done` of `total`, and how long the rest takes; `seconds_left` is None if unknown.

    `state` is one of the states above, "" for a job that was never begun.
    """

    state: str
    done: float = 0
    total: float = 0
    seconds_left: float | None = None
    message: str = ""

    @property
    def is_alive(self) -> bool:
        return self.state in ALIVE

    @property
    def share(self) -> float:
        """Of the work that is done, 0..1."""
        if self.state == FINISHED:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0


class Job:
    """Reads and writes what a folder says of its process. `busy` begins the sentence that refuses a second one."""

    def __init__(self, folder: Path, busy: str = "A job is under way", log: str = "job.log"):
        self.folder = folder
        self.log_file = folder / log
        self.busy = busy
        self._reported = -math.inf

    def read(self) -> dict[str, Any]:
        """{} for a job that was never begun, or whose status cannot be read."""
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

    def report(self, **changes: Any) -> None:
        """`write`, unless this was called less than PROGRESS_INTERVAL_S ago."""
        if time.monotonic() - self._reported > PROGRESS_INTERVAL_S:
            self.write(**changes)
            self._reported = time.monotonic()

    @property
    def state(self) -> str:
        """One of the states above, "" for a job that was never begun."""
        return self._state_of(self.read())

    @property
    def progress(self) -> Progress:
        """How far it is; time left by the speed since the process began, when `resumed` of `total` were done."""
        found = self.read()
        state, message = self._state_of(found), found.get("message", "")
        if state == QUEUED:
            return Progress(state, message=message)
        done, total = found.get("done", 0), found.get("total", 0)
        fresh, passed = done - found.get("resumed", 0), found.get("heartbeat", 0) - found.get("began", 0)
        seconds_left = passed / fresh * (total - done) if fresh > 0 and state in ALIVE else None
        return Progress(state, done, total, seconds_left, message)

    @property
    def is_asked_to_stop(self) -> bool:
        return (self.folder / "stop").exists()

    def stop(self) -> None:
        """Ask the process to end."""
        (self.folder / "stop").touch()

    def queue(self) -> None:
        """A process is about to be launched; who asks it to stop from now on is heard."""
        (self.folder / "stop").unlink(missing_ok=True)
        self.write(state=QUEUED, queued=time.time(), message="")

    def launch(self, command: Sequence[str], **environment: str) -> None:
        """Begin `python -m core COMMAND`, which is to `claim` this job, in a process that outlives this one.

        Raises Busy if a living process is at it, or waits to be.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "launch.lock"):  # of two at one moment the second one sees what the first one wrote
            self.refuse_if_alive()
            self.queue()
        start_process(command, self.log_file, **environment)

    @contextmanager
    def claim(self, timeout_s: float = 0) -> Iterator[None]:
        """Hold the lock, which another process may do for so many seconds more.

        What asked an earlier process to stop is forgotten. Raises Busy if the lock is held for longer: two would
        overwrite each other.
        """
        found = self.read()
        is_awaited = found.get("state") == QUEUED and self._is_alive(found)  # so a stop is meant for this process
        try:
            held = self._acquire(timeout_s)
        except Timeout:
            raise self._refusal(self.read()) from None
        with held:
            if not is_awaited:
                (self.folder / "stop").unlink(missing_ok=True)
            yield

    @contextmanager
    def record(self, when_stopped: str = "", **changes: Any) -> Iterator[None]:
        """Write down that work runs, and whether it finished, was stopped or failed; for whoever holds the lock.

        `when_stopped` is the message of a job that is stopped by Stopped or Ctrl-C. What the work raises is raised.
        """
        fresh = {"done": 0, "total": 0, "resumed": 0, "began": time.time(), "message": ""}
        self.write(state=RUNNING, **(fresh | changes))
        try:
            yield
        except (Stopped, KeyboardInterrupt):
            self.write(state=STOPPED, message=when_stopped)
            raise
        except BaseException as error:
            self.fail(error)
            raise
        if self.read().get("state") == RUNNING:  # the work may have said that it is finished, and be queued again
            self.write(state=FINISHED)

    def fail(self, error: BaseException) -> None:
        """Write down what ended the work."""
        with suppress(OSError):  # a full disk has no room for this either
            self.log(f"failed: {error}")
            self.write(state=FAILED, message=str(error) or type(error).__name__)

    def refuse_if_alive(self) -> None:
        """Raises Busy if a living process is at it, or waits to be."""
        found = self.read()
        if found.get("state") in ALIVE and self._is_alive(found):
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

    def _state_of(self, found: dict[str, Any]) -> str:
        state = found.get("state", "")
        if state not in ALIVE:
            return state
        if not self._is_alive(found):
            return LOST
        return STOPPING if self.is_asked_to_stop else state

    def _is_alive(self, found: dict[str, Any]) -> bool:
        silent = time.time() - found.get("heartbeat", 0)
        if found.get("machine") != socket.gethostname():
            return silent < HEARTBEAT_TIMEOUT_S
        return self._is_held() or (found.get("state") == QUEUED and silent < LAUNCH_TIMEOUT_S)

    def _refusal(self, found: dict[str, Any]) -> Busy:
        return Busy(f"{self.busy} by process {found.get('pid')}; stop that one first.")

    def _acquire(self, timeout_s: float) -> AcquireReturnProxy:
        """The lock, held until the end of a `with`. Raises filelock.Timeout if a process holds it."""
        lock = FileLock(self.folder / "lock")
        try:
            return lock.acquire(timeout=timeout_s)
        except Timeout:  # it may be held by one who only looks: while we look ourselves, nobody else does
            with FileLock(self.folder / "looking", timeout=LOOKING_TIMEOUT_S):
                return lock.acquire(timeout=0)

    def _is_held(self) -> bool:
        try:
            with (
                FileLock(self.folder / "looking", timeout=LOOKING_TIMEOUT_S),
                FileLock(self.folder / "lock", timeout=0),
            ):
                return False
        except Timeout:
            return True
        except OSError:  # a folder that cannot be written
            return False
