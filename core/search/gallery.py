"""The gallery: descriptors with their records, and exact search in memory."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeGuard

import numpy as np
import pandas as pd

from core.data.datasets import read_dataset
from core.data.git_lfs import refuse_pointers
from core.data.loading import OnError
from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.inference.model import Model
from core.search.descriptor_files import (
    COLUMNS,
    DESCRIPTORS,
    NPZ,
    RECORDS,
    is_array,
    read_array,
    read_folder,
    read_npz,
    write_folder,
    write_npz,
)
from core.search.exact import compute_scores, find_best, find_nearest_of_each
from core.search.filters import choose
from core.search.nearest_index import MIN_VALUES_FOR_INT8, NearestIndex
from core.search.probe_descriptor import check_probe, mean_descriptor
from core.search.ranks import ranks_of
from core.search.timestamps import to_seconds


class Gallery:
    """Descriptors with their paths, identities, cameras and times.

    Arrays of the right type are not copied, so that descriptors mapped from a file stay on disk.

    Args:
        descriptors: Unit descriptors (G, D), float32 or float16.
        paths: The paths of the G images.
        identities: The identities, "" if unknown.
        cameras: The cameras, 0 if unknown.
        times: The times, in seconds since 1970 or as ISO 8601 text; NaN, None or "" if unknown.

    Raises:
        UserError: If the lengths differ, or if the gallery is empty.
    """

    def __init__(
        self,
        descriptors: np.ndarray,
        paths: Sequence[str | os.PathLike] | np.ndarray,
        identities: Sequence[str] | np.ndarray | None = None,
        cameras: Sequence[int] | np.ndarray | None = None,
        times: Sequence[float | str | None] | np.ndarray | None = None,
    ):
        half = getattr(descriptors, "dtype", None) == np.float16
        self.descriptors = np.ascontiguousarray(descriptors, dtype=np.float16 if half else np.float32)
        # An object array: in an array of fixed-width text, one long path would widen all.
        self.paths: np.ndarray = paths if _is_text(paths) else np.array([os.fspath(one) for one in paths], object)
        count = len(self.paths)
        self.identities = np.full(count, "") if identities is None else np.asarray(identities, dtype=str)
        self.cameras = np.full(count, UNKNOWN_CAMERA) if cameras is None else np.asarray(cameras)
        self.cameras = self.cameras.astype(np.int32, copy=False)
        self.times = np.full(count, np.nan) if times is None else to_seconds(times)
        found = (self.descriptors.shape, count, len(self.identities), len(self.cameras), len(self.times))
        is_flat = all(labels.ndim == 1 for labels in (self.paths, self.identities, self.cameras, self.times))
        if self.descriptors.ndim != 2 or not is_flat or {len(self.descriptors), *found[1:]} != {count}:
            raise UserError(
                f"A gallery needs as many descriptors as paths, identities, cameras and times; got {found}."
            )
        if not count:
            raise UserError("The gallery is empty. Use a folder with at least one readable image.")
        self._has_times = bool(np.isfinite(self.times).any())
        self._rows = self.descriptors  # their scalar product with a prepared probe is the score
        self._index = NearestIndex(self._rows)

    @classmethod
    def from_records(cls, descriptors: np.ndarray, records: Sequence[Record]) -> "Gallery":
        """Create a gallery from descriptors (G, D) and their records."""
        columns = ([getattr(record, name) for record in records] for name in ("path", "identity", "camera", "time"))
        return cls(descriptors, *columns)

    @classmethod
    def from_folder(
        cls,
        folder: str | os.PathLike,
        model: Model,
        on_error: OnError = lambda source, why: None,
        on_progress: Callable[[int], None] = lambda count: None,
    ) -> "Gallery":
        """Describe the images of a folder: the gallery of a data set, or all images of another folder.

        Args:
            folder: The folder.
            model: The model.
            on_error: Called with each image that cannot be read, and the reason.
            on_progress: Called with the number of images described since the last call.
        """
        from core.search.point_gallery import for_model  # its gallery is derived from this one

        described = model.describe_records(read_dataset(folder).searchable, on_error=on_error, on_progress=on_progress)
        return for_model(cls.from_records(*described), model)

    def __len__(self) -> int:
        return len(self.paths)

    def find(self, paths: Iterable[str]) -> np.ndarray:
        """Return the positions of images with these paths; -1 for a path that is not in the gallery."""
        return self._positions.get_indexer(paths)

    @cached_property
    def _positions(self) -> pd.Index:
        return pd.Index(self.paths)

    def search(
        self,
        descriptor: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probe: Record | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
        also: np.ndarray | None = None,
    ) -> pd.DataFrame:
        """Rank the gallery for one probe.

        Args:
            descriptor: The descriptor of the probe, (D,), or the descriptors of several images of the person, (N, D),
                which are averaged.
            top: The number of results.
            cameras: Only images from these cameras.
            probe: The record of the probe. Its own file is excluded, and the same-camera rule applies.
            identities: Only images of these identities.
            between: Only images taken from the first to the last time; None for an open end.
            also: (G,) bool. Images where it is true are added after the first `top` results, with their ranks.

        Returns:
            Columns rank, score (cosine similarity), path, identity, camera, and time if any time is known.

        Raises:
            UserError: If the descriptor is of another length, or holds NaN.
        """
        descriptor = self._prepare(descriptor)
        keep = choose(cameras, identities, between, probe).mask(self.paths, self.identities, self.cameras, self.times)
        if also is None or not also.any():
            return self.table(*self._index.find(descriptor, top, keep))
        positions = np.arange(len(self)) if keep is None else np.flatnonzero(keep)
        scores = compute_scores(self._rows, descriptor, None if keep is None else positions)
        first = find_best(scores, top)
        more = np.setdiff1d(np.flatnonzero(also[positions]), first)
        ranks = ranks_of(scores, more)
        more, ranks = more[np.argsort(ranks)], np.sort(ranks)
        rows = np.concatenate([first, more])
        return self.table(positions[rows], scores[rows]).assign(rank=[*range(1, len(first) + 1), *ranks])

    def count(
        self,
        cameras: Iterable[int] | None = None,
        probe: Record | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> int:
        """Count the images that `search` ranks with these filters."""
        keep = choose(cameras, identities, between, probe).mask(self.paths, self.identities, self.cameras, self.times)
        return len(self) if keep is None else int(np.count_nonzero(keep))

    def search_each(
        self,
        descriptors: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probes: Sequence[Record] | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> pd.DataFrame:
        """Rank the gallery for many probes.

        Args:
            descriptors: The descriptors of the probes, (Q, D).
            top: The number of results of each probe.
            cameras: Only images from these cameras.
            probes: The records of the probes, for the same-camera rule.
            identities: Only images of these identities.
            between: Only images taken from the first to the last time; None for an open end.

        Returns:
            The tables of `search`, one below the other, with a first column `probe` from 0 to Q - 1.

        Raises:
            UserError: If a descriptor is of another length or holds NaN, or if the number of records differs.
        """
        descriptors = np.array([self._prepare(one) for one in descriptors])
        if probes is not None and len(probes) != len(descriptors):
            raise UserError(f"Each of {len(descriptors)} descriptors needs a record; got {len(probes)}.")
        labels = self.paths, self.identities, self.cameras, self.times
        shared = choose(cameras, identities, between)

        def keep(number: int) -> np.ndarray | None:
            return replace(shared, probe=probes[number] if probes else None).mask(*labels)

        found = find_nearest_of_each(self._rows, descriptors, top, keep)
        tables = [self.table(*results).assign(probe=number) for number, results in enumerate(found)]
        table = pd.concat(tables or [self.table(np.empty(0, int), np.empty(0)).assign(probe=0)], ignore_index=True)
        return table[["probe", *table.columns.drop("probe")]]

    def _prepare(self, descriptor: np.ndarray) -> np.ndarray:
        """Average the descriptors of a probe, and check the result -> the vector that is multiplied with `_rows`."""
        return check_probe(mean_descriptor(descriptor), self.descriptors.shape[1])

    def table(self, positions: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
        """Create the table that `search` returns.

        Args:
            positions: (K,) gallery positions of the results, in descending order of the scores.
            scores: (K,) scores.
        """
        columns = {
            "rank": np.arange(1, len(positions) + 1),
            "score": scores,
            "path": pd.Series(self.paths[positions], dtype=object),  # pandas' text type requires UTF-8
            "identity": self.identities[positions],
            "camera": self.cameras[positions],
        }
        return pd.DataFrame(columns | ({"time": self.times[positions]} if self._has_times else {}))

    def save(self, output: Path, root: Path | None = None, half: bool = False) -> None:
        """Write a folder with `descriptors.npy` and `records.parquet`, or a .npz file.

        Args:
            output: The folder, or the file if its name ends in .npz.
            root: Paths are written relative to this folder.
            half: Whether descriptors are written as float16.

        Raises:
            UserError: If the folder contains other files.
        """
        paths = self.paths
        if root is not None:
            paths = np.array([Path(path).relative_to(root).as_posix() for path in paths], dtype=object)
        records = {"path": paths, "identity": self.identities, "camera": self.cameras, "time": self.times}
        write = write_npz if output.suffix == NPZ else write_folder
        write(output, self.descriptors.astype(np.float16) if half else self.descriptors, records)

    @classmethod
    def open(cls, source: Path, root: Path | None = None) -> "Gallery":
        """Open a saved gallery. The descriptors of a folder are mapped, not read.

        Args:
            source: A folder or .npz file that `save` has written; or a .npy array, whose rows are scaled to unit length
                and whose paths are the row numbers.
            root: The folder that the paths are relative to.

        Raises:
            UserError: If the source is something else or is damaged.
        """
        if is_array(source):
            rows = read_array(source)
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            return cls(rows / np.maximum(lengths, 1e-12), [str(number) for number in range(len(rows))])
        try:
            descriptors, records = read_folder(source) if source.is_dir() else read_npz(source)
            if descriptors.size < MIN_VALUES_FOR_INT8:
                descriptors = descriptors.astype(np.float32, copy=False)  # float16 only slows small galleries down
            path, *labels = (records[name] for name in COLUMNS)
            return cls(descriptors, path if root is None else [root / name for name in path], *labels)
        except Exception as error:  # pyarrow and numpy raise many kinds of error on damaged files
            refuse_pointers(source, source / DESCRIPTORS, source / RECORDS, expected="the gallery")
            why = str(error).rstrip(".")
            raise UserError(f"{source} is not a gallery written by `python -m core embed`: {why}.") from None


def _is_text(values) -> TypeGuard[np.ndarray]:
    return isinstance(values, np.ndarray) and values.dtype.kind == "U"


def read_descriptors(source: Path) -> np.ndarray:
    """Read the descriptors (N, D) of a saved gallery or of a .npy array, without scaling.

    Raises:
        UserError: If the source is neither.
    """
    return read_array(source) if is_array(source) else Gallery.open(source).descriptors
