"""The command `person-check`."""

import argparse
from pathlib import Path

from core.cli.arguments import add_checkpoint, add_command, add_device
from core.cli.describing import describe, update_card


def add_person_check(commands) -> None:
    """Add the command `person-check`."""
    sub = add_command(commands, person_check, "person-check")
    add_checkpoint(sub)
    sub.add_argument(
        "data",
        type=Path,
        nargs="+",
        metavar="DATA",
        help="data sets that `python -m assets.render` made; their test identities are not used",
    )
    add_device(sub)


def person_check(options: argparse.Namespace) -> None:
    """Fit a check whether an image is unlike a person to rendered images with and without people."""
    from core.data.datasets import read_dataset
    from core.evaluation.person_check import fit_person_check, write_person_check
    from core.inference.model import load

    model = load(options.checkpoint, options.device)
    datasets = [read_dataset(folder) for folder in options.data]
    check, about = fit_person_check(model, datasets, lambda records: describe(model, records)[0])
    file = write_person_check(check, about, options.checkpoint)
    update_card(options.checkpoint)
    print(about.sentence)
    print(f"saved in {file}")
