"""Descriptors on disk: a folder of `descriptors.npy` (N, D), mapped into memory, and `records.parquet`, a row for each.

An array alone is read too, and so are the .npz files of earlier versions.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.errors import UserError

DESCRIPTORS, RECORDS = "descriptors.npy", "records.parquet"
COLUMNS = {"path": "paths", "identity": "identities", "camera": "cameras", "time": "times"}  # and their names in a .npz
NPZ = ".npz"

Columns = Mapping[str, np.ndarray]  # each of COLUMNS -> (N,)


def is_descriptor_folder(path: Path) -> bool:
    return (path / DESCRIPTORS).exists()


def is_array(path: Path) -> bool:
    """Whether it is an array without records."""
    return path.suffix == ".npy" and not path.is_dir()


def check_output(output: Path) -> None:
    """Raises UserError where written descriptors would take the place of something else."""
    if output.is_dir():
        if others := {path.name for path in output.iterdir()} - {DESCRIPTORS, RECORDS}:
            raise UserError(f"{output} holds other files, e.g. {min(others)}; give a new folder for the descriptors.")
    elif output.exists() and output.suffix != NPZ:
        raise UserError(f"{output} is a file; give a folder for the descriptors.")


def write_folder(folder: Path, descriptors: np.ndarray, records: Columns) -> None:
    """Write descriptors (N, D) with their records; whoever reads them at the same time gets the old ones or the new.

    Raises UserError where the folder holds something else.
    """
    import pandas as pd  # takes half a second, and a list of galleries needs this module's names alone

    check_output(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
        old, new = Path(temporary, "old"), Path(temporary, "new")
        new.mkdir()
        np.save(new / DESCRIPTORS, descriptors, allow_pickle=False)
        texts = {name: _utf8_or_bytes(records[name]) for name in ("path", "identity")}
        pd.DataFrame({**records, **texts}).to_parquet(new / RECORDS, index=False)
        if folder.exists():
            os.replace(folder, old)
        os.replace(new, folder)


def read_folder(folder: Path) -> tuple[np.ndarray, Columns]:
    """What `write_folder` wrote, the descriptors mapped.

    Raises OSError, ValueError, KeyError or TypeError if it is something else.
    """
    for _ in range(3):
        with suppress(FileNotFoundError):  # a new folder is just taking the place of this one
            before = folder.stat().st_ino
            found = _read_folder(folder)
            if folder.stat().st_ino == before:
                return found
    return _read_folder(folder)


def map_descriptors(folder: Path, count: int) -> np.ndarray:
    """The array of a folder whose table has `count` rows. Raises OSError or ValueError if it is damaged."""
    descriptors = _map_array(folder / DESCRIPTORS)
    if len(descriptors) != count:
        raise ValueError(f"{DESCRIPTORS} has {len(descriptors):,} rows and {RECORDS} has {count:,}")
    return descriptors


def read_array(file: Path) -> np.ndarray:
    """A .npy file -> float32 (N, D). Raises UserError if it is something else."""
    try:
        return np.array(_map_array(file), np.float32)
    except (OSError, ValueError) as error:
        raise UserError(f"{file} is not an array of descriptors: {error}.") from None


def write_npz(file: Path, descriptors: np.ndarray, records: Columns) -> None:
    """All in one file, which has to be read as a whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{os.getpid()}.{file.name}")
    arrays = {COLUMNS[name]: records[name] for name in COLUMNS} | {"paths": records["path"].astype(str)}
    np.savez(temporary, allow_pickle=False, descriptors=descriptors, **arrays)
    os.replace(temporary, file)


def read_npz(file: Path) -> tuple[np.ndarray, Columns]:
    """What `write_npz` wrote. Raises OSError, ValueError, KeyError, EOFError or BadZipFile if it is something else."""
    with np.load(file, allow_pickle=False) as arrays:
        found = dict(arrays)
    found.setdefault("times", np.full(len(found["descriptors"]), np.nan))  # early files have none
    return found["descriptors"], {name: found[key] for name, key in COLUMNS.items()}


def _read_folder(folder: Path) -> tuple[np.ndarray, Columns]:
    import pandas as pd

    table = pd.read_parquet(folder / RECORDS)
    records = {name: table[name].to_numpy() for name in COLUMNS}
    texts = {name: np.array([os.fsdecode(text) for text in records[name]], object) for name in ("path", "identity")}
    return map_descriptors(folder, len(table)), records | texts


def _map_array(file: Path) -> np.ndarray:
    array = np.lib.format.open_memmap(file, mode="r")  # np.load reads other kinds of files as well
    if array.ndim != 2 or array.dtype.kind != "f":
        raise ValueError(f"it should hold numbers (N, D), not {array.dtype} {array.shape}")
    return array


def _utf8_or_bytes(texts: Iterable[str]) -> list[str] | list[bytes]:
    """As Parquet has texts; names of files that are no UTF-8 stay what they are on disk."""
    texts = [str(text) for text in texts]
    try:
        "".join(texts).encode()
        return texts
    except UnicodeEncodeError:
        return [os.fsencode(text) for text in texts]
