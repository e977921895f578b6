"""Maps on disk, whose file names are hashes of their content and settings."""

import hashlib
import json
from pathlib import Path

import numpy as np

from core.atomic_files import replace_file
from core.data.datasets import read_dataset
from core.galleries.cache import gallery_name, load_or_describe
from core.inference.model import Model
from core.jobs.file_job import OnProgress, make_file, progress_of, start_job
from core.jobs.progress import FINISHED
from core.projection.projector import Projector

MAPS = "maps"  # folder of maps in the cache folder and in a checkpoint


def map_name(content: str, projector: Projector) -> str:
    """Return the file name of a map, a hash of the content and of the projector's settings.

    Args:
        content: Identifies the descriptors: a hash of them (`content_of`), or the name of a cached gallery.
        projector: The projector with its settings.
    """
    key = json.dumps([content, projector.settings], sort_keys=True)
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest() + ".npz"


def content_of(descriptors: np.ndarray) -> str:
    """Return a hash of descriptors (N, D)."""
    descriptors = np.ascontiguousarray(descriptors, np.float32)
    return hashlib.blake2b(descriptors.tobytes() + str(descriptors.shape).encode(), digest_size=16).hexdigest()


def ship_maps(folder: Path, model: Model, checkpoint: Path) -> None:
    """Write the default UMAP maps, in 2 and 3 dimensions, of a data set's gallery and probes to a checkpoint."""
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
    """Fit a map and write it to a file, after other maps that are being made.

    Raises:
        UserError: The descriptors cannot be projected.
    """

    def work(on_progress: OnProgress) -> None:
        projector.fit(descriptors, on_progress)
        _source(file).unlink(missing_ok=True)
        projector.save(file)

    make_file(file, work)


def start_map(descriptors: np.ndarray, projector: Projector, file: Path) -> None:
    """Make a map in a background process, unless it exists or is being made.

    `core.jobs.file_job.progress_of` returns its progress.
    """
    progress = progress_of(file)
    if progress.is_alive or progress.state == FINISHED:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    source = _source(file)
    with replace_file(source) as temporary:
        np.save(temporary, descriptors)
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in projector.settings.items()]
    start_job(file, ["project", str(source), "--output", str(file), *settings])


def _source(file: Path) -> Path:
    """Return the file of the descriptors for the background process; it is deleted afterwards."""
    return file.with_suffix(".descriptors.npy")
