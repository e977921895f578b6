"""Update of a named gallery: index new and changed images.

An image is identified by its path, its size in bytes and its modification time. Images with a descriptor keep it. The
other images are described in blocks, and each finished block is written to a file atomically. At the end, records and
descriptors become a new version, also atomically. A process that dies loses only its present block; the next update
resumes after the finished blocks.
"""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.file_names import printable
from core.data.images import read_content, upright_size
from core.data.records import Record
from core.errors import UserError
from core.galleries.adaptation import adapt_stored
from core.galleries.gallery_folder import REFUSED, StoredGallery
from core.galleries.image_listing import list_images
from core.galleries.sources import sweep
from core.galleries.versions import (
    CONTENT_COLUMNS,
    KEY_COLUMNS,
    LABEL_COLUMNS,
    PLACE_COLUMNS,
    make_table,
    read_blocks,
    read_version,
    write_block,
    write_version,
)
from core.jobs.job import Busy, Stopped
from core.jobs.progress import FINISHED
from core.json_file import write_json
from core.read_only import refuse_if_read_only

if TYPE_CHECKING:
    from core.inference.model import Model

IMAGES_PER_BLOCK = 1024  # images to describe again after a process has died, about two seconds
CLAIM_TIMEOUT_S = 10  # to wait for the end of another update
OnProgress = Callable[[int, int], None]  # called with the numbers of described images and of all images


def launch(gallery: StoredGallery) -> None:
    """Update a gallery in a process of its own, unless a process is already updating it."""
    refuse_if_read_only()
    with suppress(Busy):  # that process carries out requests that come in meanwhile
        gallery.job.launch(["gallery", "update", gallery.name], MR_BCNN_GALLERIES=str(gallery.folder.parent.resolve()))


def describe_gallery(
    gallery: StoredGallery, device: str = "auto", on_progress: OnProgress = lambda done, total: None
) -> None:
    """Update a gallery in this process, and again until no update was requested meanwhile.

    Args:
        gallery: The gallery.
        device: The device of the model, e.g. "cpu".
        on_progress: Called with the numbers of described images and of all images.

    Raises:
        UserError: If a source cannot be read, or if the model has changed. Finished blocks are kept.
        Busy: If another process updates the gallery. It carries out the request.
    """
    job, asked = gallery.job, None
    with job.claim(CLAIM_TIMEOUT_S), suppress(Stopped, KeyboardInterrupt), job.record("an update resumes it"):
        while not _is_settled(gallery, asked):
            asked = _update(gallery, device, on_progress)


def _is_settled(gallery: StoredGallery, asked: int | None) -> bool:
    """Return whether no update was requested meanwhile. The lock prevents other requests."""
    with gallery.edited() as content:
        if content["asked"] == asked:
            gallery.job.write(state=FINISHED, message="")
        return content["asked"] == asked


def _update(gallery: StoredGallery, device: str, on_progress: OnProgress) -> int:
    """Update the gallery once, and return the number of requested updates that this covers."""
    content, version = gallery.read(), gallery.version
    model = content["model"]
    published = read_version(version, model["fingerprint"])
    images, skipped, notes = list_images(gallery, version)
    table = _find_descriptors(gallery, images, published, model)
    new = table[table["row"].isna()]
    if len(new):
        _describe(gallery, new, len(table) - len(published), model, device, on_progress)
        table = _find_descriptors(gallery, images, published, model)
    numbers = [source["number"] for source in content["sources"]]
    good = table[table["why"] == ""].reset_index(drop=True)
    columns = [*KEY_COLUMNS, *LABEL_COLUMNS, "source", *CONTENT_COLUMNS]
    good = make_table(good, [*columns, "block", "row", "why"])
    if version is None or not good[columns].equals(published[columns]):
        write_version(gallery.folder, version, good, model | {"sources": numbers, "images": len(good)})
    unreadable = table[table["why"] != ""]
    skipped += [(printable(path), why) for path, why in zip(unreadable["path"], unreadable["why"], strict=True)]
    write_json(gallery.folder / REFUSED, {"refused": skipped, "notes": notes})
    shutil.rmtree(gallery.folder / "blocks", ignore_errors=True)
    sweep(gallery, set(range(content.get("counted", 0) + 1)) - set(numbers))
    _adapt(gallery, model, device)
    return content["asked"]


def _adapt(gallery: StoredGallery, model: dict, device: str) -> None:
    """Adapt the gallery to its cameras. It can be searched meanwhile.

    An image that cannot be read any more prevents the adaptation, but not the update.
    """
    job, done = gallery.job, 0
    passes = 3 * max(1, gallery.images)  # statistics of each camera and of all cameras, and descriptors

    def adapted(count: int) -> None:
        nonlocal done
        if job.is_asked_to_stop:
            raise Stopped
        done += count
        job.report(message=f"adapting to cameras: {100 * done // passes} %")

    try:
        adapt_stored(gallery, lambda: _load(gallery, model, device), adapted)
    except UserError as error:
        job.log(f"not adapted: {error}")


def _find_descriptors(
    gallery: StoredGallery, images: pd.DataFrame, published: pd.DataFrame, model: dict
) -> pd.DataFrame:
    """Add the positions of the descriptors to a table of images; `row` is missing for images without one."""
    columns = [*KEY_COLUMNS, *CONTENT_COLUMNS, *PLACE_COLUMNS]
    known = pd.concat([published[columns], read_blocks(gallery.folder / "blocks", model["fingerprint"])])
    return images.merge(known.drop_duplicates(KEY_COLUMNS), how="left", on=KEY_COLUMNS)


def _describe(
    gallery: StoredGallery, new: pd.DataFrame, total: int, model: dict, device: str, on_progress: OnProgress
) -> None:
    """Describe new images and write the blocks."""
    network = _load(gallery, model, device)
    job, done = gallery.job, total - len(new)
    job.write(done=done, total=total, resumed=done, began=time.time())
    number = max((int(path.stem) for path in (gallery.folder / "blocks").glob("*.npz")), default=-1)
    for start in range(0, len(new), IMAGES_PER_BLOCK):
        if job.is_asked_to_stop:
            raise Stopped
        rows = new.iloc[start : start + IMAGES_PER_BLOCK]

        def described(count: int) -> None:
            nonlocal done
            done += count
            on_progress(done, total)
            job.report(done=done)

        table, descriptors = _describe_block(gallery.folder, network, rows[KEY_COLUMNS], described)
        number += 1
        write_block(gallery.folder / "blocks", number, model["fingerprint"], table, descriptors)
        done = total - len(new) + start + len(rows)  # with images that cannot be read
        job.write(done=done)


def _describe_block(
    folder: Path, network: "Model", rows: pd.DataFrame, described: Callable[[int], None]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Describe a block, and return its table and the descriptors of the images that can be read.

    Threads compute the hashes of the files meanwhile.
    """
    records = [Record(folder / path) for path in rows["path"]]
    errors: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(_inspect, [record.path for record in records])
        descriptors, _ = network.describe_records(
            records, on_error=lambda path, reason: errors.update({str(path): reason}), on_progress=described
        )
        contents = pd.DataFrame(list(results), columns=CONTENT_COLUMNS)
    why = [errors.get(str(record.path), "") for record in records]
    return make_table(
        rows.reset_index(drop=True).join(contents).assign(why=why), [*KEY_COLUMNS, *CONTENT_COLUMNS, "why"]
    ), descriptors


def _inspect(path: Path) -> tuple[str, int, int]:
    """Return the hash of an image's file, and its columns and rows; "", 0 and 0 if it cannot be read."""
    try:
        data = read_content(path)
    except UserError:
        return "", 0, 0
    return blake2b(data, digest_size=16).hexdigest(), *upright_size(data)


def _load(gallery: StoredGallery, model: dict, device: str) -> "Model":
    from core.inference.checkpoint import fingerprint
    from core.inference.model import load

    checkpoint = Path(model["checkpoint"])
    if fingerprint(checkpoint) != model["fingerprint"]:
        raise UserError(
            f"The model {model['name']} has changed since the gallery {gallery.name} was indexed. Index all images "
            f"again: `python -m core gallery update {gallery.name} --model {checkpoint}`."
        )
    return load(checkpoint, device)
