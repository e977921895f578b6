"""What a gallery has described, in files that appear at once: blocks on their way, and versions that are searched.

A block is `blocks/000004.npz`: descriptors, and a row for each image that was looked at. A version is a folder of
`descriptors.npy`, which is mapped into memory, `records.parquet` with a row for each of its rows, and `model.json`.
"""

import errno
import os
import shutil
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from core.errors import UserError
from core.galleries.gallery_folder import MODEL
from core.json_file import read_json, write_json
from core.search.descriptor_files import DESCRIPTORS, RECORDS, map_descriptors

KEY_COLUMNS = ["path", "bytes", "changed"]  # what an image is known by; `changed` in nanoseconds
CONTENT_COLUMNS = ["content", "columns", "rows"]  # a hash of the file; its size in pixels, 0 if unknown
LABEL_COLUMNS = ["identity", "camera", "time"]
COLUMN_TYPES = {
    "path": "str",
    "bytes": "int64",
    "changed": "int64",
    "content": "str",
    "columns": "int32",
    "rows": "int32",
    "identity": "str",
    "camera": "int32",
    "time": "float64",
    "source": "int32",
    "why": "str",
    "block": "int32",
    "row": "int64",
}
PLACE_COLUMNS = ["block", "row", "why"]  # where a descriptor lies; `why` there is none, "" if there is
CURRENT_VERSION = -1  # in place of a block's number: the version that is there
ROWS_PER_COPY = 65_536  # rows that are copied at a time


def make_table(rows: dict[str, list] | pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """A table with the types that its columns always have."""
    return pd.DataFrame(rows, columns=columns).astype({name: COLUMN_TYPES[name] for name in columns})


def write_block(folder: Path, number: int, fingerprint: str, rows: pd.DataFrame, descriptors: np.ndarray) -> None:
    """Rows of KEY, SEEN and `why`, and descriptors (N, D) of those that have no `why`, in their order."""
    folder.mkdir(exist_ok=True)
    temporary = folder / f"{number:06d}.new.npz"
    arrays = {name: rows[name].to_numpy(str if COLUMN_TYPES[name] == "str" else COLUMN_TYPES[name]) for name in rows}
    np.savez(temporary, descriptors=descriptors, fingerprint=np.array(fingerprint), **arrays)
    os.replace(temporary, folder / f"{number:06d}.npz")


def read_blocks(folder: Path, fingerprint: str) -> pd.DataFrame:
    """Columns KEY, SEEN and PLACE of all blocks. Those of another model, or damaged, are deleted.

    Raises UserError, and deletes nothing, where the system refuses to read one: it may be whole.
    """
    found = [make_table({}, KEY_COLUMNS + CONTENT_COLUMNS + PLACE_COLUMNS)]
    for file in sorted(folder.glob("*.npz")):
        try:
            with np.load(file, allow_pickle=False) as arrays:
                if not file.stem.isdigit() or str(arrays["fingerprint"]) != fingerprint:
                    raise ValueError
                rows = pd.DataFrame({name: arrays[name] for name in [*KEY_COLUMNS, *CONTENT_COLUMNS, "why"]})
                good = (rows["why"] == "").to_numpy()
                if len(arrays["descriptors"]) != good.sum():
                    raise ValueError
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            _raise_refusal(error, file)
            file.unlink(missing_ok=True)
            continue
        rows["block"], rows["row"] = int(file.stem), np.where(good, good.cumsum() - 1, -1)
        found.append(make_table(rows, KEY_COLUMNS + CONTENT_COLUMNS + PLACE_COLUMNS))
    return pd.concat(found, ignore_index=True)


def read_version(version: Path | None, fingerprint: str) -> pd.DataFrame:
    """The records of a version, with PLACE; none if the version is damaged or of another model.

    Raises UserError where the system refuses to read it: it may be whole.
    """
    columns = [*KEY_COLUMNS, *LABEL_COLUMNS, "source", *CONTENT_COLUMNS, *PLACE_COLUMNS]
    try:
        if version is None or read_json(version / MODEL)["fingerprint"] != fingerprint:
            return make_table({}, columns)
        records = pd.read_parquet(version / RECORDS)
        map_descriptors(version, len(records))
    except (OSError, ValueError) as error:
        _raise_refusal(error, version)
        return make_table({}, columns)
    return make_table(records.assign(block=CURRENT_VERSION, row=np.arange(len(records)), why=""), columns)


def write_version(gallery: Path, old: Path | None, table: pd.DataFrame, model: dict) -> None:
    """Put a table with PLACE and its descriptors together as the gallery's next version; older ones are deleted.

    Rows are copied piece by piece, so that memory never holds them all.
    """
    folder = gallery / "versions"
    half = folder / f"{int(old.name) + 1 if old else 1:06d}.new"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    shape = len(table), model["descriptor"]
    if len(table):
        descriptors = np.lib.format.open_memmap(half / DESCRIPTORS, mode="w+", dtype=np.float32, shape=shape)
        for block, rows in table.reset_index(drop=True).groupby("block"):
            source = _descriptors(gallery, old, int(block))
            for start in range(0, len(rows), ROWS_PER_COPY):
                piece = rows.iloc[start : start + ROWS_PER_COPY]
                descriptors[piece.index.to_numpy()] = source[piece["row"].to_numpy()]
        descriptors.flush()
        del descriptors
    else:
        np.save(half / DESCRIPTORS, np.empty(shape, np.float32))
    table[[*KEY_COLUMNS, *LABEL_COLUMNS, "source", *CONTENT_COLUMNS]].to_parquet(half / RECORDS, index=False)
    write_json(half / MODEL, model)
    os.replace(half, half.with_suffix(""))
    for path in folder.iterdir():
        if path != half.with_suffix(""):
            shutil.rmtree(path, ignore_errors=True)


def _raise_refusal(error: Exception, path: Path | None) -> None:
    """Raises UserError for a refusal of the system, e.g. of permission or of one more open file; damage has no number
    of an error, or that of an impossible position in the file."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL, errno.ENOENT):
        raise UserError(f"{path} cannot be read: {error.strerror}. Nothing was lost; try again.") from None


def _descriptors(gallery: Path, old: Path | None, block: int) -> np.ndarray:
    if block == CURRENT_VERSION:
        assert old is not None, "rows of a version that is not there"
        return np.load(old / DESCRIPTORS, mmap_mode="r")
    with np.load(gallery / "blocks" / f"{block:06d}.npz", allow_pickle=False) as arrays:
        return arrays["descriptors"]
