"""The folder in which the command `evaluate` stores a result: in the model's run, or in runs/NAME without one."""

import os
from itertools import count
from pathlib import Path
from typing import Any

from core.data.addresses import absolute_address, address_exists
from core.errors import UserError
from core.evaluation.report import MEASURED, RESULT, Report
from core.folders import runs_folder
from core.json_file import read_json


def store_result(report: Report, checkpoint: Path, data: str | os.PathLike) -> Path:
    """Write the result of a checkpoint, and return its folder.

    An earlier result of the same model and data is replaced. If it is of another model or data set of the same name, it
    stays, and the new name gets a number after `~`. Data or a model that is no longer at its earlier path was moved.

    Args:
        report: The result.
        checkpoint: The folder of the checkpoint or run.
        data: The address of the data set, or the folder of the named gallery.
    """
    checkpoint = checkpoint.resolve()
    run, ending = runs_folder() / checkpoint.name, ""
    if checkpoint.parent.name == "checkpoints" and (checkpoint.parents[1] / "config.json").exists():
        run, ending = checkpoint.parents[1], f"-{checkpoint.name}"
    elif (checkpoint / "checkpoints").is_dir():
        run = checkpoint
    measured = {"data": absolute_address(data)}
    if run not in (checkpoint, *checkpoint.parents):
        measured["model"] = str(checkpoint)
    names = (report.name if number == 1 else f"{report.name}~{number}" for number in count(1))
    folders = (run / report.folder / f"{name}{ending}" for name in names)
    folder = next(folder for folder in folders if not _is_of_other(_measured(folder), measured))
    Report(report.result | {MEASURED: measured}, report.probes, report.scores).write(folder)
    return folder


def is_of_data(report: Report, data: str | os.PathLike) -> bool:
    """Return whether a result may be of these data: it does not name others that still exist."""
    measured = report.result.get(MEASURED, {})
    return not measured or not _is_of_other({"data": measured.get("data")}, {"data": absolute_address(data)})


def _is_of_other(earlier: Any, measured: dict[str, str]) -> bool:
    if not isinstance(earlier, dict):
        return False
    pairs = [(earlier.get(name), measured.get(name)) for name in ("data", "model")]
    return any(old != new and (old is None or address_exists(old)) for old, new in pairs)


def _measured(folder: Path) -> Any:
    """Return what the result in a folder was measured on; None without a result, or if it does not say so."""
    try:
        result = read_json(folder / RESULT)
    except UserError:
        return None
    return result.get(MEASURED) if isinstance(result, dict) else None
