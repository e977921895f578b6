"""Evaluation of a named gallery, by the model that indexed it or by another one.

The descriptors of another model are stored in `described/FINGERPRINT` in the gallery's folder, so that only new and
changed images are described at the next evaluation.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.data.datasets import read_dataset
from core.data.loading import OnError
from core.data.records import Dataset, Record
from core.errors import UserError
from core.evaluation.evaluate import evaluate_models
from core.evaluation.protocols import EVERY_IMAGE, NAMED_GALLERY, PROTOCOLS
from core.evaluation.report import Report
from core.galleries.gallery_folder import StoredGallery
from core.galleries.indexed_version import Snapshot
from core.galleries.sources import FROM_FOLDER, list_sources
from core.inference.checkpoint import fingerprint
from core.inference.model import Model
from core.search.gallery import Gallery

DESCRIBED = "described"  # folder with the descriptors of other models, in the gallery's folder
IMAGES_PER_SAVE = 4096  # described between two writes
OnProgress = Callable[[int, int], None]  # called with the numbers of described images and of all images


def evaluate_gallery(
    gallery: StoredGallery,
    model: Model,
    checkpoint: Path,
    on_error: OnError = lambda source, why: None,
    on_progress: OnProgress = lambda done, total: None,
    **options: Any,
) -> Report:
    """Evaluate a model on a named gallery by the protocol `every-image`.

    Args:
        gallery: The gallery.
        model: The model.
        checkpoint: The checkpoint of the model.
        on_error: Called with each image that cannot be read, and the reason.
        on_progress: Called with the numbers of described images and of all images.
        **options: Options of `core.evaluation.evaluate.evaluate_models`.

    Raises:
        UserError: If the gallery is not indexed, or if identities or cameras are missing.
    """
    snapshot = gallery.snapshot()
    indexed, protocol = snapshot.gallery, PROTOCOLS[EVERY_IMAGE]
    labels = zip(indexed.paths, indexed.identities.tolist(), indexed.cameras.tolist(), strict=True)
    records = [Record(Path(path), identity, camera) for path, identity, camera in labels]
    dataset = Dataset(gallery.folder, NAMED_GALLERY, gallery=records, own_namespace=_namespace(gallery))
    split = protocol.divide(dataset)
    own = snapshot.model.get("fingerprint") == fingerprint(checkpoint) and not model.flip
    rows, descriptors = np.arange(len(records)), indexed.descriptors
    if not own and not options.get("adapt"):
        rows, descriptors = _describe(gallery, snapshot, records, model, checkpoint, on_error, on_progress)
    row_of = {record.path: row for record, row in zip(records, rows.tolist(), strict=True) if row >= 0}

    def look_up(wanted: list[Record], **callbacks: Any) -> tuple[np.ndarray, list[Record]]:
        known = [record for record in wanted if record.path in row_of]
        return np.asarray(descriptors[[row_of[record.path] for record in known]], np.float32), known

    done = 0

    def on_described(count: int) -> None:
        nonlocal done
        done += count
        on_progress(min(done, len(records)), len(records))

    report = evaluate_models([(model, split)], dataset, protocol, on_error, on_described, describe=look_up, **options)
    evaluated = {"gallery": gallery.read().get("id", ""), "version": snapshot.version}
    return Report(report.result | {"evaluated": evaluated}, report.probes, report.scores)


def _describe(
    gallery: StoredGallery,
    snapshot: Snapshot,
    records: list[Record],
    model: Model,
    checkpoint: Path,
    on_error: OnError,
    on_progress: OnProgress,
) -> tuple[np.ndarray, np.ndarray]:
    """Describe the images whose descriptors are not stored, and store them.

    Returns:
        The row of each record's descriptor, -1 for an image that cannot be read; and the descriptors.
    """
    folder = gallery.folder / DESCRIBED / (fingerprint(checkpoint) + ("-flip" if model.flip else ""))
    table = snapshot.records
    keys = [f"{path}|{size}|{time}" for path, size, time in table[["path", "bytes", "changed"]].itertuples(index=False)]
    key_of = dict(zip([record.path for record in records], keys, strict=True))
    known: dict[str, np.ndarray] = {}
    with suppress(UserError, OSError):  # a damaged cache is computed again
        if folder.exists():
            stored = Gallery.open(folder)
            known = dict(zip(stored.paths, stored.descriptors, strict=True))
    known = {key: known[key] for key in keys if key in known}
    new, done = [record for record in records if key_of[record.path] not in known], len(known)

    def described(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done, len(records))

    for start in range(0, len(new), IMAGES_PER_SAVE):
        found, kept = model.describe_records(
            new[start : start + IMAGES_PER_SAVE], on_error=on_error, on_progress=described
        )
        known |= {key_of[record.path]: row for record, row in zip(kept, found, strict=True)}
        with suppress(OSError):  # without space on disk, the next evaluation describes the images again
            Gallery(np.stack(list(known.values())), list(known)).save(folder)
    if not known:
        raise UserError(f"No image of the gallery {gallery.name} can be read.")
    row_of = {key: row for row, key in enumerate(known)}
    return np.array([row_of.get(key, -1) for key in keys]), np.stack(list(known.values()))


def _namespace(gallery: StoredGallery) -> str:
    """Return the namespace of the identities: that of the only source folder, or else "", the gallery's own."""
    sources = list_sources(gallery)
    if len(sources) == 1 and sources[0].kind == FROM_FOLDER:
        with suppress(UserError, OSError):
            return read_dataset(sources[0].origin).namespace
    return ""
