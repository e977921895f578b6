"""The paper's experiments carried out: train what is missing, measure everything, put our rows into the paper's table.

Each training is a run of its own and resumes like any other, so an experiment may be interrupted and given again. Its
results lie in `runs/reproduce-NAME`: the table as text, CSV, LaTeX and JSON, the curves, and one evaluation an arm.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.evaluation.evaluate import evaluate_models
from core.evaluation.protocols import choose_protocol
from core.evaluation.report import EVALUATIONS, Report
from core.folders import runs_folder
from core.inference.checkpoint import load_checkpoint
from core.inference.model import Model, choose_device
from core.paper.experiments import EXPERIMENTS, Experiment, Training, find_data, label, plan
from core.paper.published import RECALLS, TABLES, compare, fits
from core.paper.tables import to_text, write_table
from core.training.estimate import seconds_a_step
from core.training.run_folder import Run
from core.training.run_table import format_duration
from core.training.trainer import run_training


def reproduce(
    name: str, folders: Sequence[Path], device: str = "auto", say: Callable[[str], None] = print, **options: Any
) -> Path | None:
    """Carry out an experiment; returns the folder of its results, or None if it was stopped.

    `options` are those of `core.paper.experiments.plan`. Raises UserError if none of the folders holds the data
    that the experiment is about.
    """
    experiment, device = EXPERIMENTS[name], choose_device(device)
    groups = []  # data sets > arms > splits
    for dataset in find_data(experiment, folders):
        say(dataset.report())
        groups.append(plan(experiment, dataset, **options))
    trainings = [training for group in groups for arm in group for training in arm]
    missing = {one.folder: one for training in trainings for one in (training.first, training) if one and one.left}
    if missing:
        say(time_needed(list(missing.values()), device))
    for number, training in enumerate(missing.values(), start=1):
        say(f"training {number} of {len(missing)}: {training.folder}")
        if carry_out(training, device) == "stopped":
            say("stopped; the same command goes on from here")
            return None
    folder = runs_folder() / f"reproduce-{name}"
    for group in groups:
        measure(group, experiment, folder, device, say)
    return folder


def time_needed(missing: Sequence[Training], device: str) -> str:
    """How long the trainings will take, from a few steps of each kind on random images."""
    speed = {training.arm: 0.0 for training in missing}
    for training in missing:
        speed[training.arm] = speed[training.arm] or seconds_a_step(training.network, training.config, device)
    seconds = sum(speed[training.arm] * training.left for training in missing)
    each = ", ".join(f"{arm.name} {value:.2f} s a step" for arm, value in speed.items())
    return (
        f"{len(missing)} runs to train, {sum(one.left for one in missing):,} steps in all: about "
        f"{format_duration(seconds)} here ({each}). Ctrl-C stops; the same command goes on."
    )


def carry_out(training: Training, device: str) -> str:
    """Train to the end, or until it is stopped; returns the run's state."""
    data = {"folder": str(training.dataset.source), "protocol": training.protocol.name, "split": training.split}
    data |= {"init": str(training.start)} if training.start else {}
    if (training.folder / "config.json").exists():
        run = Run.open(training.folder)
    else:
        run = Run.create(training.folder, training.network, training.config, data)
    split = training.protocol.divide(training.dataset, training.split)
    return run_training(training.dataset, split, run, training.network, training.config, device, training.start)


def measure(
    group: Sequence[Sequence[Training]], experiment: Experiment, folder: Path, device: str, say: Callable[[str], None]
) -> None:
    """Score each arm on its splits' test people and write table and curves of one data set."""
    dataset, protocol = group[0][0].dataset, group[0][0].protocol
    name = dataset.name if protocol == choose_protocol(dataset) else f"{dataset.name}-{protocol.name}"
    reports: dict[str, Report] = {}
    for trainings in group:
        models = [
            (Model(load_checkpoint(training.folder), device), protocol.divide(dataset, training.split))
            for training in trainings
        ]
        report = evaluate_models(models, dataset, protocol, on_error=lambda source, why: say(f"left out: {why}"))
        report.write(folder / EVALUATIONS / f"{name}-{trainings[0].arm.name}")
        reports[label(trainings[0])] = report
    table = next((table for table in TABLES.values() if fits(table, report.result)), None)
    columns = table.columns if table else (*RECALLS, "mAP")
    caption = f"{table.caption if table else experiment.caption}. {protocol.sentence}; {_splits(group[0])}."
    rows = compare(columns, {name: report.result for name, report in reports.items()}, table)
    write_table(folder, f"{name}-table", rows, caption)
    curves = pd.DataFrame({name: report.result["curve"] for name, report in reports.items()})
    curves.index = pd.RangeIndex(1, len(curves) + 1, name="K")
    curves.to_csv(folder / f"{name}-curves.csv", float_format="%.2f")
    say(f"\n{caption}\n{to_text(rows)}")
    for name, report in reports.items():
        say(f"{name}: {report.overlap.sentence}")
    say(f"written to {folder}")


def _splits(trainings: Sequence[Training]) -> str:
    if trainings[0].protocol.splits == 1:
        return "one split"
    return f"mean of {len(trainings)} of {trainings[0].protocol.splits} splits"
