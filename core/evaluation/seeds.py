"""Trainings that differ only in the seed, and the variation of their metrics."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.config import NetworkConfig, TrainingConfig
from core.config_values import to_json
from core.evaluation.report import Report
from core.inference.provenance import TrainingRecord

STEP = re.compile(r"-(\d{6,})$")  # of a checkpoint, at the end of the name of its result
OF_DATA = (
    "name",
    "layout",
    "protocol",
    "split",
    "origin",
)  # entries of a checkpoint's `data` that a seed does not change


@dataclass(frozen=True)
class SeedGroup:
    """The results of one configuration, trained with several seeds.

    Attributes:
        seeds: The seeds, in ascending order.
        means: The mean of each metric over the seeds, in percent.
        spread: The standard deviation of each metric over the seeds, in percentage points; empty for one seed.
    """

    seeds: tuple[int, ...]
    means: dict[str, float]
    spread: dict[str, float]


def configuration_hash(
    network: NetworkConfig, training: TrainingConfig, data: Mapping[str, Any], ancestors: Iterable[TrainingRecord]
) -> str:
    """Compute a hash of everything that a training starts from, except its seed.

    Args:
        network: The configuration of the network.
        training: The configuration of the training.
        data: The `data` of the checkpoint.
        ancestors: The training records of the checkpoints that the training started from.
    """
    content = {
        "network": to_json(network),
        "training": to_json(training) | {"seed": None},
        "data": {name: data.get(name) for name in OF_DATA},
        "ancestors": [[record.data, record.protocol, record.split, record.samples] for record in ancestors],
    }
    content |= {"backbone": data["backbone"]} if "backbone" in data else {}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def group_seeds(reports: Mapping[str, Report]) -> dict[str, SeedGroup]:
    """Group results of the same data, protocol and options whose trainings differ only in the seed.

    Results of earlier versions do not say how their models were trained. They are in no group.

    Args:
        reports: Results by the names of `core.evaluation.report.find_reports`.

    Returns:
        The group of each result that has a seed. Of several results with one seed, the first one counts.
    """
    found: dict[tuple, dict[int, str]] = defaultdict(dict)
    keys = {name: _key(name, report) for name, report in reports.items() if report.result.get("configuration")}
    for name, key in keys.items():
        found[key].setdefault(reports[name].result["seed"], name)
    groups = {
        key: _group({seed: reports[names[seed]].result["summary"] for seed in sorted(names)})
        for key, names in found.items()
    }
    return {name: groups[key] for name, key in keys.items()}


def _key(name: str, report: Report) -> tuple:
    step = STEP.search(name)
    return report.result["configuration"], report.task, report.name, step.group(1) if step else ""


def _group(summaries: Mapping[int, dict[str, Any]]) -> SeedGroup:
    first, *others = summaries.values()
    names = [name for name in first if isinstance(first[name], float) and all(name in other for other in others)]
    values = {name: [summary[name] for summary in summaries.values()] for name in names}
    spread = {name: float(np.std(each, ddof=1)) for name, each in values.items()} if others else {}
    return SeedGroup(tuple(summaries), {name: float(np.mean(each)) for name, each in values.items()}, spread)
