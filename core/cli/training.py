"""The commands `train`, `estimate` and `resume`.

Each command imports what it needs when it runs, so that `--help` is fast.
"""

import argparse
import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from shlex import join
from subprocess import list2cmdline

from core.cli.arguments import (
    DEFAULT_ARCHITECTURE,
    DEFAULT_PRESET,
    add_command,
    add_data,
    add_device,
    add_protocol,
    add_recipe,
)
from core.cli.resumed_run import reopen
from core.cli.runs import RUN_HELP, find_run
from core.config import NetworkConfig, TrainingConfig
from core.config_values import set_fields
from core.errors import UserError
from core.folders import runs_folder
from core.presets import PRESETS


def add_train(commands) -> None:
    """Add the command `train`."""
    sub = add_command(commands, train)
    add_data(sub)
    add_recipe(sub, f"that of --init, or {DEFAULT_ARCHITECTURE}")
    add_protocol(sub, "train on the training identities of this split (default: 1)")
    sub.add_argument("--run", metavar="NAME", help="name of the run (default: DATA-ARCHITECTURE-PRESET)")
    sub.add_argument("--resume", action="store_true", help="resume the run from its newest checkpoint")
    sub.add_argument(
        "--init",
        type=Path,
        metavar="CHECKPOINT",
        help="fine-tune this network; mobile_bcnn can start from backbone weights (`convert --backbone`)",
    )
    add_device(sub)


def train(options: argparse.Namespace) -> None:
    """Train a network on a data set, and save it in a run folder in runs/."""
    from core.data.datasets import read_dataset
    from core.inference.model import choose_device
    from core.training.distributed_processes import from_first, join_process_group, own_device, share_errors
    from core.training.run_folder import Run, run_folder

    with join_process_group():
        with share_errors():
            device = own_device(choose_device(options.device))
            dataset = read_dataset(options.data)
            print(dataset.report())
            architecture, preset = _architecture(options, options.init), options.preset or DEFAULT_PRESET
            folder = run_folder(runs_folder(), options.run or f"{dataset.name}-{architecture}-{preset}")
        open_run = partial(reopen, options) if options.resume else partial(_create, dataset, options, device)
        config = from_first(lambda: open_run(folder).config)
        resume_command = _command("train", str(options.data), "--run", folder.name, "--resume")
        _train(Run(folder, config), dataset, device, resume_command)


def _create(dataset, options: argparse.Namespace, device: str, folder: Path):
    """Create the run of the command `train`."""
    from core.evaluation.protocols import choose_protocol
    from core.training.hardware import cpu_has_bfloat16
    from core.training.initial_weights import check_initial_weights
    from core.training.run_folder import Run

    network, training = _configs(options, options.init)
    protocol, number = choose_protocol(dataset, options.protocol), options.split or 1
    protocol.divide(dataset, number)  # raises before a run folder is created
    check_initial_weights(network, options.init)
    data = {"folder": str(dataset.source), "protocol": protocol.name, "split": number}
    data |= {"init": str(options.init)} if options.init else {}
    run = Run.create(folder, network, training, data)
    if device == "cpu" and training.precision == "float32" and training.preset != "paper" and cpu_has_bfloat16():
        print("note: --set precision=bfloat16 makes training faster on this processor")
    return run


def add_estimate(commands) -> None:
    """Add the command `estimate`."""
    sub = add_command(commands, estimate)
    add_recipe(sub)
    add_device(sub)
    sub.add_argument("--json", action="store_true", help="print the estimate as JSON")


def estimate(options: argparse.Namespace) -> None:
    """Estimate the time and memory of a training on this machine from a few steps."""
    from core.inference.model import choose_device
    from core.jobs.durations import format_duration
    from core.training.estimate import estimate as estimate_training

    network, training = _configs(options)
    result = estimate_training(network, training, choose_device(options.device))
    if options.json:
        print(json.dumps(result.to_json()))
        return
    size = 3 * network.geometry.rows * network.geometry.columns / 1000
    print(
        f"{result.parameters:,} parameters; {result.memory:.1f} GB of memory and {size:.1f} kB per training image; "
        f"{result.seconds_a_step:.2f} s per step, {format_duration(result.seconds)} for {result.steps:,} steps "
        f"({result.images:,} samples)"
    )


def add_resume(commands) -> None:
    """Add the command `resume`."""
    sub = add_command(commands, resume)
    sub.add_argument("run", type=Path, metavar="RUN", help=RUN_HELP)
    sub.add_argument("--queue", action="store_true", help="wait until other runs have ended")
    add_device(sub)


def resume(options: argparse.Namespace) -> None:
    """Resume a run from its newest checkpoint, or from step 0 if it has none."""
    from core.data.datasets import read_dataset
    from core.inference.model import choose_device
    from core.training.distributed_processes import from_first, is_first, join_process_group, own_device, share_errors
    from core.training.queue import wait_for_turn
    from core.training.run_folder import Run

    with join_process_group():
        folder, config = from_first(lambda: [str((run := find_run(options.run)).folder), run.config])
        run = Run(Path(folder), config)
        if options.queue and not from_first(lambda: wait_for_turn(run)):
            return
        try:
            with share_errors():
                device, dataset = own_device(choose_device(options.device)), read_dataset(run.data.get("folder", ""))
        except UserError as error:
            if is_first():
                run.job.fail(error)
            raise
        _train(run, dataset, device, _command("resume", run.folder.name))


def _architecture(options: argparse.Namespace, init: Path | None) -> str:
    """Return the architecture: the argument, or that of the initial weights, or the default."""
    from core.training.initial_weights import architecture_of

    return options.architecture or (architecture_of(init) if init else DEFAULT_ARCHITECTURE)


def _configs(options: argparse.Namespace, init: Path | None = None) -> tuple[NetworkConfig, TrainingConfig]:
    """Return the configurations: the preset's, with the network of the initial weights, changed by the arguments."""
    from core.training.initial_weights import network_to_fine_tune

    network, training = PRESETS[options.preset or DEFAULT_PRESET](_architecture(options, init))
    network = network_to_fine_tune(network, init)
    if options.filters:
        network = replace(network, filters=options.filters)
    training = replace(training, seed=options.seed or 0, steps=options.steps or training.steps)
    network, training = set_fields((network, training), options.set)
    return network, training


def _command(*arguments: str) -> str:
    """Return a command to copy into a shell."""
    parts = ["python", "-m", "core", *arguments]
    return list2cmdline(parts) if os.name == "nt" else join(parts)


def _train(run, dataset, device: str, resume_command: str) -> None:
    """Train a run, and print its state and its best validation result."""
    from core.jobs.progress import STOPPED
    from core.training.distributed_processes import is_first
    from core.training.training_run import run_training, split_of_run

    network, training = run.configs
    init = Path(run.data["init"]) if run.data.get("init") else None
    state = run_training(dataset, split_of_run(run, dataset), run, network, training, device, init)
    if is_first():
        print(f"{state}: {run.best()}{f'; resume with: {resume_command}' if state == STOPPED else ''}")
