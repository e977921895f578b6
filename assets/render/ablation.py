"""What each group of variety is worth on real pictures: `python -m assets.render.ablation --data CUHK03 VIPeR`.

The same people are rendered as the shipped set is, then with one group of `variety.py` at a time, then with all. On
each rendering the same small network is trained, and every one is measured on data that it never saw. All of it goes
on where it was interrupted; the table is the output folder's `ablation.csv`.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from .variety import ALL, GROUPS

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "plain"
SITES = 10


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m assets.render.ablation", description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, nargs="+", type=Path, metavar="DIR", help="benchmarks to measure on")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for renderings, runs and the table")
    parser.add_argument(
        "--lines",
        nargs="+",
        default=[PLAIN, *GROUPS, ALL],
        metavar="NAME",
        help="of the table, groups joined by + (default: plain, each group, all)",
    )
    parser.add_argument("--identities", type=int, default=600, metavar="N", help="people to render (default 600)")
    parser.add_argument("--steps", type=int, default=800, metavar="N", help="training steps of 64 (default 800)")
    parser.add_argument("--seed", type=int, default=6006)
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes that render (default 2)")
    given = parser.parse_args(arguments)
    out = Path(given.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    rows = [measure(name, given, out) for name in given.lines]
    write(rows, out / "ablation.csv")
    print(json.dumps(rows, indent=2))


def measure(name, given, out):
    """One line of the table: {"method": name, figure of a benchmark: percent, ...}"""
    data, run = out / name, out / "runs" / name
    vary = ["--vary", *name.split("+")] if name != PLAIN else []
    call(
        out,
        "assets.render",
        "--out",
        data,
        "--seed",
        given.seed,
        "--train",
        given.identities,
        "--test",
        0,
        "--sites",
        SITES,
        "--jobs",
        given.jobs,
        *vary,
    )
    result = out / f"{name}.json"
    if not result.exists():
        resume = ["--resume"] if list((run / "checkpoints").glob("0*")) else []
        call(
            out,
            "core",
            "train",
            data,
            "--steps",
            given.steps,
            "--run",
            name,
            "--set",
            "precision=bfloat16",
            "validate_every=100000",
            "checkpoint_every=200",
            *resume,
        )
        call(out, "core", "reproduce", "zero-shot", "--checkpoint", run, "--data", *map(Path.resolve, given.data))
        result.write_bytes((out / "runs" / "reproduce-zero-shot" / "table.json").read_bytes())
    return json.loads(result.read_text())[-1]  # below published results


def call(folder, module, *arguments):
    """`python -m MODULE ...` with this project's code, in a folder. Ends with its exit status where it fails."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MR_BCNN_RUNS": str(folder / "runs")}
    done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=folder, env=environment)
    if done.returncode:
        sys.exit(done.returncode)


def write(rows, file):
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
