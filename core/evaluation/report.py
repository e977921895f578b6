"""What was measured of a model on a data set by a protocol, and the folder in which it is kept.

result.json  what was measured, how, on whom; figures in percent; the Recall@K curve; rank-1 by cameras
probes.csv   one row a probe: path below the data's folder, identity, camera, first rank, average precision
scores.csv   how many pairs and searches score how high (core.evaluation.verification); not of re-ranked results
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.config import ARCHITECTURES
from core.errors import UserError
from core.evaluation.verification import ScoreCounts
from core.inference.provenance import Overlap
from core.json_file import read_json, write_json

RESULT, PROBES, SCORES = "result.json", "probes.csv", "scores.csv"
NEEDED = {  # of result.json, to be shown, by type
    str: ("architecture", "data", "layout", "protocol", "rule"),
    int: ("filters", "region_size"),
    list: ("splits", "curve"),
    dict: ("summary", "spread", "cameras"),
}
OLD_KEYS = {"training_pictures": "training_images", "same_camera_counts": "include_same_camera"}
COLUMNS = {"path", "identity", "camera", "first_rank", "average_precision"}  # of probes.csv, likewise
EVALUATIONS = "evaluations"  # folder of result folders, in a run's or a checkpoint's folder


@dataclass(frozen=True)
class Report:
    """`result` is what result.json holds, `probes` what probes.csv does, and `scores` what scores.csv does, if any."""

    result: dict[str, Any]
    probes: pd.DataFrame
    scores: ScoreCounts | None = None

    @property
    def task(self) -> str:
        """What results have to share to stand side by side: data, protocol, and whether the same camera counts."""
        return self._data_and_protocol + ("-same-camera" if self.result.get("include_same_camera") else "")

    @property
    def _data_and_protocol(self) -> str:
        data, protocol = self.result["data"], self.result["protocol"]
        return data if data == protocol else f"{data}-{protocol}"

    @property
    def name(self) -> str:
        """What tells it from other reports on the same model: data, protocol, splits, how described and counted."""
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
    def overlap(self) -> Overlap:
        """How many of the tested identities the model has seen."""
        return Overlap.of_result(self.result)

    @property
    def figures(self) -> dict[str, Any]:
        """The result as a flat table for people and for cards."""
        names = ("protocol", "rule", "splits")
        figures = self.result["summary"] | self.result.get("verification", {})
        figures |= {name: self.result[name] for name in names if self.result.get(name)}
        return figures | {"tested_identities": self.overlap.to_json(), "test_people_trained_on": self.overlap.seen}

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.probes.to_csv(folder / PROBES, index=False, float_format="%.4f")
        if self.scores:
            self.scores.write(folder / SCORES)
        write_json(folder / RESULT, self.result)


def read_report(folder: Path) -> Report:
    """Raises UserError if the folder holds none, or a damaged one."""
    result = read_json(folder / RESULT)
    if not _is_result(result):
        raise UserError(f"{folder / RESULT} is not a result of `python -m core evaluate`.")
    result = {OLD_KEYS.get(key, key): value for key, value in result.items()}
    scores = ScoreCounts.read(folder / SCORES) if (folder / SCORES).exists() else None
    if not (folder / PROBES).exists():
        return Report(result, pd.DataFrame(), scores)
    try:
        probes = pd.read_csv(folder / PROBES, dtype={"path": str, "identity": str})
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / PROBES} cannot be read as a table: {error}.") from None
    if not COLUMNS <= set(probes.columns):
        raise UserError(f"{folder / PROBES} has no column {min(COLUMNS - set(probes.columns))!r}: it is damaged.")
    return Report(result, probes, scores)


def find_reports(places: Iterable[Path]) -> dict[str, Path]:
    """Result folders of runs or checkpoints below these folders: `name of the model: data, protocol` -> folder."""
    found = {}
    for place in places:
        for file in sorted(place.glob(f"*/{EVALUATIONS}/*/{RESULT}")):
            found[f"{file.parents[2].name}: {file.parent.name}"] = file.parent
    return found


def _is_result(value: Any) -> bool:
    """Whether all is there that is shown of a result, in the form in which it is shown."""
    if not isinstance(value, dict):
        return False
    if any(not isinstance(value.get(name), kind) for kind, names in NEEDED.items() for name in names):
        return False
    if value["architecture"] not in ARCHITECTURES:
        return False
    if not Overlap.is_kept_in(value):
        return False
    figures = [*value["summary"].values(), *value["spread"].values(), *value["curve"]]
    numbers = all(isinstance(figure, (int, float)) for figure in figures)
    return numbers and "probes" in value["summary"] and {"probe", "gallery", "recall@1"} <= value["cameras"].keys()
