"""Jobs: work in a process of its own, with a folder for its status, its lock and its log.

status.json  state, progress, process and machine, heartbeat, and values of the work; replaced atomically
lock         held by the process that works or waits; the system releases it when the process dies
looking      held together with `lock`, for a moment, by a process that checks whether `lock` is held
launch.lock  held for a moment by a process that launches a job
stop         a file that asks the process to stop
*.log        the log, with the output of a launched process (`Job.log_file`)
"""

import math
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout

from core.errors import UserError, explain
from core.jobs.process import start_process
from core.jobs.progress import ALIVE, FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, Progress
from core.json_file import read_json, write_json
from core.read_only import refuse_if_read_only

HEARTBEAT_TIMEOUT_S = 300  # a process on another machine counts as lost without a heartbeat for this time
LAUNCH_TIMEOUT_S = 60  # a launched process counts as lost if it does not hold the lock by then
LOOKING_TIMEOUT_S = 10  # to wait for other processes that check the lock
PROGRESS_INTERVAL_S = 0.5  # between two reports of progress


class Busy(UserError):
    """Another process works on the job."""


class Stopped(Exception):
    """The job was asked to stop."""


class Job:
    """The status, the lock and the log of a job.

    Args:
        folder: The folder of the job.
        busy: The start of the message of `Busy`.
        log: The name of the log file.
    """

    def __init__(self, folder: Path, busy: str = "A job is running", log: str = "job.log"):
        self.folder = folder
        self.log_file = folder / log
        self.busy = busy
        self._reported = -math.inf

    def read(self) -> dict[str, Any]:
        """Read the status; {} for a job that was never started or whose status cannot be read."""
        try:
            status = read_json(self.folder / "status.json")
        except UserError:
            return {}
        return status if isinstance(status, dict) else {}

    def write(self, **changes: Any) -> None:
        """Write changes into the status, with this process, this machine and the time."""
        write_json(
            self.folder / "status.json",
            self.read() | {"pid": os.getpid(), "machine": socket.gethostname(), "heartbeat": time.time()} | changes,
        )

    def report(self, **changes: Any) -> None:
        """Write changes, unless the last report was less than PROGRESS_INTERVAL_S ago."""
        if time.monotonic() - self._reported > PROGRESS_INTERVAL_S:
            self.write(**changes)
            self._reported = time.monotonic()

    @property
    def state(self) -> str:
        """A state of `core.jobs.progress`, or "" for a job that was never started."""
        return self._state_of(self.read())

    @property
    def progress(self) -> Progress:
        """The progress. The remaining time follows from the speed of the present process.

        `resumed` of `total` were done when the process started.
        """
        status = self.read()
        state, message = self._state_of(status), status.get("message", "")
        if state == QUEUED:
            return Progress(state, message=message)
        done, total = status.get("done", 0), status.get("total", 0)
        new, elapsed = done - status.get("resumed", 0), status.get("heartbeat", 0) - status.get("began", 0)
        seconds_left = elapsed / new * (total - done) if new > 0 and elapsed > 0 and state in ALIVE else None
        return Progress(state, done, total, seconds_left, message)

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether the process should stop."""
        return (self.folder / "stop").exists()

    def stop(self) -> None:
        """Ask the process to stop."""
        refuse_if_read_only()
        (self.folder / "stop").touch()

    def queue(self) -> None:
        """Set the state to queued before a launch. A stop that is asked for from now on is for the new process."""
        (self.folder / "stop").unlink(missing_ok=True)
        self.write(state=QUEUED, queued=time.time(), message="")

    def launch(self, command: Sequence[str], **environment: str) -> None:
        """Start `python -m core COMMAND` in a process that outlives this one.

        Args:
            command: The command with its arguments. It must `claim` this job.
            **environment: Additional environment variables.

        Raises:
            Busy: If a process works on the job or waits for it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "launch.lock"):  # of two simultaneous launches, the second sees the first's status
            self.refuse_if_alive()
            self.queue()
        start_process(command, self.log_file, **environment)

    @contextmanager
    def claim(self, timeout_s: float = 0) -> Iterator[None]:
        """Hold the lock, so that no other process works on the job.

        A stop that an earlier process was asked for is removed.

        Args:
            timeout_s: Seconds to wait for another process that holds the lock.

        Raises:
            Busy: If another process holds the lock for longer.
        """
        status = self.read()
        is_awaited = status.get("state") == QUEUED and self._is_alive(status)  # then a stop is for this process
        try:
            lock = self._acquire(timeout_s)
        except Timeout:
            raise self._busy_error(self.read()) from None
        with lock:
            if not is_awaited:
                (self.folder / "stop").unlink(missing_ok=True)
            yield

    @contextmanager
    def record(self, when_stopped: str = "", **changes: Any) -> Iterator[None]:
        """Record that the work is running, and then whether it finished, was stopped or failed.

        The caller must hold the lock. Exceptions of the work are raised again.

        Args:
            when_stopped: The message if the work is stopped by `Stopped` or Ctrl-C.
            **changes: Values of the status at the start.
        """
        initial = {"done": 0, "total": 0, "resumed": 0, "began": time.time(), "message": ""}
        self.write(state=RUNNING, **(initial | changes))
        try:
            yield
        except (Stopped, KeyboardInterrupt):
            self.write(state=STOPPED, message=when_stopped)
            raise
        except BaseException as error:
            self.fail(error)
            raise
        if self.read().get("state") == RUNNING:  # the work may have set its state to finished, and be queued again
            self.write(state=FINISHED)

    def fail(self, error: BaseException) -> None:
        """Record the error that ended the work."""
        with suppress(OSError):  # a full disk has no space for the status either
            self.log(f"failed: {error}")
            self.write(state=FAILED, message=explain(error) or type(error).__name__)

    def refuse_if_alive(self) -> None:
        """Check that no process works on the job or waits for it.

        Raises:
            Busy: If one does.
        """
        status = self.read()
        if status.get("state") in ALIVE and self._is_alive(status):
            raise self._busy_error(status)

    def log(self, text: str) -> None:
        """Append a line with the time to the log."""
        with self.log_file.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {text}\n")

    def log_tail(self, lines: int = 20) -> list[str]:
        """Return the last lines of the log; a progress bar counts as one line, its last state."""
        if not self.log_file.exists():
            return []
        with self.log_file.open("rb") as file:
            file.seek(max(0, self.log_file.stat().st_size - 20_000))
            text = file.read().decode(errors="replace")
        return [line.rpartition("\r")[2].rstrip() for line in text.splitlines() if line.strip()][-lines:]

    def _state_of(self, status: dict[str, Any]) -> str:
        state = status.get("state", "")
        if state not in ALIVE:
            return state
        if not self._is_alive(status):
            return LOST
        return STOPPING if self.is_asked_to_stop else state

    def _is_alive(self, status: dict[str, Any]) -> bool:
        silent_s = time.time() - status.get("heartbeat", 0)
        if status.get("machine") != socket.gethostname():
            return silent_s < HEARTBEAT_TIMEOUT_S
        return self._is_held() or (status.get("state") == QUEUED and abs(silent_s) < LAUNCH_TIMEOUT_S)

    def _busy_error(self, status: dict[str, Any]) -> Busy:
        return Busy(f"{self.busy} (process {status.get('pid')}). Stop that process first.")

    def _acquire(self, timeout_s: float) -> AcquireReturnProxy:
        """Acquire the lock. Raises filelock.Timeout if another process holds it."""
        lock = FileLock(self.folder / "lock")
        try:
            return lock.acquire(timeout=timeout_s)
        except Timeout:  # a process may hold it only to check it; with `looking` held, none can
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
        except OSError:  # the folder is not writeable
            return False
