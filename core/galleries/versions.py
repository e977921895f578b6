"""Descriptors of a named gallery on disk: blocks of an unfinished update, and versions that are searched.

Both are written atomically. A block is a file such as `blocks/000004.npz` with descriptors and one row per image,
including images that cannot be read. A version is a folder with `descriptors.npy`, which is mapped into memory,
`records.parquet` with one row per descriptor, and `model.json`.
"""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from core.array_files import read_arrays
from core.atomic_files import DELETED, allocate, delete_folder, name_in_errors, replace_file
from core.data.records import DISTRACTOR
from core.errors import UserError
from core.galleries.indexed_version import MODEL, read_records
from core.json_file import read_json, write_json
from core.search.descriptor_files import DESCRIPTORS, RECORDS, map_descriptors

KEY_COLUMNS = ["path", "bytes", "changed"]  # they identify an image; `changed` is the modification time in nanoseconds
CONTENT_COLUMNS = ["content", "columns", "rows"]  # the hash of the file; the size in pixels, 0 if unknown
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
PLACE_COLUMNS = ["block", "row", "why"]  # position of the descriptor; `why` is the reason for having none, or ""
CURRENT_VERSION = -1  # value of `block` for descriptors of the present version
ROWS_PER_COPY = 65_536  # descriptors copied at a time


def make_table(rows: dict[str, list] | pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Create a table whose columns have the types of COLUMN_TYPES."""
    return pd.DataFrame(rows, columns=columns).astype({name: COLUMN_TYPES[name] for name in columns})


def write_block(folder: Path, number: int, fingerprint: str, rows: pd.DataFrame, descriptors: np.ndarray) -> None:
    """Write a block.

    Args:
        folder: The folder of the blocks.
        number: The number of the block.
        fingerprint: The fingerprint of the model.
        rows: KEY_COLUMNS, CONTENT_COLUMNS and `why` of all images of the block.
        descriptors: (N, D) descriptors of the rows whose `why` is "", in their order.
    """
    folder.mkdir(exist_ok=True)
    arrays = {name: rows[name].to_numpy(str if COLUMN_TYPES[name] == "str" else COLUMN_TYPES[name]) for name in rows}
    with replace_file(folder / f"{number:06d}.npz") as temporary:
        np.savez(temporary, descriptors=descriptors, fingerprint=np.array(fingerprint), **arrays)


def read_blocks(folder: Path, fingerprint: str) -> pd.DataFrame:
    """Read the tables of all blocks. Blocks that are damaged or of another model are deleted.

    Args:
        folder: The folder of the blocks.
        fingerprint: The fingerprint of the model.

    Returns:
        KEY_COLUMNS, CONTENT_COLUMNS and PLACE_COLUMNS.

    Raises:
        UserError: If the system refuses to read a block. It may be intact, so it is not deleted.
    """
    tables = [make_table({}, KEY_COLUMNS + CONTENT_COLUMNS + PLACE_COLUMNS)]
    for file in sorted(folder.glob("*.npz")):
        try:
            arrays = read_arrays(file)
            if not file.stem.isdigit() or str(arrays["fingerprint"]) != fingerprint:
                raise ValueError
            rows = pd.DataFrame({name: arrays[name] for name in [*KEY_COLUMNS, *CONTENT_COLUMNS, "why"]})
            has_descriptor = (rows["why"] == "").to_numpy()
            if len(arrays["descriptors"]) != has_descriptor.sum():
                raise ValueError
        except (OSError, ValueError, KeyError) as error:
            _raise_if_refused(error, file)
            file.unlink(missing_ok=True)
            continue
        rows["block"], rows["row"] = int(file.stem), np.where(has_descriptor, has_descriptor.cumsum() - 1, -1)
        tables.append(make_table(rows, KEY_COLUMNS + CONTENT_COLUMNS + PLACE_COLUMNS))
    return pd.concat(tables, ignore_index=True)


def read_version(version: Path | None, fingerprint: str) -> pd.DataFrame:
    """Read the records of a version.

    Args:
        version: The folder of the version, if there is one.
        fingerprint: The fingerprint of the model.

    Returns:
        The records with PLACE_COLUMNS. The table is empty if the version is damaged or of another model.

    Raises:
        UserError: If the system refuses to read the version. It may be intact.
    """
    columns = [*KEY_COLUMNS, *LABEL_COLUMNS, "source", *CONTENT_COLUMNS, *PLACE_COLUMNS]
    try:
        if version is None or read_json(version / MODEL)["fingerprint"] != fingerprint:
            return make_table({}, columns)
        records = read_records(version)
        map_descriptors(version, len(records))
    except (OSError, ValueError) as error:
        _raise_if_refused(error, version)
        return make_table({}, columns)
    return make_table(records.assign(block=CURRENT_VERSION, row=np.arange(len(records)), why=""), columns)


def write_version(gallery: Path, old: Path | None, table: pd.DataFrame, model: dict) -> None:
    """Write the next version of a gallery, and delete older versions.

    Descriptors are copied in pieces, so that they are never all in memory.

    Args:
        gallery: The folder of the gallery.
        old: The folder of the present version, if there is one.
        table: The records with PLACE_COLUMNS.
        model: The content of model.json.
    """
    folder = gallery / "versions"
    temporary = folder / f"{int(old.name) + 1 if old else 1:06d}.new"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        with name_in_errors(temporary.with_suffix("")):
            _write_files(temporary, gallery, old, table, model)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)  # a full disk needs the space
        raise
    os.replace(temporary, temporary.with_suffix(""))
    for path in folder.iterdir():
        if path != temporary.with_suffix("") and not path.name.startswith(DELETED):
            with suppress(OSError):  # Windows keeps a folder whose files are mapped
                delete_folder(path)  # a reader never sees a part of the version


def _write_files(folder: Path, gallery: Path, old: Path | None, table: pd.DataFrame, model: dict) -> None:
    """Write the files of a version into its folder."""
    shape = len(table), model["descriptor"]
    if len(table):
        descriptors = np.lib.format.open_memmap(folder / DESCRIPTORS, mode="w+", dtype=np.float32, shape=shape)
        allocate(folder / DESCRIPTORS)
        for block, rows in table.reset_index(drop=True).groupby("block"):
            source = _descriptors(gallery, old, int(block))
            for start in range(0, len(rows), ROWS_PER_COPY):
                piece = rows.iloc[start : start + ROWS_PER_COPY]
                descriptors[piece.index.to_numpy()] = source[piece["row"].to_numpy()]
        descriptors.flush()
        del descriptors
    else:
        np.save(folder / DESCRIPTORS, np.empty(shape, np.float32))
    table[[*KEY_COLUMNS, *LABEL_COLUMNS, "source", *CONTENT_COLUMNS]].to_parquet(folder / RECORDS, index=False)
    write_json(folder / MODEL, model | {"distractor": DISTRACTOR})


def _raise_if_refused(error: Exception, path: Path | None) -> None:
    """Raise UserError if the system refused to read a file, e.g. for lack of permission or of file handles.

    The error of a damaged file has no errno, or the errno of an invalid position in the file.
    """
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL, errno.ENOENT):
        raise UserError(f"{path} cannot be read: {error.strerror}. Nothing was lost. Try again.") from None


def _descriptors(gallery: Path, old: Path | None, block: int) -> np.ndarray:
    if block == CURRENT_VERSION:
        assert old is not None, "rows of a missing version"
        return np.load(old / DESCRIPTORS, mmap_mode="r")
    with np.load(gallery / "blocks" / f"{block:06d}.npz", allow_pickle=False) as arrays:
        return arrays["descriptors"]
