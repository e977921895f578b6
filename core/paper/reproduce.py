"""Reproduction of the paper's experiments: train the networks, evaluate them, and compare with the paper's tables.

Each training is a run that can be resumed, so an interrupted experiment resumes with the same command. Its results are
in `runs/reproduce-NAME`: the table as text, CSV, LaTeX and JSON, the Recall@K curves, the paired tests of the networks,
and one evaluation per network and seed.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from core.evaluation.comparison import compare_results
from core.evaluation.evaluate import evaluate_models
from core.evaluation.protocols import choose_protocol
from core.evaluation.report import EVALUATIONS, RESULT, Report, read_report
from core.evaluation.seeds import group_seeds
from core.folders import runs_folder
from core.inference.checkpoint import load_checkpoint
from core.inference.model import Model, choose_device
from core.jobs.durations import format_duration
from core.paper.experiments import EXPERIMENTS, Experiment, Training, find_data, label, plan
from core.paper.intervals import with_intervals
from core.paper.published import RECALLS, TABLES, compare, fits
from core.paper.tables import to_text, write_table
from core.training.estimate import seconds_a_step
from core.training.initial_weights import check_initial_weights
from core.training.run_folder import Run
from core.training.training_run import run_training


def reproduce(
    name: str, folders: Sequence[Path], device: str = "auto", say: Callable[[str], None] = print, **options: Any
) -> Path | None:
    """Run an experiment.

    Args:
        name: A key of EXPERIMENTS.
        folders: The folders of the data sets.
        device: The device, e.g. "cpu".
        say: Called with each line of output.
        **options: Options of `core.paper.experiments.plan`.

    Returns:
        The folder of the results, or None if the experiment was stopped.

    Raises:
        UserError: If no folder contains a data set of the experiment.
    """
    experiment, device = EXPERIMENTS[name], choose_device(device)
    groups = []  # trainings by data set, network and split
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
            say("stopped; the same command resumes it")
            return None
    folder = runs_folder() / f"reproduce-{name}"
    for group in groups:
        measure(group, experiment, folder, device, say)
    return folder


def time_needed(missing: Sequence[Training], device: str) -> str:
    """Estimate the time of the trainings from a few steps of each network on random images.

    Args:
        missing: The trainings.
        device: The device.

    Returns:
        The estimate in words.
    """
    speed = {training.arm: 0.0 for training in missing}
    for training in missing:
        speed[training.arm] = speed[training.arm] or seconds_a_step(training.network, training.config, device)
    seconds = sum(speed[training.arm] * training.left for training in missing)
    each = ", ".join(f"{arm.name} {value:.2f} s per step" for arm, value in speed.items())
    return (
        f"{len(missing)} runs to train, {sum(one.left for one in missing):,} steps in total: about "
        f"{format_duration(seconds)} on this machine ({each}). Ctrl-C stops; the same command resumes."
    )


def carry_out(training: Training, device: str) -> str:
    """Start or resume a training, and return the run's state at the end.

    Raises:
        UserError: If the weights that it starts from do not fit its network. There is no run then.
    """
    data = {"folder": str(training.dataset.source), "protocol": training.protocol.name, "split": training.split}
    data |= {"init": str(training.start)} if training.start else {}
    if (training.folder / "config.json").exists():
        run = Run.open(training.folder)
    else:
        check_initial_weights(training.network, training.start)
        run = Run.create(training.folder, training.network, training.config, data)
    split = training.protocol.divide(training.dataset, training.split)
    return run_training(training.dataset, split, run, training.network, training.config, device, training.start)


def measure(
    group: Sequence[Sequence[Training]], experiment: Experiment, folder: Path, device: str, say: Callable[[str], None]
) -> None:
    """Evaluate the networks on one data set, and write the table, the Recall@K curves and the paired tests.

    Args:
        group: For each network, its trainings by split.
        experiment: The experiment.
        folder: The folder of the results.
        device: The device.
        say: Called with each line of output.
    """
    dataset, protocol = group[0][0].dataset, group[0][0].protocol
    name = dataset.name if protocol == choose_protocol(dataset) else f"{dataset.name}-{protocol.name}"
    reports: dict[str, Report] = {}
    stored: list[str] = []  # the names of their folders
    for trainings in group:
        models = [
            (Model(load_checkpoint(training.folder), device), protocol.divide(dataset, training.split))
            for training in trainings
        ]
        report = evaluate_models(models, dataset, protocol, on_error=lambda source, why: say(f"skipped: {why}"))
        preset = trainings[0].config.preset
        other_preset = [] if preset == experiment.preset else [preset]
        stored.append("-".join([name, trainings[0].arm.name, *other_preset, *trainings[0].changes]))
        report.write(folder / EVALUATIONS / stored[-1])
        reports[label(trainings[0])] = report
    table = next((table for table in TABLES.values() if fits(table, report.result)), None)
    columns = table.columns if table else (*RECALLS, "mAP")
    title = table.caption if table else f"{experiment.caption}: {dataset.name}"
    caption = f"{title}. {protocol.sentence}; {_splits(group[0])}."
    rows = compare(columns, {name: report.result for name, report in reports.items()}, table)
    seeds = group_seeds(
        {path.parent.name: read_report(path.parent) for path in folder.glob(f"{EVALUATIONS}/*/{RESULT}")}
    )
    rows = with_intervals(rows, list(reports.values()), [seeds.get(one) for one in stored])
    write_table(folder, f"{name}-table", rows, caption)
    tests = [sentence for pair in combinations(reports, 2) for sentence in _tests(reports, *pair)]
    (folder / f"{name}-tests.txt").write_text("\n".join(tests) + "\n", encoding="utf-8")
    curves = pd.DataFrame({name: report.result["curve"] for name, report in reports.items()})
    curves.index = pd.RangeIndex(1, len(curves) + 1, name="K")
    curves.to_csv(folder / f"{name}-curves.csv", float_format="%.2f")
    say(f"\n{caption}\n{to_text(rows)}")
    for name, report in reports.items():
        say(f"{name}: {report.overlap.sentence}")
        if report.no_interval:
            say(f"{name}: {report.no_interval}.")
    for sentence in tests:
        say(sentence)
    say(f"written to {folder}")


def _tests(reports: Mapping[str, Report], first: str, second: str) -> list[str]:
    """Return what the paired tests of two networks show."""
    comparison = compare_results(reports[first], reports[second])
    return [said for metric in ("recall@1", "mAP") if (said := comparison.sentence(metric, first, second))]


def _splits(trainings: Sequence[Training]) -> str:
    if trainings[0].protocol.splits == 1:
        return "one split"
    return f"mean of {len(trainings)} of {trainings[0].protocol.splits} splits"
