"""The run that `train --resume` resumes: it keeps its settings, so other ones are refused."""

import argparse
import os
from pathlib import Path

from core.config_values import set_fields
from core.data.addresses import absolute_address
from core.errors import UserError


def reopen(options: argparse.Namespace, folder: Path):
    """Open the run of a folder for the options of `train --resume`.

    Raises:
        UserError: If there is no such run, or if an option differs from the run's settings.
    """
    from core.training.run_folder import Run, with_absolute_teacher

    run = Run.open(folder)
    network, training = run.configs
    known = {
        "--architecture": (options.architecture, network.architecture),
        "--preset": (options.preset, training.preset),
        "--filters": (options.filters, network.filters),
        "--steps": (options.steps, training.steps),
        "--seed": (options.seed, training.seed),
        "--init": (options.init and os.path.abspath(options.init), run.data.get("init")),
        "--protocol": (options.protocol, run.data.get("protocol")),
        "--split": (options.split, run.data.get("split", 1)),
    }
    changed = [name for name, (given, own) in known.items() if given is not None and given != own]
    of_network, of_training = set_fields((network, training), options.set)
    if (of_network, with_absolute_teacher(of_training)) != (network, with_absolute_teacher(training)):
        changed.append("--set")
    if changed:
        raise UserError(
            f"The run {folder} keeps its settings when it is resumed, and {', '.join(changed)} would change them. Omit "
            "this, or start another run with --run NAME and without --resume."
        )
    given, own = absolute_address(options.data), run.data.get("folder", "")
    if given != own:
        print(f"note: the run {folder} was started on {own}; now it is trained on {given}")
    return run
