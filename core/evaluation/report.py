"""The result of an evaluation, and its folder.

result.json  the metrics in percent, the data, protocol and options, the Recall@K curve, rank-1 by cameras
probes.csv   one row per probe: path below the data set's folder, identity, camera, first rank, average precision;
             with random draws the means over the draws, and the share of draws with a first rank of at most K
scores.csv   histograms of the scores of pairs and searches (core.evaluation.verification); not for re-ranked results
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from core.atomic_files import replace_file
from core.config import ARCHITECTURES
from core.errors import UserError
from core.evaluation.uncertainty import Interval, intervals, why_missing
from core.evaluation.verification import ScoreCounts
from core.inference.overlap import Overlap
from core.json_file import read_json, write_json

RESULT, PROBES, SCORES = "result.json", "probes.csv", "scores.csv"
REQUIRED_KEYS = {  # of result.json, by type; the app and the commands show them
    str: ("architecture", "data", "layout", "protocol", "rule"),
    int: ("filters", "region_size"),
    list: ("splits", "curve"),
    dict: ("summary", "spread", "cameras"),
}
OLD_KEYS = {  # of result.json: earlier name -> name
    "training_pictures": "training_images",
    "same_camera_counts": "include_same_camera",
}
TEXTS, NUMBERS = ("path", "identity"), ("camera", "first_rank", "average_precision")  # required columns of probes.csv
MEASURED = "measured"  # in result.json: the path of the data and, if the result is not in the model's run, of the model
EVALUATIONS = "evaluations"  # the folder with the result folders, in a run's or a checkpoint's folder
BASELINES = ("lomo-xqda", "lomo-null-space")  # in place of an architecture
BASELINE_EVALUATIONS = "baseline-evaluations"  # the same for these, which the page Results does not list


@dataclass(frozen=True)
class Report:
    """The result of an evaluation.

    `result` is the content of result.json, `probes` of probes.csv, and `scores` of scores.csv if that file exists.
    """

    result: dict[str, Any]
    probes: pd.DataFrame
    scores: ScoreCounts | None = None

    @property
    def task(self) -> str:
        """The data set, the protocol, and whether same-camera images count; equal for results that can be compared."""
        return self._data_and_protocol + ("-same-camera" if self.result.get("include_same_camera") else "")

    @property
    def _data_and_protocol(self) -> str:
        data, protocol = self.result["data"], self.result["protocol"]
        return data if data == protocol else f"{data}-{protocol}"

    @property
    def name(self) -> str:
        """The name among the reports on one model: data set, protocol, splits and options."""
        name = self._data_and_protocol
        if len(self.result["splits"]) < self.result.get("splits_of_protocol", 1):
            name += f"-split{'-'.join(map(str, self.result['splits']))}"
        suffixes = {
            "flip": "-flip",
            "adapted": "-adapted",
            "centred": "-centred",
            "include_same_camera": "-same-camera",
            "expansion": f"-expanded{self.result.get('expansion')}",
            "rerank": "-reranked",
        }
        return name + "".join(suffix for flag, suffix in suffixes.items() if self.result.get(flag))

    @property
    def folder(self) -> str:
        """The name of the folder with the result folders: that of networks or that of baselines."""
        return BASELINE_EVALUATIONS if self.result.get("architecture") in BASELINES else EVALUATIONS

    @property
    def overlap(self) -> Overlap:
        """The number of test identities that the model was trained or validated on."""
        return Overlap.of_result(self.result)

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """The 95 % confidence intervals of the metrics whose values per probe are stored, in percent."""
        return intervals(self.probes)

    @property
    def no_interval(self) -> str:
        """Why metrics have no interval, as a sentence without a full stop, or ""."""
        return why_missing(self.probes)

    @property
    def figures(self) -> dict[str, Any]:
        """The metrics and the protocol as a flat table, for the command line and the model card."""
        names = ("protocol", "rule", "splits")
        figures = self.result["summary"] | self.result.get("verification", {})
        figures |= {name: self.result[name] for name in names if self.result.get(name)}
        return figures | {"tested_identities": self.overlap.to_json(), "test_people_trained_on": self.overlap.seen}

    def write(self, folder: Path) -> None:
        """Write result.json, probes.csv and, if there are counted scores, scores.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        with replace_file(folder / PROBES) as temporary:
            self.probes.to_csv(temporary, index=False, float_format="%.4f")
        if self.scores:
            self.scores.write(folder / SCORES)
        write_json(folder / RESULT, self.result)


def read_report(folder: Path) -> Report:
    """Read a report from its folder.

    Raises:
        UserError: If the folder has no report, or if the report is damaged.
    """
    result = read_json(folder / RESULT)
    if not _is_result(result):
        raise UserError(f"{folder / RESULT} is not a result of `python -m core evaluate`.")
    result = {OLD_KEYS.get(key, key): value for key, value in result.items()}
    scores = ScoreCounts.read(folder / SCORES) if (folder / SCORES).exists() else None
    if not (folder / PROBES).exists():
        return Report(result, pd.DataFrame(), scores)
    try:
        probes = pd.read_csv(folder / PROBES, dtype=dict.fromkeys(TEXTS, str))
        texts = pd.read_csv(folder / PROBES, usecols=TEXTS.__contains__, dtype=str, keep_default_na=False)
        probes[texts.columns] = texts  # an identity may be called NA
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / PROBES} cannot be read as a table: {error}.") from None
    if missing := sorted({*TEXTS, *NUMBERS} - set(probes.columns)):
        raise UserError(f"{folder / PROBES} is damaged: column {missing[0]!r} is missing.")
    for column in NUMBERS:
        if not pd.api.types.is_numeric_dtype(probes[column]):
            raise UserError(f"{folder / PROBES} is damaged: column {column!r} does not hold numbers.")
    return Report(result, probes, scores)


def find_reports(folders: Iterable[Path], baselines: bool = False) -> dict[str, Path]:
    """Find the result folders of all runs and checkpoints in these folders.

    Args:
        folders: The folders of runs and checkpoints.
        baselines: Whether the result folders of comparison methods are found, too.

    Returns:
        Result folders by `name of the model: name of the report`. The name of a run begins with `runs/` if a checkpoint
        has the same result.
    """
    found = {}
    for folder in folders:
        for name in (EVALUATIONS, BASELINE_EVALUATIONS)[: 1 + baselines]:
            for file in sorted(folder.glob(f"*/{name}/*/{RESULT}")):
                key = f"{file.parents[2].name}: {file.parent.name}"
                found[f"runs/{key}" if key in found and _is_of_run(file) else key] = file.parent
    return found


def _is_of_run(file: Path) -> bool:
    """Return whether a result is of the run that it is in, and not of a checkpoint elsewhere with the run's name."""
    with suppress(UserError):
        result = read_json(file)
        is_elsewhere = isinstance(result, dict) and "model" in result.get(MEASURED, {})
        return (file.parents[2] / "config.json").exists() and not is_elsewhere
    return False


def _is_result(value: Any) -> bool:
    """Return whether a result has all required keys, with values of the right types."""
    if not isinstance(value, dict):
        return False
    if any(not isinstance(value.get(name), kind) for kind, names in REQUIRED_KEYS.items() for name in names):
        return False
    if value["architecture"] not in (*ARCHITECTURES, *BASELINES):
        return False
    if not Overlap.is_kept_in(value):
        return False
    figures = [*value["summary"].values(), *value["spread"].values(), *value["curve"]]
    numbers = all(isinstance(figure, (int, float)) for figure in figures)
    return numbers and "probes" in value["summary"] and {"probe", "gallery", "recall@1"} <= value["cameras"].keys()
