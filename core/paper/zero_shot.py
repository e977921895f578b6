"""How models find people of data that they were never trained on: each model on each data set by each protocol."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from core.data.datasets import read_dataset
from core.data.records import Dataset
from core.errors import UserError
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import PROTOCOLS, Protocol, names_data
from core.evaluation.report import EVALUATIONS, Report
from core.folders import checkpoints_folder, runs_folder
from core.inference.checkpoint import CONFIG
from core.inference.model import Model, load
from core.inference.provenance import Provenance, hash_identities
from core.paper.published import MEASURED
from core.paper.tables import to_text, write_table

CAPTION = "Zero-shot: models on data that they were never trained on"
ZERO_SHOT_METRICS = ("recall@1", "mAP")
SAME_TESTS = ("cuhk03-classic-all-pairs", "identity-folders")  # protocols that test identities of another protocol


def zero_shot(
    folders: Sequence[Path],
    checkpoints: Sequence[Path] = (),
    device: str = "auto",
    flip: bool = False,
    adapt: bool = False,
    centre: bool = False,
    say: Callable[[str], None] = print,
) -> Path:
    """Measure checkpoints (all shipped ones if none is named) on data sets; returns the folder of the results.

    A model is skipped on a data set, and that is said, if it or an ancestor was trained or validated on any identity of
    it, tested or not. One that has no record is measured, unless its configuration names the data set, and marked.
    Raises UserError if nothing is left to measure.
    """
    checkpoints = checkpoints or sorted(path.parent for path in checkpoints_folder().glob(f"*/{CONFIG}"))
    datasets = [read_dataset(folder) for folder in folders]
    tests = [
        (dataset, protocol)
        for dataset in datasets
        for protocol in usual_protocols(dataset)
        if _can_be_divided(dataset, protocol, say)
    ]
    folder, rows = runs_folder() / "reproduce-zero-shot", []
    for path in checkpoints:
        model, row = load(path, device, flip), {"method": _described_as(path.name, flip, adapt, centre)}
        for dataset, protocol in tests:
            if has_seen(model, dataset):
                say(f"{path.name} was trained on {dataset.name}: skipped")
            else:
                report = _measure(model, dataset, protocol, folder / EVALUATIONS, path.name, adapt=adapt, centre=centre)
                row |= {f"{report.task} {figure}": report.result["summary"][figure] for figure in ZERO_SHOT_METRICS}
        if len(row) > 1:
            if mark := report.overlap.mark:
                row["method"] += f" [{mark}]"
            rows.append(row)
    if not rows:
        raise UserError("There is no model to measure on data that it was not trained on; name some with --checkpoint.")
    table = pd.DataFrame(rows)
    table.insert(1, "source", MEASURED)
    write_table(folder, "table", table, CAPTION)
    say(f"\n{CAPTION}\n{to_text(table)}\nwritten to {folder}")
    return folder


def usual_protocols(dataset: Dataset) -> list[Protocol]:
    """Those that differ in who is tested, not only in who is trained on. Raises UserError if there is none."""
    found = [
        protocol
        for name, protocol in PROTOCOLS.items()
        if dataset.layout in protocol.layouts and name not in SAME_TESTS
    ]
    if not found:
        raise UserError(
            f"{dataset.root} is a {dataset.layout}: nobody knows who is who in it, so nothing can be measured."
        )
    return found


def has_seen(model: Model, dataset: Dataset) -> bool:
    """Whether a model or its ancestors were trained or validated on any identity of a data set."""
    provenance = model.checkpoint.provenance or Provenance(unknown=("this checkpoint",))
    records = [*dataset.pool, *dataset.train, *dataset.query, *dataset.gallery]
    seen = provenance.overlap(hash_identities(dataset, records)).seen
    return names_data(model.checkpoint.data, dataset) if seen is None else seen > 0


def _can_be_divided(dataset: Dataset, protocol: Protocol, say: Callable[[str], None]) -> bool:
    try:
        protocol.divide(dataset)
    except UserError as error:
        say(f"left out: {protocol.name}. {error}")
        return False
    return True


def _described_as(name: str, flip: bool, adapt: bool, centre: bool) -> str:
    ways = ["with mirror images"] * flip + ["adapted to each camera"] * adapt + ["cameras centred"] * centre
    return f"{name} {' and '.join(ways)}".strip()


def _measure(model: Model, dataset: Dataset, protocol: Protocol, folder: Path, name: str, **ways: bool) -> Report:
    with tqdm(desc=f"{name} on {dataset.name} by {protocol.name}", unit="image", leave=False) as bar:
        report = evaluate_model(
            model,
            dataset,
            protocol,
            on_progress=bar.update,
            **ways,
            on_error=lambda source, why: tqdm.write(f"left out: {why}"),
        )
    report.write(folder / f"{report.name}-{name}")
    return report
