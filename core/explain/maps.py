"""Maps kept on disk, and made one at a time in processes of their own, so that no page waits and none is lost.

Beside `NAME.npz`, while it is being made, lie `NAME.json` (how far it is) and `NAME.lock` (held by the process that
makes it: a process that dies lets go of it).
"""

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from core.data.layout import read_dataset
from core.describe import Model
from core.errors import UserError
from core.explain.projection import Projector
from core.jsonfile import read_json, write_json
from core.search.gallery import cached_gallery, gallery_name

MAPS = "maps"  # folder of maps, in the cache folder and in a checkpoint
BEGINNING = 60  # seconds that a process may take until it holds its lock
ONE_AT_A_TIME = "one-at-a-time.lock"  # fitting takes all it can get, and two at once take twice as long


@dataclass(frozen=True)
class Progress:
    """`state` is missing, waiting (for another map), running, ready or failed; `share` of the work is done, 0..1."""

    state: str
    share: float = 0.0
    message: str = ""


def map_name(content: str, projector: Projector) -> str:
    """The file name of a map: a hash of what the descriptors are of and of how they are projected."""
    made_of = json.dumps([content, projector.settings], sort_keys=True)
    return hashlib.blake2b(made_of.encode(), digest_size=16).hexdigest() + ".npz"


def content_of(descriptors: np.ndarray) -> str:
    """A hash of descriptors (N, D), for those of which nothing else is known."""
    descriptors = np.ascontiguousarray(descriptors, np.float32)
    return hashlib.blake2b(descriptors.tobytes() + str(descriptors.shape).encode(), digest_size=16).hexdigest()


def ship_maps(folder: Path, model: Model, checkpoint: Path) -> None:
    """Put UMAP's usual maps, in 2 and 3 dimensions, of a data set's gallery and probes beside a checkpoint."""
    dataset = read_dataset(folder)
    parts = [cached_gallery(folder, model, checkpoint, probes=probes)
             for probes, records in ((False, dataset.searchable), (True, dataset.query)) if records]  # fmt: skip
    descriptors = np.concatenate([part.descriptors for part in parts])
    content = gallery_name(dataset.searchable + dataset.query, dataset.root, checkpoint)
    for dimensions in (2, 3):
        projector = Projector("umap", dimensions)
        projector.fit(descriptors).save(checkpoint / MAPS / map_name(content, projector))


def make_map(descriptors: np.ndarray, projector: Projector, file: Path) -> None:
    """Fit and write a map, after those that are being made. Raises UserError if it cannot be made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    state = file.with_suffix(".json")
    with FileLock(file.with_suffix(".lock")):
        if file.exists():
            return
        write_json(state, {"state": "waiting"})
        try:
            with FileLock(file.with_name(ONE_AT_A_TIME)):
                write_json(state, {"state": "running", "share": 0.0})
                projector.fit(descriptors, lambda share: write_json(state, {"state": "running", "share": share}))
                _source(file).unlink(missing_ok=True)
                projector.save(file)
        except Exception as error:
            write_json(state, {"state": "failed", "message": str(error)})
            raise
        state.unlink()


def start_map(descriptors: np.ndarray, projector: Projector, file: Path) -> None:
    """Make a map in a process of its own, unless it is there or on its way; `progress_of` tells how far it is."""
    if progress_of(file).state in ("waiting", "running", "ready"):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    source = _source(file)
    np.save(source, descriptors)
    write_json(file.with_suffix(".json"), {"state": "waiting"})
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in projector.settings.items()]
    with file.with_suffix(".log").open("w") as log:
        subprocess.Popen([sys.executable, "-m", "core", "project", str(source), "--output", str(file), *settings],
                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)  # fmt: skip


def progress_of(file: Path) -> Progress:
    """Where the making of a map stands; one whose process died is missing again."""
    if file.exists():
        return Progress("ready", 1.0)
    state = file.with_suffix(".json")
    try:
        found, age = Progress(**read_json(state)), time.time() - state.stat().st_mtime
    except (UserError, TypeError, OSError):
        return Progress("missing")
    alive = age < BEGINNING or _is_held(file.with_suffix(".lock"))
    return found if found.state == "failed" or alive else Progress("missing")


def _source(file: Path) -> Path:
    """Where the descriptors lie meanwhile that another process is to make a map of."""
    return file.with_suffix(".descriptors.npy")


def _is_held(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
