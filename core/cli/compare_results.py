"""The command `compare-results`."""

import argparse
from pathlib import Path

from core.cli.arguments import add_command, seed


def add_compare_results(commands) -> None:
    """Add the command `compare-results`."""
    sub = add_command(commands, compare_results, "compare-results")
    sub.add_argument(
        "results",
        type=Path,
        nargs=2,
        metavar="RESULT",
        help="folder of a result, e.g. runs/NAME/evaluations/market1501",
    )
    sub.add_argument("--seed", type=seed, default=0, help="seed of the paired test and of the intervals (default: 0)")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the differences to this file")


def compare_results(options: argparse.Namespace) -> None:
    """Test whether the difference of two results on the same probes is likely to be chance.

    A result is a folder that the command `evaluate` has written.
    """
    from core.evaluation.comparison import compare_results, format_p
    from core.evaluation.report import read_report
    from core.json_file import write_json

    folders = options.results
    first, second = map(read_report, folders)
    comparison = compare_results(first, second, options.seed)
    names = [f"{letter} ({folder.resolve().parents[1].name})" for letter, folder in zip("AB", folders, strict=True)]
    print(f"A: {folders[0]}\nB: {folders[1]}\n")
    print(f"{'percent':10}{'A':>8}{'B':>8}{'A - B':>8}  {'95 % interval':16}p")
    for one in comparison.differences:
        p_value = format_p(one.p_value).removeprefix("= ")
        interval = str(one.interval) if one.interval else "-"
        print(f"{one.metric:10}{one.first:8.2f}{one.second:8.2f}{one.points:+8.2f}  {interval:16}{p_value}")
    print()
    for metric in ("recall@1", "mAP"):
        if said := comparison.sentence(metric, *names):
            print(said)
    for note in comparison.notes:
        print(note)
    if options.json:
        write_json(options.json, comparison.to_json())
