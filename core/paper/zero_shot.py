"""Zero-shot evaluation: each model on each data set that it was not trained on, by each protocol."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from core.data.datasets import read_dataset
from core.data.records import Dataset
from core.errors import UserError
from core.evaluation.evaluate import Describe, evaluate_models
from core.evaluation.protocols import Protocol, fitting_protocols, names_data, splits_to_score
from core.evaluation.report import Report
from core.folders import checkpoints_folder, runs_folder
from core.inference.checkpoint import CONFIG
from core.inference.model import Model, load
from core.inference.provenance import Provenance, hash_identities
from core.paper.descriptor_memory import DescriptorMemory
from core.paper.intervals import is_added, limits
from core.paper.published import MEASURED, zero_shot_rows
from core.paper.stored_reports import make_digest, read_or_evaluate
from core.paper.tables import to_text, write_table

ZERO_SHOT_FOLDER = "reproduce-zero-shot"
CAPTION = "Zero-shot: models on data that they were not trained on"
ZERO_SHOT_METRICS = ("recall@1", "mAP")
SAME_TESTS = {  # protocol -> the protocol that tests its identities too
    "cuhk03-classic-all-pairs": "cuhk03-classic",
    "cuhk03-pair1": "cuhk03-classic",
    "identity-folders": "all-identities",
}


def zero_shot(
    folders: Sequence[Path],
    checkpoints: Sequence[Path] = (),
    device: str = "auto",
    flip: bool = False,
    adapt: bool = False,
    centre: bool = False,
    say: Callable[[str], None] = print,
) -> Path:
    """Evaluate checkpoints on data sets, and write a table that begins with published zero-shot results.

    A model is skipped on a data set if it or an ancestor was trained or validated on any identity of the data set,
    tested or not. A model without provenance is skipped if its configuration names the data set. Otherwise it is
    evaluated, and its row is marked. The arguments are those of `measure`.

    Returns:
        The folder of the results.

    Raises:
        UserError: If no model can be evaluated.
    """
    folder, rows = runs_folder() / ZERO_SHOT_FOLDER, []
    measured = measure(folders, checkpoints, device, flip, adapt, centre, say)
    for name, reports in measured:
        row: dict[str, Any] = {"method": _method_name(name, flip, adapt, centre), "source": MEASURED}
        for report in reports:
            row |= {f"{report.task} {figure}": report.result["summary"][figure] for figure in ZERO_SHOT_METRICS}
            row |= limits(report.intervals, ZERO_SHOT_METRICS, f"{report.task} ")
        if mark := reports[0].overlap.mark:
            row["method"] += f" [{mark}]"
        rows.append(row)
    tests = results_by_test(measured)
    columns = ["method", "source", *(f"{test} {figure}" for test in tests for figure in ZERO_SHOT_METRICS)]
    columns += dict.fromkeys(column for row in rows for column in row if is_added(column))
    table = pd.DataFrame([*zero_shot_rows(tests), *rows], columns=columns)
    write_table(folder, "table", table, CAPTION)
    say(f"\n{CAPTION}\n{to_text(table)}\nwritten to {folder}")
    return folder


def measure(
    folders: Sequence[Path],
    checkpoints: Sequence[Path],
    device: str = "auto",
    flip: bool = False,
    adapt: bool = False,
    centre: bool = False,
    say: Callable[[str], None] = print,
) -> list[tuple[str, list[Report]]]:
    """Evaluate checkpoints on the data sets that they were not trained on.

    Reports that are already stored in the folder of the zero-shot results are not measured again.

    Args:
        folders: The folders of the data sets.
        checkpoints: The checkpoints, by default all shipped ones.
        device: The device, e.g. "cpu".
        flip: Whether mirror images are used.
        adapt: Whether batch normalisation is adapted to each camera.
        centre: Whether cameras are centred.
        say: Called with each line of output.

    Returns:
        The name and the reports of each checkpoint that has a report.

    Raises:
        UserError: If no model can be evaluated.
    """
    checkpoints = checkpoints or sorted(path.parent for path in checkpoints_folder().glob(f"*/{CONFIG}"))
    datasets = [read_dataset(folder) for folder in folders]
    tests = [
        (dataset, protocol)
        for dataset in datasets
        for protocol in usual_protocols(dataset)
        if can_be_divided(dataset, protocol, say)
    ]
    measured, output = [], runs_folder() / ZERO_SHOT_FOLDER
    for path in checkpoints:
        model, reports = load(path, device, flip), []
        describe = DescriptorMemory(model).describe
        for dataset, protocol in tests:
            if has_seen(model, dataset):
                say(f"{path.name} was trained on {dataset.name}: skipped")
            else:
                options = {"adapt": adapt, "centre": centre}
                reports.append(_measure(model, dataset, protocol, path, output, describe, **options))
        if reports:
            measured.append((path.name, reports))
    if not measured:
        raise UserError("All models were trained on these data. Choose other models with --checkpoint.")
    return measured


def results_by_test(measured: Sequence[tuple[str, list[Report]]]) -> dict[str, dict[str, Any]]:
    """Return one result of each test, by the name of the test. The order is that of the model with the most tests."""
    ordered = sorted(measured, key=lambda one: len(one[1]), reverse=True)
    return {report.task: report.result for _, reports in ordered for report in reports}


def usual_protocols(dataset: Dataset) -> list[Protocol]:
    """Return the protocols of a data set that test different identities.

    Raises:
        UserError: If there is none, because the data set has no identities.
    """
    fitting = fitting_protocols(dataset)
    names = {protocol.name for protocol in fitting}
    protocols = [protocol for protocol in fitting if SAME_TESTS.get(protocol.name) not in names]
    if not protocols:
        raise UserError(f"{dataset.root} is a {dataset.layout} without identities, so nothing can be evaluated on it.")
    return protocols


def can_be_divided(dataset: Dataset, protocol: Protocol, say: Callable[[str], None]) -> bool:
    """Return whether a protocol divides a data set. If it does not, `say` is called with the reason."""
    try:
        protocol.divide(dataset)
    except UserError as error:
        say(f"skipped: {protocol.name}. {error}")
        return False
    return True


def has_seen(model: Model, dataset: Dataset) -> bool:
    """Return whether a model or its ancestors were trained or validated on any identity of a data set."""
    provenance = model.checkpoint.provenance or Provenance(unknown=("this checkpoint",))
    records = [*dataset.pool, *dataset.train, *dataset.query, *dataset.gallery]
    seen = provenance.overlap(hash_identities(dataset, records)).seen
    return names_data(model.checkpoint.data, dataset) if seen is None else seen > 0


def _method_name(name: str, flip: bool, adapt: bool, centre: bool) -> str:
    options = ["mirror images"] * flip + ["batch-norm adaptation"] * adapt + ["camera centring"] * centre
    return f"{name} with {' and '.join(options)}" if options else name


def _measure(
    model: Model, dataset: Dataset, protocol: Protocol, path: Path, folder: Path, describe: Describe, **options: Any
) -> Report:
    checkpoint = model.checkpoint
    splits = splits_to_score(protocol, dataset, checkpoint.data, provenance=checkpoint.provenance)
    digest = make_digest(path, dataset, splits, protocol.name, model.flip, *options.values())

    def evaluate() -> Report:
        with tqdm(desc=f"{path.name} on {dataset.name} by {protocol.name}", unit="image", leave=False) as bar:
            return evaluate_models(
                [(model, split) for split in splits],
                dataset,
                protocol,
                on_error=lambda source, why: tqdm.write(f"skipped: {why}"),
                on_progress=bar.update,
                describe=describe,
                **options,
            )

    return read_or_evaluate(folder, path.name, digest, evaluate)
