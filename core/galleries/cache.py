"""Galleries of data sets that a model has described before: shipped with its checkpoint, or in the cache folder."""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from core.data.datasets import read_dataset
from core.data.images import read_content
from core.data.loading import OnError
from core.data.records import Record
from core.errors import UserError
from core.inference.checkpoint import find_checkpoint, fingerprint
from core.inference.model import Model
from core.search.gallery import Gallery

GALLERIES = "galleries"  # folder of descriptors, in the cache folder and in a checkpoint


def load_or_describe(
    folder: str | os.PathLike,
    model: Model,
    checkpoint: Path,
    on_error: OnError = lambda source, why: None,
    on_progress: Callable[[int], None] = lambda count: None,
    probes: bool = False,
) -> Gallery:
    """`Gallery.from_folder`, kept on disk under a name made of the content of the checkpoint and of the images.

    It may have come with the checkpoint (`ship_gallery`); otherwise it is looked for, and kept, in the cache folder.
    With `probes` it holds the data set's probes instead of its gallery.
    """
    dataset = read_dataset(folder)
    records = dataset.query if probes else dataset.searchable
    name = gallery_name(records, dataset.root, checkpoint)
    for file in (find_checkpoint(checkpoint) / GALLERIES / name, cache_folder() / GALLERIES / name):
        for path in (file.with_suffix(""), file):  # the latter by earlier versions
            with suppress(UserError):  # cut off by a machine that went down: make it again
                if path.exists():
                    return Gallery.open(path, dataset.root)
    gallery = Gallery.from_records(*model.describe_records(records, on_error=on_error, on_progress=on_progress))
    with suppress(OSError, UserError):  # a cache that cannot be written is made again next time
        gallery.save((cache_folder() / GALLERIES / name).with_suffix(""), dataset.root)
    return gallery


def ship_gallery(folder: str | os.PathLike, model: Model, checkpoint: Path) -> None:
    """Put the descriptors of a folder's gallery and probes, as float16, beside a checkpoint for `load_or_describe`."""
    dataset = read_dataset(folder)
    for records in filter(None, (dataset.searchable, dataset.query)):
        gallery = Gallery.from_records(*model.describe_records(records))
        name = gallery_name(records, dataset.root, checkpoint)
        gallery.save((checkpoint / GALLERIES / name).with_suffix(""), dataset.root, half=True)


def cache_folder() -> Path:
    """Where computed things are kept: `$XDG_CACHE_HOME/mr-bcnn`, by default `~/.cache/mr-bcnn`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mr-bcnn"


def gallery_name(records: Sequence[Record], root: Path, checkpoint: Path) -> str:
    """A hash of what the checkpoint computes and of the images with their records.

    Earlier versions gave this name to the file of descriptors; now its stem is the folder's. Maps are named by it.
    """
    digest = hashlib.blake2b(fingerprint(checkpoint).encode(), digest_size=16)
    for record in records:
        path = record.path.relative_to(root).as_posix()
        digest.update(f"{path}\0{record.identity}\0{record.camera}\0".encode())
        digest.update(read_content(record.path))
    return f"{digest.hexdigest()}.npz"
