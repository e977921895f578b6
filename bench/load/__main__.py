"""Measure the app with many visitors at once, on this machine.

`python -m bench.load` starts the app and, for 1, 10, 30 and 50 visitors, prints the time from a click to the ranking,
the server's processor time and the bytes per click, the memory, and the number of errors. A visitor waits 1 to 3 s
between two clicks. Most clicks choose a probe; with `--mixed` some of them upload an image, choose another model or
open another page and come back.
"""

import argparse
import asyncio
import random
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.load.server import ROOT, Server, start
from bench.load.visitor import Run, Visitor
from core.data.images import IMAGE_SUFFIXES

MODEL_BOX = "Model"
FIRST = "first page"  # opened before the measurement
PAUSE_S = (1.0, 3.0)  # between two clicks
HEADER = (
    f"{'visitors':>8} {'clicks':>6} {'errors':>6} {'ranking p50 s':>13} {'p95 s':>6} {'end p50 s':>9} {'p95 s':>6} "
    f"{'CPU ms/click':>12} {'kB/click':>8} {'memory MB':>9}"
)


@dataclass
class Load:
    """The runs of all visitors of one measurement."""

    visitors: int
    clicks: list[Run] = field(default_factory=list)  # that ended with a ranking
    others: dict[str, list[Run]] = field(default_factory=dict)  # by what they did
    errors: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    memory_mb: float = 0.0

    def add(self, what: str, run: Run) -> None:
        """Add a run."""
        self.errors += [f"{what}: {error}" for error in run.errors]
        if what == "click" and run.ranking_s is None:
            self.errors.append("a click without a ranking")
        elif what == "click":
            self.clicks.append(run)
        else:
            self.others.setdefault(what, []).append(run)

    @property
    def runs(self) -> int:
        """Return the number of measured reruns."""
        return len(self.clicks) + sum(len(runs) for what, runs in self.others.items() if what != FIRST)

    def line(self) -> str:
        """Return a line of the table."""
        if not self.clicks:
            return f"{self.visitors:8} {0:6} {len(self.errors):6}"
        ranking, end = [run.ranking_s for run in self.clicks], [run.finished_s for run in self.clicks]
        quantiles = [*np.quantile(ranking, (0.5, 0.95)), *np.quantile(end, (0.5, 0.95))]
        size = sum(run.size for run in self.clicks) / len(self.clicks) / 1000
        return (
            f"{self.visitors:8} {len(self.clicks):6} {len(self.errors):6} {quantiles[0]:13.2f} {quantiles[1]:6.2f} "
            f"{quantiles[2]:9.2f} {quantiles[3]:6.2f} {1000 * self.cpu_s / self.runs:12.0f} {size:8.0f} "
            f"{self.memory_mb:9.0f}"
        )


async def visit(visitor: Visitor, load: Load, end: float, mixed: bool, uploads: list[Path], seed: int) -> None:
    """Click until the time `end`."""
    chance, home = random.Random(seed), visitor.page
    while time.perf_counter() < end:
        await asyncio.sleep(chance.uniform(*PAUSE_S))
        kind = chance.random() if mixed else 1.0
        grid = "ranking" if visitor.crops("ranking") else "demo"
        if kind < 0.05:
            path = chance.choice(uploads)
            load.add("upload", await visitor.upload(path.read_bytes(), path.name))
        elif kind < 0.10 and grid == "ranking":
            load.add("model", await visitor.choose(MODEL_BOX, chance.choice(visitor.options(MODEL_BOX))))
        elif kind < 0.25:
            page = chance.choice(sorted(visitor.links()))
            load.add(f"page {page}", await visitor.open(page))
            await asyncio.sleep(chance.uniform(*PAUSE_S))
            visitor.page = home
            load.add("back", await visitor.run())
        elif crops := visitor.crops(grid):
            load.add("click", await visitor.pick(grid, chance.choice(crops)["id"]))


async def measure(server: Server, visitors: int, seconds: float, mixed: bool) -> Load:
    """Let visitors open the first page, and then click for some seconds."""
    load = Load(visitors)
    uploads = sorted(path for path in (ROOT / "assets/pedestrians/query").iterdir() if path.suffix in IMAGE_SUFFIXES)
    async with AsyncExitStack() as stack:
        present = [await stack.enter_async_context(Visitor(server.address)) for _ in range(visitors)]
        for visitor in present:
            load.add(FIRST, await visitor.run())
        before, start = server.cpu_s, time.perf_counter()
        visits = (visit(one, load, start + seconds, mixed, uploads, seed) for seed, one in enumerate(present))
        for result in await asyncio.gather(*visits, return_exceptions=True):
            if result:
                load.errors.append(repr(result))
        load.cpu_s, load.memory_mb = server.cpu_s - before, server.memory_mb
    return load


async def warm_up(server: Server) -> None:
    """Load the model and index the gallery."""
    async with Visitor(server.address) as visitor:
        await visitor.run()
        await visitor.pick("demo", visitor.crops("demo")[0]["id"])


def main() -> int:
    """Print the table and return the exit status: 1 if there was an error."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10, 30, 50])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--mixed", action="store_true", help="also upload, choose models and open other pages")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    failed = False
    with TemporaryDirectory(prefix="mr-bcnn-load-") as folder:
        server = start(Path(folder), arguments.port)
        try:
            asyncio.run(warm_up(server))
            print(HEADER, flush=True)
            for visitors in arguments.visitors:
                load = asyncio.run(measure(server, visitors, arguments.seconds, arguments.mixed))
                print(load.line(), flush=True)
                for what, runs in sorted(load.others.items()):
                    median = np.median([run.finished_s for run in runs])
                    size = np.mean([run.size for run in runs]) / 1000
                    if arguments.mixed:
                        print(f"{'':8} {what}: {len(runs)} times, p50 {median:.2f} s, {size:.0f} kB")
                for error in load.errors[:5]:
                    print(f"{'':8} {error}", file=sys.stderr)
                failed |= bool(load.errors) or not load.clicks
        finally:
            server.stop()
            print((Path(folder) / "server.log").read_text()[-2000:] if failed else "", file=sys.stderr, end="")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
