"""What was measured of a model on a data set by a protocol, and the folder in which it is kept.

result.json  what was measured, how, on whom; figures in percent; the Recall@K curve; rank-1 by cameras
probes.csv   one row a probe: path below the data's folder, identity, camera, first rank, average precision
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import UserError
from core.jsonfile import read_json, write_json

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


def read_report(folder: Path) -> Report:
    """Raises UserError if the folder holds none."""
    result = read_json(folder / RESULT)
    if not isinstance(result, dict) or not NEEDED <= result.keys():
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
