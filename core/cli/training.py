"""The commands of `python -m core` about runs; what a command needs is imported when it runs."""

import argparse
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.cli.arguments import (
    add_command,
    add_data,
    add_device,
    add_protocol,
    add_recipe,
)
from core.config import PRESETS, NetworkConfig, TrainingConfig, set_fields
from core.errors import UserError
from core.folders import runs_folder


def add_train(commands) -> None:
    sub = add_command(commands, train, "Train a network on a data set, in a run folder below runs/.")
    add_data(sub)
    add_recipe(sub)
    add_protocol(sub, "the split whose people are trained on (default: 1)")
    sub.add_argument("--run", metavar="NAME", help="name of the run (default: made of data, architecture and preset)")
    sub.add_argument("--resume", action="store_true", help="go on with the run from its newest checkpoint")
    sub.add_argument("--init", type=Path, metavar="CHECKPOINT", help="start from these weights")
    add_device(sub)


def train(options: argparse.Namespace) -> None:
    from core.data.datasets import read_dataset
    from core.inference.model import choose_device
    from core.training.distributed_processes import from_first, join_process_group, own_device, together
    from core.training.run_folder import Run

    with join_process_group():
        with together():
            device = own_device(choose_device(options.device))
            dataset = read_dataset(options.data)
            print(dataset.report())
        folder = runs_folder() / (options.run or f"{dataset.name}-{options.architecture}-{options.preset}")
        begin = Run.open if options.resume else partial(_create, dataset, options, device)
        config = from_first(lambda: begin(folder).config)
        again = f"python -m core train {options.data} --run {folder.name} --resume"
        _train(Run(folder, config), dataset, device, again)


def _create(dataset, options: argparse.Namespace, device: str, folder: Path):
    from core.evaluation.protocols import choose_protocol
    from core.training.hardware import cpu_has_bfloat16
    from core.training.run_folder import Run

    network, training = _configs(options)
    protocol, number = choose_protocol(dataset, options.protocol), options.split or 1
    protocol.divide(dataset, number)  # what cannot be divided makes no run
    data = {"folder": str(dataset.source), "protocol": protocol.name, "split": number}
    data |= {"init": str(options.init)} if options.init else {}
    run = Run.create(folder, network, training, data)
    if device == "cpu" and training.precision == "float32" and training.preset != "paper" and cpu_has_bfloat16():
        print("on this processor --set precision=bfloat16 makes steps faster")
    return run


def add_estimate(commands) -> None:
    sub = add_command(commands, estimate, "Say what a training will take on this machine, from a few steps of it.")
    add_recipe(sub)
    add_device(sub)
    sub.add_argument("--json", action="store_true", help="print it as JSON")


def estimate(options: argparse.Namespace) -> None:
    from core.inference.model import choose_device
    from core.training.estimate import estimate as estimate_training
    from core.training.run_table import format_duration

    found = estimate_training(*_configs(options), choose_device(options.device))
    if options.json:
        print(json.dumps(found.to_json()))
        return
    print(
        f"{found.parameters:,} parameters, {found.memory:.1f} GB of memory and 28.8 kB a training image, "
        f"{found.seconds_a_step:.2f} s a step: {format_duration(found.seconds)} for {found.steps:,} steps, "
        f"{found.images:,} images"
    )


def add_resume(commands) -> None:
    sub = add_command(commands, resume, "Go on with a run: from its newest checkpoint, or from the start.")
    sub.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")
    sub.add_argument("--queue", action="store_true", help="wait while other runs are trained")
    add_device(sub)


def resume(options: argparse.Namespace) -> None:
    from core.data.datasets import read_dataset
    from core.inference.model import choose_device
    from core.training.distributed_processes import from_first, is_first, join_process_group, own_device, together
    from core.training.queue import wait_for_turn
    from core.training.run_folder import Run

    with join_process_group():
        folder, config = from_first(lambda: [str((run := _run(options.run)).folder), run.config])
        run = Run(Path(folder), config)
        if options.queue and not from_first(lambda: wait_for_turn(run)):
            return
        try:
            with together():
                device, dataset = own_device(choose_device(options.device)), read_dataset(run.data.get("folder", ""))
        except UserError as error:
            if is_first():
                run.job.fail(error)
            raise
        _train(run, dataset, device, f"python -m core resume {run.folder.name}")


def add_runs(commands) -> None:
    sub = add_command(commands, runs, "List runs: what they are doing, how far they are, how good.")
    sub.add_argument("--watch", action="store_true", help="go on showing it until Ctrl-C")
    sub.add_argument("--folder", type=Path, default=runs_folder(), help="where the runs are (default: %(default)s)")


def runs(options: argparse.Namespace) -> None:
    from core.training.run_table import format_table, watch_runs

    if options.watch:
        watch_runs(options.folder)
    else:
        print(format_table(options.folder))


def add_stop(commands) -> None:
    sub = add_command(commands, stop, "Ask a run to stop after the step under way, and to save.")
    sub.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")


def stop(options: argparse.Namespace) -> None:
    from core.training.queue import stop

    stop(_run(options.run))
    print(f"{options.run} stops after the step under way")


def add_film(commands) -> None:
    sub = add_command(commands, film, "Make a film of a run's learning: its map at each checkpoint, and the loss.")
    sub.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")
    sub.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="show test people of this data set (default: people held out of the training)",
    )
    sub.add_argument("--output", type=Path, metavar="FILE.gif|FILE.html", help="default: both, in the run's folder")


def film(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from core.projection.film import FORMATS, keep_film, write_film
    from core.projection.training_film import make_film

    run = _run(options.run)
    if options.output is None and options.data is None:
        print(keep_film(run))
        return
    if options.output is None or options.output.suffix.lower() not in FORMATS:
        raise UserError("Give --output FILE.gif or FILE.html.")
    with tqdm(total=100, desc="watching", disable=None) as bar:
        film = make_film(run, options.data, lambda share: bar.update(round(100 * share) - bar.n))
    write_film(film, options.output)
    print(options.output)


def _configs(options: argparse.Namespace) -> tuple[NetworkConfig, TrainingConfig]:
    """The preset's configurations of network and training, with what the command line sets otherwise."""
    network, training = PRESETS[options.preset](options.architecture)
    if options.filters:
        network = replace(network, filters=options.filters)
    training = replace(training, seed=options.seed, steps=options.steps or training.steps)
    network, training = set_fields((network, training), options.set)
    return network, training


def _run(name: Path):
    """A run by its name, or by its folder."""
    from core.training.run_folder import Run

    return Run.open(name if (name / "config.json").exists() else runs_folder() / name)


def _train(run, dataset, device: str, again: str) -> None:
    from core.jobs.job import STOPPED
    from core.training.distributed_processes import is_first
    from core.training.trainer import run_training, split_of_run

    network, training = run.configs
    init = Path(run.data["init"]) if run.data.get("init") else None
    state = run_training(dataset, split_of_run(run, dataset), run, network, training, device, init)
    if is_first():
        print(f"{state}: {run.best()}{f'; go on with: {again}' if state == STOPPED else ''}")
