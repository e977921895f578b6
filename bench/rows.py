"""Measure ways of the same work in turns, and keep the rows of the table of `python bench`."""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        task: The work.
        against: What the project is compared with. A row without a comparison has "".
        value: Our speed or time, with its unit.
        ratio: Our speed divided by the other speed, the median of the rounds. Above 1, the project is faster.
        lowest: The lowest ratio of a round.
        highest: The highest ratio of a round.
        aim: The ratio that the project aims at.
    """

    task: str
    against: str
    value: str
    ratio: float | None = None
    lowest: float | None = None
    highest: float | None = None
    aim: float | None = None


def record(row: Row) -> None:
    """Print a row. `python bench` collects rows in the file BENCH_ROWS."""
    print(format_row(row), flush=True)
    if file := os.environ.get("BENCH_ROWS"):
        with Path(file).open("a") as lines:
            lines.write(json.dumps(asdict(row)) + "\n")


def format_row(row: Row, before: float | None = None) -> str:
    """Write a row as one line, with the ratio of an earlier table."""
    line = f"{row.task:44} {row.value:>16}"
    if row.ratio is None:
        return line
    line += f"  {row.ratio:7.2f} x {row.against} ({row.lowest:.2f} to {row.highest:.2f})"
    if row.aim is not None:
        line += f", aim {row.aim:g}"
    return line + (f", before {before:.2f}" if before is not None else "")


def seconds_in_turns(
    ways: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Run all ways in turns, once to warm up, and return the seconds of each round.

    Args:
        ways: Functions by name.
        rounds: Number of rounds that count.
        clock: `time.perf_counter`, or `time.process_time` for the processor time of this process.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, work in ways.items():
            start = clock()
            work()
            taken[name].append(clock() - start)
    return {name: times[1:] for name, times in taken.items()}


def compared(
    task: str, ours: list[float], other: list[float], against: str, items: int = 0, aim: float | None = None
) -> Row:
    """Make a row from the seconds of each round.

    Args:
        task: The work.
        ours: Our seconds of each round.
        other: The other way's seconds, of the same rounds.
        against: The name of the other way.
        items: Number of images of a round. The row then has images per second, otherwise milliseconds.
        aim: The ratio that the project aims at.
    """
    ratios = sorted(one / mine for mine, one in zip(ours, other, strict=True))
    least = min(ours)
    value = f"{items / least:,.0f} images/s" if items else f"{1000 * least:,.1f} ms"
    return Row(task, against, value, statistics.median(ratios), ratios[0], ratios[-1], aim)
