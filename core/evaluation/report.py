"""A model measured on a data set by a protocol, and the folder in which the result is kept.

result.json  what was measured, how, on whom; figures in percent; the Recall@K curve; rank-1 by cameras
probes.csv   one row a probe: path below the data's folder, identity, camera, first rank, average precision
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.checkpoint import read_json, write_json
from core.data.reading import Refused
from core.data.records import Dataset
from core.data.splits import Split
from core.describe import Model
from core.errors import UserError
from core.evaluation.protocols import Protocol, splits_to_score, trained_on
from core.evaluation.scoring import Evaluation, mean_evaluation

RESULT, PROBES = "result.json", "probes.csv"
NEEDED = {"data", "layout", "protocol", "summary", "curve", "cameras"}  # of result.json, to be shown
EVALUATIONS = "evaluations"  # folder of result folders, in a run's or a checkpoint's folder


@dataclass(frozen=True)
class Report:
    """`result` is what result.json holds; `probes` what probes.csv holds."""

    result: dict[str, Any]
    probes: pd.DataFrame

    @property
    def name(self) -> str:
        """What tells it from other reports on the same model: data and protocol."""
        data, protocol = self.result["data"], self.result["protocol"]
        return data if data == protocol else f"{data}-{protocol}"

    @property
    def figures(self) -> dict[str, Any]:
        """The result as a flat table for people and for cards."""
        names = ("protocol", "rule", "splits", "test_people_trained_on")
        return self.result["summary"] | {name: self.result[name] for name in names if self.result.get(name)}

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.probes.to_csv(folder / PROBES, index=False, float_format="%.4f")
        write_json(folder / RESULT, self.result)


def evaluate_model(
    model: Model, dataset: Dataset, protocol: Protocol, number: int | None = None, **options: Any
) -> Report:
    """One model on split `number`, or on those that `splits_to_score` chooses; options as for `evaluate_models`."""
    splits = splits_to_score(protocol, dataset, model.checkpoint.data, number)
    return evaluate_models([(model, split) for split in splits], dataset, protocol, **options)


def evaluate_models(
    trained: Sequence[tuple[Model, Split]],
    dataset: Dataset,
    protocol: Protocol,
    refused: Refused = lambda source, why: None,
    advance: Callable[[int], None] = lambda count: None,
    **options: Any,
) -> Report:
    """Models of one kind, each on its split, described and scored -> their mean. `options` go to the scoring rule.

    Raises UserError if a split has nobody to test.
    """
    evaluations: list[Evaluation] = []
    for model, split in trained:
        described = [model.describe_records(records, refused=refused, advance=advance)
                     for records in (split.query, split.gallery)]  # fmt: skip
        evaluations.append(protocol.score(*described[0], *described[1], **options))
    mean, spread = mean_evaluation(evaluations)
    result = _provenance(trained[0][0]) | {
        "data": dataset.name,
        "layout": dataset.layout,
        "protocol": protocol.name,
        "rule": protocol.sentence,
        "splits": [split.number for _, split in trained],
        "test_people_trained_on": max(trained_on(split, dataset, model.checkpoint.data) for model, split in trained),
        "summary": mean.summary,
        "spread": spread,
        "curve": mean.curve.round(3).tolist(),
        "cameras": {"probe": mean.cameras.index.tolist(), "gallery": mean.cameras.columns.tolist(),
                    "recall@1": [[None if pd.isna(value) else value for value in row]
                                 for row in mean.cameras.to_numpy().tolist()]},
        "people": [split.record() for _, split in trained] if dataset.pool else [],
    }  # fmt: skip
    return Report(result | options, _relative(mean.probes, dataset.root))


def _provenance(model: Model) -> dict[str, Any]:
    """What a model is and how it was trained, as far as its checkpoint knows."""
    checkpoint, network = model.checkpoint, model.network.config
    training = checkpoint.training
    return {
        "architecture": network.architecture,
        "filters": network.filters,
        "region_size": network.region_size,
        "preset": training.preset if training else None,
        "training_pictures": checkpoint.metrics.get("step", 0) * training.pictures_per_step if training else 0,
        "trained_on": checkpoint.data.get("name"),
        "trained_for": checkpoint.data.get("protocol"),
    }


def read_report(folder: Path) -> Report:
    """Raises UserError if the folder holds none."""
    result = read_json(folder / RESULT)
    if (
        not isinstance(result, dict)
        or not NEEDED <= result.keys()
    ):
        raise UserError(f"{folder / RESULT} is not a result of `python -m core evaluate`.")
    probes = pd.read_csv(folder / PROBES, dtype={"identity": str}) if (folder / PROBES).exists() else pd.DataFrame()
    return Report(result, probes)


def find_reports(places: Iterable[Path]) -> dict[str, Path]:
    """Result folders of runs or checkpoints below these folders: `name of the model: data, protocol` -> folder."""
    found = {}
    for place in places:
        for file in sorted(place.glob(f"*/{EVALUATIONS}/*/{RESULT}")):
            found[f"{file.parents[2].name}: {file.parent.name}"] = file.parent
    return found


def _relative(probes: pd.DataFrame, root: Path) -> pd.DataFrame:
    paths = [Path(path).relative_to(root).as_posix() for path in probes["path"]]
    return probes.assign(path=paths)
