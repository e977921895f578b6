"""The states of a job, and its progress."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Progress:
    """The progress of a job: `done` of `total`.

    `state` is one of the states above, or "" for a job that was never started. `seconds_left` is None if unknown.
    """

    state: str
    done: float = 0
    total: float = 0
    seconds_left: float | None = None
    message: str = ""

    @property
    def is_alive(self) -> bool:
        """Whether the job is queued, running or stopping."""
        return self.state in ALIVE

    @property
    def share(self) -> float:
        """The share of the work that is done, from 0 to 1."""
        if self.state == FINISHED:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0
