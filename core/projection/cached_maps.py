"""Maps kept on disk under names made of what they show."""

import hashlib
import json
from pathlib import Path

import numpy as np

from core.data.datasets import read_dataset
from core.galleries.cache import gallery_name, load_or_describe
from core.inference.model import Model
from core.jobs.file_job import OnProgress, make_file, progress_of, start_job
from core.jobs.job import FINISHED
from core.projection.projector import Projector

MAPS = "maps"  # folder of maps, in the cache folder and in a checkpoint


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
    parts = [
        load_or_describe(folder, model, checkpoint, probes=probes)
        for probes, records in ((False, dataset.searchable), (True, dataset.query))
        if records
    ]
    descriptors = np.concatenate([part.descriptors for part in parts])
    content = gallery_name(dataset.searchable + dataset.query, dataset.root, checkpoint)
    for dimensions in (2, 3):
        projector = Projector("umap", dimensions)
        projector.fit(descriptors).save(checkpoint / MAPS / map_name(content, projector))


def make_map(descriptors: np.ndarray, projector: Projector, file: Path) -> None:
    """Fit and write a map, after those that are being made. Raises UserError if it cannot be made."""

    def work(on_progress: OnProgress) -> None:
        projector.fit(descriptors, on_progress)
        _source(file).unlink(missing_ok=True)
        projector.save(file)

    make_file(file, work)


def start_map(descriptors: np.ndarray, projector: Projector, file: Path) -> None:
    """Make a map in a process of its own, unless it is there or on its way; `progress_of` tells how far it is."""
    progress = progress_of(file)
    if progress.is_alive or progress.state == FINISHED:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    source = _source(file)
    np.save(source, descriptors)
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in projector.settings.items()]
    start_job(file, ["project", str(source), "--output", str(file), *settings])


def _source(file: Path) -> Path:
    """Where the descriptors lie meanwhile that another process is to make a map of."""
    return file.with_suffix(".descriptors.npy")
