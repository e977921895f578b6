"""Run the benchmarks of speed, and print one table: `python bench [NAME ...] [--output FILE] [--before FILE]`.

Each benchmark runs in a process of its own and measures ratios side by side, so that tables of different machines can
be compared. `--output` writes the rows as JSON. `--before` shows the ratios of an earlier file beside them. The whole
table takes about a quarter of an hour on two cores.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import Row, format_row

HERE = Path(__file__).parent
NAMES = (
    "describing", "exported", "network", "bilinear", "memory", "training_step", "histogram_loss",
    "evaluation", "rerank", "gallery", "galleries", "pairs",
)  # fmt: skip


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"benchmarks, by default all: {', '.join(NAMES)}")
    parser.add_argument("--output", type=Path, help="write the rows to this JSON file")
    parser.add_argument("--before", type=Path, help="a file of --output, to compare with")
    args = parser.parse_args(arguments)
    if unknown := set(args.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    before = {}
    if args.before:
        before = {(row["task"], row["against"]): row["ratio"] for row in json.loads(args.before.read_text())["rows"]}
    failed, start = [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        file.touch()
        environment = os.environ | {
            "BENCH_ROWS": str(file),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")])),
        }
        for name in args.names or NAMES:
            print(f"\n{name}", flush=True)
            if subprocess.run([sys.executable, HERE / f"{name}.py"], env=environment, cwd=HERE.parent).returncode:
                failed.append(name)
        rows = [Row(**json.loads(line)) for line in file.read_text().splitlines()]
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    machine = f"{platform.machine()}, {os.cpu_count()} cores{load}"
    print(f"\n{len(rows)} rows in {(time.perf_counter() - start) / 60:.1f} minutes; {machine}\n")
    for row in rows:
        print(format_row(row, before.get((row.task, row.against))))
    if args.output:
        args.output.write_text(json.dumps({"machine": machine, "rows": [vars(row) for row in rows]}, indent=1))
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
