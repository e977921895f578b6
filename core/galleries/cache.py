"""Descriptors of galleries of data sets, stored in the cache folder or shipped with a checkpoint."""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from core.data.datasets import read_dataset
from core.data.images import read_content
from core.data.loading import OnError
from core.data.records import DISTRACTOR, EARLIER_DISTRACTOR, Record
from core.errors import UserError
from core.folders import cache_folder
from core.inference.checkpoint import find_checkpoint, fingerprint
from core.inference.model import Model
from core.search.gallery import Gallery
from core.search.point_gallery import for_model

GALLERIES = "galleries"  # the folder of descriptors, in the cache folder and in a checkpoint


def load_or_describe(
    folder: str | os.PathLike,
    model: Model,
    checkpoint: Path,
    on_error: OnError = lambda source, why: None,
    on_progress: Callable[[int], None] = lambda count: None,
    probes: bool = False,
) -> Gallery:
    """Load the gallery of a data set, or describe it and store the descriptors.

    The descriptors are read from the checkpoint (`ship_gallery`) or from the cache folder. Their name is a hash of the
    checkpoint and of the images, so changed images are described again. The labels are those of the data set.

    Args:
        folder: The folder of the data set.
        model: The model.
        checkpoint: The checkpoint of the model.
        on_error: Called with each image that cannot be read, and the reason.
        on_progress: Called with the number of images described since the last call.
        probes: Whether the result contains the probes instead of the gallery.
    """
    dataset = read_dataset(folder)
    records = dataset.query if probes else dataset.searchable
    name = gallery_name(records, dataset.root, checkpoint)
    for file in (find_checkpoint(checkpoint) / GALLERIES / name, cache_folder() / GALLERIES / name):
        for path in (file.with_suffix(""), file):  # the second is the file of earlier versions
            with suppress(UserError):  # a damaged file is computed again
                if path.exists():
                    stored = Gallery.open(path, dataset.root)
                    record_of = {str(record.path): record for record in records}
                    known = [record_of[str(path)] for path in stored.paths]  # the stored times may be outdated
                    return for_model(Gallery.from_records(stored.descriptors, known), model)
    gallery = Gallery.from_records(*model.describe_records(records, on_error=on_error, on_progress=on_progress))
    with suppress(OSError, UserError):  # without a writeable cache, the next call describes the images again
        gallery.save((cache_folder() / GALLERIES / name).with_suffix(""), dataset.root)
    return for_model(gallery, model)


def ship_gallery(folder: str | os.PathLike, model: Model, checkpoint: Path) -> None:
    """Store the descriptors of a data set's gallery and probes, as float16, in a checkpoint for `load_or_describe`."""
    dataset = read_dataset(folder)
    for records in filter(None, (dataset.searchable, dataset.query)):
        gallery = Gallery.from_records(*model.describe_records(records))
        name = gallery_name(records, dataset.root, checkpoint)
        gallery.save((checkpoint / GALLERIES / name).with_suffix(""), dataset.root, half=True)


def gallery_name(records: Sequence[Record], root: Path, checkpoint: Path) -> str:
    """Compute the name of a gallery's descriptors: a hash of the checkpoint and of the images with their records.

    Earlier versions stored a file with this name. Now a folder has the name without its suffix. Maps use the name too.

    Args:
        records: The records of the images.
        root: The folder of the data set, which is not part of the hash.
        checkpoint: The checkpoint of the model.
    """
    digest = hashlib.blake2b(fingerprint(checkpoint).encode(), digest_size=16)
    for record in records:
        path = record.path.relative_to(root).as_posix()
        identity = EARLIER_DISTRACTOR if record.identity == DISTRACTOR else record.identity  # shipped names stay
        digest.update(f"{path}\0{identity}\0{record.camera}\0".encode())
        with suppress(UserError):  # an unreadable image has no content; describing it gives the reason
            digest.update(read_content(record.path))
    return f"{digest.hexdigest()}.npz"
