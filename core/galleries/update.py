"""Describe what is new in a gallery: block by block, so that a process that dies loses the block under way, no more.

An image is known by its path, its size in bytes and the time it was changed. What is known keeps its descriptor; the
others are described in blocks, each a file that appears at once; then records and descriptors are put together as a new
version, which appears at once too. A later start finds the blocks, and goes on after them.
"""

import math
import os
import re
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

from core.data.images import file_of, read_content, upright_size
from core.data.records import Record
from core.data.zip_archive import LeftOut, shown
from core.errors import UserError
from core.galleries.gallery_folder import MODEL, REFUSED, StoredGallery
from core.galleries.sources import FROM_ZIP, Source, list_sources, read_source, remove_source, sweep
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
from core.jobs.job import FINISHED, Busy, Stopped
from core.json_file import read_json, write_json

if TYPE_CHECKING:
    from core.inference.model import Model

IMAGES_PER_BLOCK = 1024  # images that are lost when a process dies: two seconds' work
CLAIM_TIMEOUT_S = 10  # to wait for the process before this one to end
OnProgress = Callable[[int, int], None]  # hears how many images of how many are described


def launch(gallery: StoredGallery) -> None:
    """Bring a gallery up to date in a process of its own that outlives this one; one that is at it is enough."""
    with suppress(Busy):  # which looks at what was asked meanwhile before it ends
        gallery.job.launch(["gallery", "update", gallery.name], MR_BCNN_GALLERIES=str(gallery.folder.parent.resolve()))


def describe_gallery(
    gallery: StoredGallery, device: str = "auto", on_progress: OnProgress = lambda done, total: None
) -> None:
    """Bring a gallery up to date in this process, and again until nothing was added meanwhile.

    Raises UserError if a source cannot be read, or the model is not what it was, where what is described by then is
    kept; and Busy if another process is at it, which then takes in what was added.
    """
    job, asked = gallery.job, None
    with job.claim(CLAIM_TIMEOUT_S), suppress(Stopped, KeyboardInterrupt), job.record("an update goes on"):
        while not _is_settled(gallery, asked):
            asked = _bring_up_to_date(gallery, device, on_progress)


def _is_settled(gallery: StoredGallery, asked: int | None) -> bool:
    """Whether nothing was asked since; said so before anybody can ask again."""
    with gallery.edited() as found:
        if found["asked"] == asked:
            gallery.job.write(state=FINISHED, message="")
        return found["asked"] == asked


def _bring_up_to_date(gallery: StoredGallery, device: str, on_progress: OnProgress) -> int:
    found, version = gallery.read(), gallery.version
    model = found["model"]
    published = read_version(version, model["fingerprint"])
    wanted, left_out, notes = _wanted(gallery, version)
    table = _placed(gallery, wanted, published, model)
    fresh = table[table["row"].isna()]
    if len(fresh):
        _describe(gallery, fresh, len(table) - len(published), model, device, on_progress)
        table = _placed(gallery, wanted, published, model)
    numbers = [source["number"] for source in found["sources"]]
    good = table[table["why"] == ""].reset_index(drop=True)
    columns = [*KEY_COLUMNS, *LABEL_COLUMNS, "source", *CONTENT_COLUMNS]
    good = make_table(good, [*columns, "block", "row", "why"])
    if version is None or not good[columns].equals(published[columns]):
        write_version(gallery.folder, version, good, model | {"sources": numbers, "images": len(good)})
    bad = table[table["why"] != ""]
    left_out += [(shown(path), why) for path, why in zip(bad["path"], bad["why"], strict=True)]
    write_json(gallery.folder / REFUSED, {"refused": left_out, "notes": notes})
    shutil.rmtree(gallery.folder / "blocks", ignore_errors=True)
    sweep(gallery, set(range(found.get("counted", 0) + 1)) - set(numbers))
    return found["asked"]


def _placed(gallery: StoredGallery, wanted: pd.DataFrame, published: pd.DataFrame, model: dict) -> pd.DataFrame:
    """Wanted images with what is known of them; `row` is missing where nothing is."""
    columns = [*KEY_COLUMNS, *CONTENT_COLUMNS, *PLACE_COLUMNS]
    known = pd.concat([published[columns], read_blocks(gallery.folder / "blocks", model["fingerprint"])])
    return wanted.merge(known.drop_duplicates(KEY_COLUMNS), how="left", on=KEY_COLUMNS)


def _describe(
    gallery: StoredGallery, fresh: pd.DataFrame, total: int, model: dict, device: str, on_progress: OnProgress
) -> None:
    """Write blocks of descriptors of images of which nothing is known."""
    network = _load(gallery, model, device)
    job, done = gallery.job, total - len(fresh)
    job.write(done=done, total=total, resumed=done, began=time.time())
    number = max((int(path.stem) for path in (gallery.folder / "blocks").glob("*.npz")), default=-1)
    for start in range(0, len(fresh), IMAGES_PER_BLOCK):
        if job.is_asked_to_stop:
            raise Stopped
        rows = fresh.iloc[start : start + IMAGES_PER_BLOCK]

        def described(count: int) -> None:
            nonlocal done
            done += count
            on_progress(done, total)
            job.report(done=done)

        looked, descriptors = _describe_block(gallery.folder, network, rows[KEY_COLUMNS], described)
        number += 1
        write_block(gallery.folder / "blocks", number, model["fingerprint"], looked, descriptors)
        done = total - len(fresh) + start + len(rows)  # with those that were refused
        job.write(done=done)


def _describe_block(
    folder: Path, network: "Model", rows: pd.DataFrame, described: Callable[[int], None]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of a block, and descriptors of those that could be read; files are looked at while others are described."""
    records = [Record(folder / path) for path in rows["path"]]
    why: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        seen = pool.map(_look, [record.path for record in records])
        descriptors, _ = network.describe_records(
            records, on_error=lambda path, reason: why.update({str(path): reason}), on_progress=described
        )
        looked = pd.DataFrame(list(seen), columns=CONTENT_COLUMNS)
    reasons = [why.get(str(record.path), "") for record in records]
    return make_table(
        rows.reset_index(drop=True).join(looked).assign(why=reasons), [*KEY_COLUMNS, *CONTENT_COLUMNS, "why"]
    ), descriptors


def _look(path: Path) -> tuple[str, int, int]:
    """A hash of an image's file, and its columns and rows; those that cannot be read are refused elsewhere."""
    try:
        data = read_content(path)
    except (OSError, UserError):
        return "", 0, 0
    return blake2b(data, digest_size=16).hexdigest(), *upright_size(data)


def _load(gallery: StoredGallery, model: dict, device: str) -> "Model":
    from core.inference.checkpoint import fingerprint
    from core.inference.model import load

    checkpoint = Path(model["checkpoint"])
    if fingerprint(checkpoint) != model["fingerprint"]:
        raise UserError(
            f"The model {model['name']} is not what it was when the gallery {gallery.name} was made of it; "
            f"`python -m core gallery update {gallery.name} --model {checkpoint}` describes all images "
            "anew."
        )
    return load(checkpoint, device)


def _wanted(gallery: StoredGallery, version: Path | None) -> tuple[pd.DataFrame, LeftOut, list[str]]:
    """A row for each image that the sources have now, what was left out, and what was odd."""
    published = read_json(version / MODEL)["sources"] if version else []
    columns: dict[str, list] = {name: [] for name in (*KEY_COLUMNS, *LABEL_COLUMNS, "source")}
    left_out: LeftOut = []
    notes: list[str] = []
    for source in list_sources(gallery):
        try:
            records, odd, refused = read_source(gallery, source, _unpacking(gallery, source))
        except UserError as error:
            if source.kind != FROM_ZIP or source.number in published:
                raise
            remove_source(gallery, source.number)  # it was never good, and would fail each update
            raise UserError(f"{error.args[0].removesuffix('.')}; it was not added.") from None
        notes += odd
        left_out += refused
        for record in records:
            try:
                found = os.stat(file_of(record.path))
            except OSError as error:
                left_out.append((shown(str(record.path)), f"cannot be read: {error.strerror}"))
                continue
            time = math.nan if record.time is None else record.time
            row = (
                _path(gallery.folder, record.path),
                found.st_size,
                found.st_mtime_ns,
                record.identity,
                record.camera,
                time,
                source.number,
            )
            for values, value in zip(columns.values(), row, strict=True):
                values.append(value)
    return make_table(columns, list(columns)).drop_duplicates("path", ignore_index=True), left_out, notes


def _path(folder: Path, path: Path) -> str:
    """As the table has it: below the gallery's folder, or in full; by a link if its bytes are no UTF-8."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        name = blake2b(os.fsencode(path), digest_size=8).hexdigest() + "-" + re.sub(r"[^\w.]", "_", shown(path.name))
        link = folder / "links" / name
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(path)
        path, text = link, str(link)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else text


def _unpacking(gallery: StoredGallery, source: Source) -> Callable[[int], None]:
    written = 0

    def on_progress(count: int) -> None:
        nonlocal written
        written += count
        gallery.job.report(message=f"unpacking {shown(source.origin)}: {written:,} files")

    return on_progress
