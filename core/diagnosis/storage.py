"""Checks of what is on the disk: demo data, saved data sets, checkpoints, folders to write to, free space."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from core.counts import counted
from core.data.datasets import read_dataset
from core.data.records import PARTS
from core.data.saved_datasets import list_datasets
from core.diagnosis.finding import Finding, State
from core.diagnosis.machine import nearest_folder
from core.errors import UserError, explain
from core.folders import (
    cache_folder,
    checkpoints_folder,
    data_folder,
    datasets_folder,
    galleries_folder,
    runs_folder,
    uploads_folder,
)
from core.read_only import is_read_only

WRITTEN = {  # topic -> the folder, the variable that sets it
    "runs": (runs_folder, "MR_BCNN_RUNS"),
    "galleries": (galleries_folder, "MR_BCNN_GALLERIES"),
    "data sets": (datasets_folder, "MR_BCNN_DATASETS"),
    "uploads": (uploads_folder, "MR_BCNN_UPLOADS"),
    "cache": (cache_folder, "XDG_CACHE_HOME"),
}
MIN_FREE_BYTES = 2 * 10**9  # of the disk of a folder that is written to


def check_data() -> list[Finding]:
    """Check the demo data and each saved data set."""
    findings = [_check_dataset("demo data", data_folder(), "Set MR_BCNN_DATA to a folder of images.")]
    for name, file in list_datasets(datasets_folder()).items():
        advice = f"python -m core data inspect {file}"
        findings.append(_check_dataset(f"data set {name}", file, advice))
    return findings


def check_checkpoints() -> list[Finding]:
    """Check that each checkpoint loads, and that its calibration and person check belong to its weights."""
    from core.evaluation.calibration import read_calibration
    from core.evaluation.person_check import read_person_check
    from core.inference.checkpoint import descriptor_length, fingerprint
    from core.inference.model import load

    folder = checkpoints_folder()
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    found = [path for path in found if not path.name.startswith(".")]
    if not found:
        advice = "Set MR_BCNN_CHECKPOINTS, or train a model with `python -m core train DATA`."
        return [Finding("checkpoints", "failed", f"There is no checkpoint in {folder}.", advice)]
    findings = []
    for path in found:
        topic = f"checkpoint {path.name}"
        try:
            load(path, "cpu")
            checked = [read(path) is not None for read in (read_calibration, read_person_check)]
            digest = fingerprint(path)[:8]
            fitting = "calibration and person check fit the weights" if all(checked) else "not fully calibrated"
            sentence = f"Loads; descriptors of {descriptor_length(path)} numbers; digest {digest}; {fitting}."
            findings.append(Finding(topic, "ok", sentence))
        except (UserError, OSError) as error:
            findings.append(Finding(topic, "failed", explain(error), f"Restore the folder {path}."))
    return findings


def check_folders() -> list[Finding]:
    """Check that each folder that is written to can be written, and that its disk has space."""
    return [_check_folder(topic, folder, variable) for topic, (folder, variable) in WRITTEN.items()]


def _check_folder(topic: str, folder: Callable[[], Path], variable: str) -> Finding:
    path = folder()
    topic, needed = f"folder of {topic}", not is_read_only()
    state: State = "failed" if needed else "note"
    try:
        existing = nearest_folder(path)
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        sentence = f"{path} cannot be written: {error.strerror}."
        return Finding(topic, state, sentence, f"Set {variable} to a folder that this user can write.")
    free = shutil.disk_usage(existing).free
    if free < MIN_FREE_BYTES:
        return Finding(topic, "note", f"{path} has only {free / 1e9:.1f} GB of free space.", "Free some space.")
    return Finding(topic, "ok", f"{path} can be written; {free / 1e9:.0f} GB are free.")


def _check_dataset(topic: str, path: Path, advice: str) -> Finding:
    try:
        dataset = read_dataset(path)
    except (UserError, OSError) as error:
        return Finding(topic, "note", str(error), advice)
    images = counted(
        sum(len(getattr(dataset, part)) for part in PARTS if not dataset.undivided or part == "train"), "image"
    )
    return Finding(topic, "ok", f"{path}: {images}, layout {dataset.layout}.")
