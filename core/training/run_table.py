"""The table of runs: state, steps, loss, validation, speed and time left."""

import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.jobs.durations import format_duration
from core.jobs.progress import RUNNING, Progress
from core.training.queue import list_runs
from core.training.run_folder import METRICS, Run

MAX_STEPS_FOR_SPEED = 20  # number of logged steps that the speed is computed from


@dataclass(frozen=True)
class RunSummary:
    """One row of the table; None for values that are not known yet."""

    name: str
    progress: Progress  # in steps
    loss: float | None
    best: float | None  # validation recall@1, in percent
    images_per_second: float | None


def summarise(run: Run) -> RunSummary:
    """Summarise a run.

    Raises:
        UserError: The run's configuration is damaged.
    """
    status, (_, training), rows = run.status, run.configs, run.read(METRICS)
    logged = [row for row in rows if "loss" in row]
    step, state = status.get("step", 0), run.state
    speed = _steps_per_second(logged)
    seconds_left = (training.steps - step) / speed if speed and state == RUNNING else None
    return RunSummary(
        run.folder.name,
        Progress(state, step, training.steps, seconds_left, status.get("message", "")),
        logged[-1]["loss"] if logged else None,
        status.get("best_recall@1"),
        speed and speed * status.get("images_per_step", training.images_per_step),
    )


def format_table(folder: Path) -> str:
    """Format the runs of a folder as a table, one line per run."""
    lines: list[tuple[str, ...]] = [("run", "state", "step", "loss", "recall@1", "images/s", "left")]
    lines += [_line_of(run) for run in list_runs(folder)]
    if len(lines) == 1:
        return (
            f"There is no run in {folder}. Start one with `python -m core train DATA`. "
            "MR_BCNN_RUNS sets another folder."
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def watch_runs(folder: Path, seconds: float = 2.0) -> None:
    """Print the table every few seconds, over the previous one, until Ctrl-C."""
    while True:
        print(f"\x1b[2J\x1b[H{format_table(folder)}", flush=True)
        time.sleep(seconds)


def _steps_per_second(logged: list[dict]) -> float | None:
    """Return the speed over the last logged steps since the run was last resumed, or None if there are too few."""
    recent = logged[-MAX_STEPS_FOR_SPEED:]
    pauses = [  # gaps in time, in which the run was stopped or the clock was set
        index
        for index, (one, two) in enumerate(zip(recent, recent[1:], strict=False), start=1)
        if not 0 <= two["time"] - one["time"] <= 10 * (abs(recent[-1]["time"] - recent[-2]["time"]) + 1)
    ]
    recent = recent[pauses[-1] if pauses else 0 :]
    seconds = recent[-1]["time"] - recent[0]["time"] if recent else 0
    return (recent[-1]["step"] - recent[0]["step"]) / seconds if seconds > 0 else None


def _line_of(run: Run) -> tuple[str, ...]:
    try:
        return _line(summarise(run))
    except UserError:  # `resume` says what is wrong
        return run.folder.name, "damaged", *["-"] * 5


def _line(one: RunSummary) -> tuple[str, ...]:
    """Return the cells of one run."""

    def number(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    return (
        one.name,
        one.progress.state or "not started",
        f"{one.progress.done:,} of {one.progress.total:,}",
        number(one.loss, ".4f"),
        number(one.best, ".1f"),
        number(one.images_per_second, ".0f"),
        format_duration(one.progress.seconds_left),
    )
