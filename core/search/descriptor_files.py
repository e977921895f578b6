"""Descriptors on disk: a folder of `descriptors.npy` and of `records.parquet`, which has a row for each of them."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import UserError

DESCRIPTORS, RECORDS = "descriptors.npy", "records.parquet"
MIN_MAPPED_BYTES = 2**26  # arrays from this size on stay on disk, mapped into memory; smaller ones are read


def write_descriptors(folder: Path, descriptors: np.ndarray, records: pd.DataFrame) -> None:
    """Write descriptors (N, D) and their N records as one folder, in place of one that was written before.

    A reader sees the old folder or the new one, never half of it. Raises UserError if the path is something else.
    """
    if folder.exists() and not (folder / DESCRIPTORS).exists() and (folder.is_file() or any(folder.iterdir())):
        raise UserError(f"{folder} is not a folder of descriptors and is not overwritten; give a new name.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    new, old = (folder.with_name(f".{os.getpid()}.{word}.{folder.name}") for word in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    np.save(new / DESCRIPTORS, descriptors, allow_pickle=False)
    records.to_parquet(new / RECORDS, index=False)
    if folder.exists():
        os.replace(folder, old)
    os.replace(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def read_descriptors_folder(folder: Path) -> tuple[np.ndarray, pd.DataFrame]:
    """Descriptors (N, D) and their N records; large arrays stay on disk. Raises UserError if they are damaged."""
    try:
        file = folder / DESCRIPTORS
        mapped = file.stat().st_size >= MIN_MAPPED_BYTES
        descriptors = np.load(file, mmap_mode="r" if mapped else None, allow_pickle=False)
        records = pd.read_parquet(folder / RECORDS)
    except (OSError, ValueError, EOFError) as error:  # pyarrow's errors are among them
        raise UserError(f"{folder} is not a folder of descriptors made by `python -m core embed`: {error}.") from None
    if len(records) != len(descriptors):
        raise UserError(f"{folder} is damaged: it has {len(descriptors):,} descriptors and {len(records):,} records.")
    return descriptors, records
