"""The command `data`, which shows how a data set is read."""

import argparse
from pathlib import Path

from core.cli.arguments import add_command, add_rules_options


def add_data_commands(commands) -> None:
    """Add the command `data` with its subcommands."""
    text = "Show how a data set is read, before it is used."
    sub = commands.add_parser("data", help=text, description=text)
    subcommands = sub.add_subparsers(required=True, metavar="COMMAND", title="commands")
    shown = add_command(subcommands, inspect)
    shown.add_argument("data", type=Path, metavar="DATA", help="folder, file of rules, or table")
    add_rules_options(shown)
    shown.add_argument("--write", type=Path, metavar="FILE", help="write the rules to this file, to edit them")
    shown.add_argument("--sheet", type=Path, metavar="FILE", help="write sample images of some identities to this PNG")
    add_command(subcommands, presets)


def inspect(options: argparse.Namespace) -> None:
    """Show what is read as identity, camera and split, and what is skipped. No image is opened."""
    from tqdm import tqdm

    from core.data.datasets import UnknownLayout, read_dataset
    from core.data.inspection import find_examples, find_warnings
    from core.data.records import DISTRACTOR
    from core.data.rules import GUESS
    from core.data.written_rules import refuse_existing, write_own_rules

    if options.write:
        refuse_existing(options.write)
    guess, question = None, ""
    try:
        with tqdm(unit=" files", desc="listing", delay=2, leave=False) as bar:
            dataset = read_dataset(options.data, on_progress=lambda count: bar.update(count - bar.n))
    except UnknownLayout as error:
        guess, question = error.guess, str(error)
        if not guess:
            raise
        dataset = read_dataset(options.data, GUESS)
    if options.write:
        write_own_rules(dataset, options.write, guess)
        print(f"rules written to {options.write}")
    print(dataset.report())
    print("\nExamples:")
    for example in find_examples(dataset):
        record = example.record
        who = DISTRACTOR if record.identity == DISTRACTOR else f"identity {record.identity or 'unknown'}"
        labels = [who, f"camera {record.camera or 'unknown'}"]
        if record.time is not None:
            labels.append(f"time {record.time:g} s")
        print(f"  {example.part:10} {', '.join(labels):32} {example.path}")
    for warning in find_warnings(dataset):
        print(f"warning: {warning}")
    if options.sheet:
        from core.data.contact_sheet import draw_sheet

        draw_sheet(dataset).save(options.sheet)
        print(f"written to {options.sheet}")
    if question:
        print(f"\n{question}")


def presets(options: argparse.Namespace) -> None:
    """List the layouts that are recognised by their file names."""
    from core.data.presets import list_presets

    for name, rules in list_presets().items():
        print(f"{name:20} {rules.title}")
