"""Check of the labels of a named gallery or a data set: its images, descriptors and protocol."""

from pathlib import Path
from typing import Any

import numpy as np

from core.data.records import Dataset, Record
from core.errors import UserError
from core.evaluation.label_check import LabelCheck
from core.evaluation.protocols import EVERY_IMAGE, NAMED_GALLERY, PROTOCOLS, choose_protocol, splits_to_score
from core.galleries.cache import load_or_describe
from core.galleries.gallery_folder import StoredGallery
from core.inference.checkpoint import fingerprint
from core.inference.model import Model

UNDIVIDED = ""  # the split of images in a label table that no split divides


def check_gallery(gallery: StoredGallery, checkpoint: Path | None = None) -> LabelCheck:
    """Check the labels of a named gallery with the descriptors that it was indexed with.

    Args:
        gallery: The gallery.
        checkpoint: The checkpoint that must have indexed the gallery, if it matters.

    Raises:
        UserError: If the gallery is not indexed, or if another model indexed it.
    """
    indexed = gallery.open(fingerprint(checkpoint), str(checkpoint)) if checkpoint else gallery.open()
    labels = zip(indexed.paths, indexed.identities.tolist(), indexed.cameras.tolist(), indexed.times, strict=True)
    records = [
        Record(Path(path), identity, camera, None if np.isnan(time) else float(time))
        for path, identity, camera, time in labels
    ]
    dataset, protocol = Dataset(gallery.folder, NAMED_GALLERY, gallery=records), PROTOCOLS[EVERY_IMAGE]
    try:
        splits, problem = [protocol.divide(dataset)], ""
    except UserError as error:
        splits, problem = [], str(error)
    descriptors = np.asarray(indexed.descriptors, np.float32)
    return LabelCheck(gallery.folder, records, descriptors, protocol if splits else None, splits, problem)


def check_dataset(
    folder: Path, dataset: Dataset, model: Model, checkpoint: Path, train: bool = False, **callbacks: Any
) -> LabelCheck:
    """Check the labels of a data set: of its gallery and probes, or of its training and validation images.

    The effect is measured for the gallery and probes only, because training images are not evaluated.

    Args:
        folder: The path that the data set was read from.
        dataset: The data set.
        model: The model.
        checkpoint: The checkpoint of the model.
        train: Whether the training and validation images are checked.
        **callbacks: `on_error` and `on_progress` of `Model.describe_records`.
    """
    if train:
        descriptors, records = model.describe_records([*dataset.train, *dataset.validation], **callbacks)
        return LabelCheck(dataset.root, records, descriptors, problem="Training images are not evaluated.")
    known = {str(record.path): record for record in (*dataset.searchable, *dataset.query)}
    parts = [load_or_describe(folder, model, checkpoint, **callbacks)]
    if dataset.query:
        parts.append(load_or_describe(folder, model, checkpoint, probes=True, **callbacks))
    found = {str(path): row for part in parts for path, row in zip(part.paths, part.descriptors, strict=True)}
    found = {path: row for path, row in found.items() if path in known}
    records, descriptors = [known[path] for path in found], np.stack(list(found.values())).astype(np.float32)
    try:
        protocol = choose_protocol(dataset, None, model.checkpoint.data)
        splits = splits_to_score(protocol, dataset, model.checkpoint.data, None, model.checkpoint.provenance)
    except UserError as error:
        return LabelCheck(dataset.root, records, descriptors, problem=str(error))
    return LabelCheck(dataset.root, records, descriptors, protocol, splits)


def records_by_split(dataset: Dataset) -> dict[str, list[Record]]:
    """Return all records of a data set by the name of their split, each image once."""
    if dataset.undivided or dataset.pool:
        return {UNDIVIDED: dataset.train if dataset.undivided else dataset.pool}
    names = ("train", "validation", "query", "gallery")
    if not any(getattr(dataset, name) for name in names[:3]):
        return {UNDIVIDED: dataset.gallery}
    return {name: getattr(dataset, name) for name in names if getattr(dataset, name)}
