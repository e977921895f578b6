"""Descriptors on disk: a folder with `descriptors.npy` (N, D) and `records.parquet`, one row per descriptor.

`descriptors.npy` is mapped into memory. Arrays without records and the .npz files of earlier versions can be read too.
"""

import errno
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.array_files import map_array, read_arrays
from core.atomic_files import name_in_errors, replace_file
from core.data.git_lfs import refuse_pointers
from core.errors import UserError

DESCRIPTORS, RECORDS = "descriptors.npy", "records.parquet"
# Names of the columns -> names of the arrays in a .npz file.
COLUMNS = {"path": "paths", "identity": "identities", "camera": "cameras", "time": "times"}
NPZ = ".npz"
MAX_ATTEMPTS = 20  # to read or to replace a folder that other processes replace
RETRY_INTERVAL_S = 0.01  # between attempts to read; another process may need the processor

Columns = Mapping[str, np.ndarray]  # name of each of COLUMNS -> values (N,)


def is_descriptor_folder(path: Path) -> bool:
    """Return whether a path is a folder with descriptors."""
    return (path / DESCRIPTORS).exists()


def is_array(path: Path) -> bool:
    """Return whether a path is a .npy file, an array without records."""
    return path.suffix == ".npy" and not path.is_dir()


def check_output(output: Path) -> None:
    """Check that writing descriptors to `output` replaces nothing but descriptors.

    Raises:
        UserError: If `output` is another file, or a folder with other files.
    """
    try:
        others = set(os.listdir(output)) - {DESCRIPTORS, RECORDS}
    except FileNotFoundError:
        return
    except NotADirectoryError:
        if output.suffix != NPZ:
            raise UserError(f"{output} is a file. Use a folder for the descriptors.") from None
        return
    if others:
        raise UserError(f"{output} contains other files, e.g. {min(others)}. Use a new folder for the descriptors.")


def write_folder(folder: Path, descriptors: np.ndarray, records: Columns) -> None:
    """Write descriptors with their records.

    The folder is replaced as a whole, so that a reader gets either the old or the new content.

    Args:
        folder: The folder to write or to replace.
        descriptors: (N, D).
        records: The columns of the records, (N,) each.

    Raises:
        UserError: If the folder contains other files.
    """
    import pandas as pd  # imported late: it takes half a second, and a list of galleries does not need it

    check_output(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with name_in_errors(folder), TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
        new = Path(temporary, "new")
        new.mkdir()
        np.save(new / DESCRIPTORS, descriptors, allow_pickle=False)
        texts = {name: _utf8_or_bytes(records[name]) for name in ("path", "identity")}
        pd.DataFrame({**records, **texts}).to_parquet(new / RECORDS, index=False)
        _replace_folder(new, folder, Path(temporary))


def _replace_folder(new: Path, folder: Path, temporary: Path) -> None:
    """Rename a folder to the name of one that may exist, which other processes may replace at the same time."""
    for attempt in range(MAX_ATTEMPTS):
        with suppress(FileNotFoundError):  # there is none, or another process is replacing it
            os.replace(folder, temporary / f"old{attempt}")
        try:
            os.replace(new, folder)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or attempt == MAX_ATTEMPTS - 1:
                raise  # else another process was faster


def read_folder(folder: Path) -> tuple[np.ndarray, Columns]:
    """Read a folder of `write_folder`.

    Returns:
        The mapped descriptors (N, D) and the records.

    Raises:
        OSError, ValueError, KeyError, TypeError: If the folder is damaged or is something else.
    """
    for _ in range(MAX_ATTEMPTS):
        with suppress(FileNotFoundError):  # another process is replacing the folder
            before = folder.stat().st_ino
            content = _read_folder(folder)
            if folder.stat().st_ino == before:
                return content
        time.sleep(RETRY_INTERVAL_S)
    return _read_folder(folder)


def map_descriptors(folder: Path, count: int) -> np.ndarray:
    """Map the descriptors of a folder whose table has `count` rows.

    Raises:
        OSError, ValueError: If the array is damaged or has another number of rows.
    """
    descriptors = _map_array(folder / DESCRIPTORS)
    if len(descriptors) != count:
        raise ValueError(f"{DESCRIPTORS} has {len(descriptors):,} rows and {RECORDS} has {count:,}")
    return descriptors


def read_array(file: Path) -> np.ndarray:
    """Read a .npy file as float32 (N, D).

    Raises:
        UserError: If the file is something else.
    """
    try:
        rows = np.array(_map_array(file), np.float32)
        if not np.isfinite(rows).all():
            raise ValueError("it has infinite values or values that are not numbers")
        return rows
    except (OSError, ValueError) as error:
        refuse_pointers(file, expected="the array")
        raise UserError(f"{file} is not an array of descriptors: {error}.") from None


def write_npz(file: Path, descriptors: np.ndarray, records: Columns) -> None:
    """Write descriptors and records into one file, which can only be read as a whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays = {COLUMNS[name]: records[name] for name in COLUMNS} | {"paths": records["path"].astype(str)}
    with replace_file(file) as temporary:
        np.savez(temporary, allow_pickle=False, descriptors=descriptors, **arrays)


def read_npz(file: Path) -> tuple[np.ndarray, Columns]:
    """Read a file of `write_npz`.

    Returns:
        The descriptors (N, D) and the records.

    Raises:
        OSError, ValueError, KeyError: If the file is damaged or is something else.
    """
    arrays = read_arrays(file)
    count = len(arrays["descriptors"])
    arrays.setdefault("times", np.full(count, np.nan))  # files of the first versions have none
    for key in COLUMNS.values():
        if arrays[key].shape != (count,):  # before numbers become texts, which take 32 times the memory
            raise ValueError(f"it has {count} descriptors and {key} of the shape {arrays[key].shape}")
    return arrays["descriptors"], {name: arrays[key] for name, key in COLUMNS.items()}


def _read_folder(folder: Path) -> tuple[np.ndarray, Columns]:
    import pandas as pd

    descriptors = map_descriptors(folder, count_rows(folder / RECORDS))  # before the table, which may claim any size
    table = pd.read_parquet(folder / RECORDS)
    records = {name: table[name].to_numpy() for name in COLUMNS}
    texts = {name: np.array([os.fsdecode(text) for text in records[name]], object) for name in ("path", "identity")}
    return descriptors, records | texts


def count_rows(table: Path) -> int:
    """Return the number of rows of a Parquet file, without reading them."""
    import pyarrow.parquet as pq

    return pq.read_metadata(table).num_rows


def _map_array(file: Path) -> np.ndarray:
    array = map_array(file)
    if array.ndim != 2 or array.dtype.kind != "f" or not array.shape[1]:
        raise ValueError(f"expected floating-point numbers (N, D), got {array.dtype} {array.shape}")
    return array


def _utf8_or_bytes(texts: Iterable[str]) -> list[str] | list[bytes]:
    """Return texts that Parquet can store: UTF-8, or bytes if a file name is not UTF-8."""
    texts = [str(text) for text in texts]
    try:
        "".join(texts).encode()
        return texts
    except UnicodeEncodeError:
        return [os.fsencode(text) for text in texts]
