"""Read damaged and hostile files, and count those that give neither a result nor one sentence.

`python bench/fuzz.py` runs 10,000 cases (tests/fuzzing) and prints the faults by kind, the longest time and the largest
growth of memory. `--cases N` and `--first SEED` choose others, `--kind KIND` one kind of file. A case runs in a process
of its own group, so that a crash or an endless loop is a fault of its case. The exit status is 1 if there is a fault.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

TIMEOUT_S = 120
REPORT_EVERY = 1000  # seeds


def work(pipe, kind: str) -> None:
    """Run cases in this process: receive a seed, send its outcome."""
    from fuzzing.cases import run_case, warm_up

    warm_up()
    while (seed := pipe.recv()) is not None:
        pipe.send(run_case(seed, kind))


def run_cases(seeds: range, kind: str):
    """Yield the outcome of each seed, or (seed, reason) if its process crashed or had to be ended."""
    context = multiprocessing.get_context("spawn")
    process = here = None
    for seed in seeds:
        if process is None:
            here, there = context.Pipe()
            process = context.Process(target=work, args=(there, kind), daemon=True)
            process.start()
            there.close()
        here.send(seed)
        try:
            if here.poll(TIMEOUT_S):
                yield here.recv()
                continue
            reason = f"no end after {TIMEOUT_S} s"
        except EOFError:
            process.join()
            reason = f"the process crashed with exit status {process.exitcode}"
        process.kill()
        process = None
        yield seed, reason
    if process:
        here.send(None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", default="")
    arguments = parser.parse_args()
    counts, sentences, faults = Counter(), Counter(), defaultdict(list)
    slowest, largest, started = (0.0, 0), (0, 0), time.perf_counter()
    for outcome in run_cases(range(arguments.first, arguments.first + arguments.cases), arguments.kind):
        if isinstance(outcome, tuple):
            faults[outcome[1]].append(outcome[0])
            continue
        counts[outcome.kind] += 1
        sentences[outcome.kind] += bool(outcome.said)
        slowest = max(slowest, (outcome.seconds, outcome.seed))
        largest = max(largest, (outcome.growth, outcome.seed))
        if outcome.seed % REPORT_EVERY == 0:
            print(f"seed {outcome.seed:,}: {sum(map(len, faults.values()))} faults so far", flush=True)
        if outcome.fault:
            faults[f"{outcome.kind}, {outcome.mutation}: {outcome.fault}"].append(outcome.seed)
    for kind, count in sorted(counts.items()):
        print(f"{kind}: {count:,} cases, {sentences[kind]:,} sentences, {count - sentences[kind]:,} results")
    for fault, seeds in sorted(faults.items()):
        print(f"FAULT, seeds {seeds[:3]}, {len(seeds)} times: {fault}")
    print(
        f"{sum(counts.values()):,} cases in {time.perf_counter() - started:.0f} s, "
        f"{sum(map(len, faults.values())):,} faults; slowest {slowest[0]:.2f} s (seed {slowest[1]}), "
        f"largest growth {largest[0] / 1e6:.0f} MB (seed {largest[1]})"
    )
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
