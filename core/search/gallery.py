"""The gallery: descriptors with their records, searched exactly and in memory."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeGuard
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from core.data.datasets import read_dataset
from core.data.loading import OnError
from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.inference.model import Model
from core.search.descriptor_files import (
    COLUMNS,
    NPZ,
    is_array,
    read_array,
    read_folder,
    read_npz,
    write_folder,
    write_npz,
)
from core.search.exact import compute_scores, find_best, find_nearest_of_each, possible
from core.search.filters import choose
from core.search.timestamps import to_seconds

if TYPE_CHECKING:
    from core.search.int8_bounds import Codes

MIN_VALUES_FOR_INT8 = 2**24  # numbers from which a gallery is searched by codes: about 33,000 descriptors


class Gallery:
    """Unit descriptors (G, D) with a path, an identity ("" if unknown), a camera (0 if unknown) and a time each.

    Descriptors of type float32 or float16 are kept as they are, so that an array mapped from a file stays there; so are
    paths and identities that are arrays of texts already. Times are seconds since 1970 or ISO 8601, NaN if unknown.
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
        # objects: one long path would make an array of fixed width as wide for all
        self.paths: np.ndarray = (
            paths if _is_text(paths) else np.array([os.fspath(path) for path in paths], dtype=object)
        )
        count = len(self.paths)
        self.identities = np.full(count, "") if identities is None else np.asarray(identities, dtype=str)
        self.cameras = np.full(count, UNKNOWN_CAMERA) if cameras is None else np.asarray(cameras)
        self.cameras = self.cameras.astype(np.int32, copy=False)
        self.times = np.full(count, np.nan) if times is None else to_seconds(times)
        found = (self.descriptors.shape, count, len(self.identities), len(self.cameras), len(self.times))
        if self.descriptors.ndim != 2 or {len(self.descriptors), *found[1:]} != {count}:
            raise UserError(
                f"A gallery needs as many descriptors as paths, identities, cameras and times; got {found}."
            )
        if not count:
            raise UserError("The gallery is empty: give a folder with at least one image that can be read.")
        self._has_times = bool(np.isfinite(self.times).any())
        self._codes: Codes | None = None
        self._lock = Lock()

    @classmethod
    def from_records(cls, descriptors: np.ndarray, records: Sequence[Record]) -> "Gallery":
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
        """Describe the images of a folder: a data set's gallery, or all images of any other folder."""
        return cls.from_records(
            *model.describe_records(read_dataset(folder).searchable, on_error=on_error, on_progress=on_progress)
        )

    def __len__(self) -> int:
        return len(self.paths)

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
        """(D,), or (N, D) for several images of one person -> DataFrame of rank, score, path, identity, camera.

        The score is the cosine similarity to the (mean) descriptor; there is a column `time` if any is known. Only
        `cameras`, `identities` and times `between` two moments (either may be None) are searched if they are given.
        With a `probe` record the same-camera rule holds, and the probe's own file is left out. Rows where `also`, (G,)
        bool, is true follow the `top` at their ranks, which are counted. Raises UserError for a descriptor of another
        size.
        """
        descriptor = check_probe(mean_descriptor(descriptor), self.descriptors.shape[1])
        wanted = choose(cameras, identities, between, probe)
        keep = wanted.mask(self.paths, self.identities, self.cameras, self.times)
        if also is None or not also.any():
            return self.table(*self._nearest(descriptor, top, keep))
        places = np.arange(len(self)) if keep is None else np.flatnonzero(keep)
        scores = compute_scores(self.descriptors, descriptor, None if keep is None else places)
        first = find_best(scores, top)
        more = np.setdiff1d(np.flatnonzero(also[places]), first)
        ranks = ranks_of(scores, more)
        more, ranks = more[np.argsort(ranks)], np.sort(ranks)
        rows = np.concatenate([first, more])
        return self.table(places[rows], scores[rows]).assign(rank=[*range(1, len(first) + 1), *ranks])

    def count(
        self,
        cameras: Iterable[int] | None = None,
        probe: Record | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> int:
        """How many images `search` ranks if it is asked for all."""
        wanted = choose(cameras, identities, between, probe)
        keep = wanted.mask(self.paths, self.identities, self.cameras, self.times)
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
        """(Q, D), each a person of its own -> `search` of each, below one another, with a first column `probe`, 0..Q-1.

        `probes` are records, one each. Raises UserError as `search` does.
        """
        descriptors = np.array([check_probe(mean_descriptor(one), self.descriptors.shape[1]) for one in descriptors])
        if probes is not None and len(probes) != len(descriptors):
            raise UserError(f"Each of {len(descriptors)} descriptors needs a record; got {len(probes)}.")
        labels = self.paths, self.identities, self.cameras, self.times
        shared = choose(cameras, identities, between)

        def keep(number: int) -> np.ndarray | None:
            return replace(shared, probe=probes[number] if probes else None).mask(*labels)

        found = find_nearest_of_each(self.descriptors, descriptors, top, keep)
        tables = [self.table(places, scores).assign(probe=number) for number, (places, scores) in enumerate(found)]
        table = pd.concat(tables or [self.table(np.empty(0, int), np.empty(0)).assign(probe=0)], ignore_index=True)
        return table[["probe", *table.columns.drop("probe")]]

    def table(self, places: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
        """Positions (K,) in the gallery, best first, with their scores -> what `search` returns."""
        columns = {
            "rank": np.arange(1, len(places) + 1),
            "score": scores,
            "path": pd.Series(self.paths[places], dtype=object),  # of any bytes: pandas' own texts are UTF-8
            "identity": self.identities[places],
            "camera": self.cameras[places],
        }
        return pd.DataFrame(columns | ({"time": self.times[places]} if self._has_times else {}))

    def _nearest(self, descriptor: np.ndarray, top: int, keep: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Places and scores of the best; by bounds first where few of many are asked for."""
        kept = len(self) if keep is None else np.count_nonzero(keep)
        if self.descriptors.size >= MIN_VALUES_FOR_INT8 and kept * 8 > len(self) and top * 64 < kept:
            low, high = self._codes_of_rows().bounds(descriptor)
            if keep is not None:
                low[~keep] = -np.inf
            found = possible(low, high, top)
            places: np.ndarray | None = found if keep is None else found[keep[found]]
        else:
            places = None if keep is None else np.flatnonzero(keep)
        scores = compute_scores(self.descriptors, descriptor, places)
        order = find_best(scores, top)
        return order if places is None else places[order], scores[order]

    def _codes_of_rows(self) -> "Codes":
        from core.search.int8_bounds import Codes  # numba takes a second to import, and small galleries need none

        with self._lock:
            self._codes = self._codes or Codes(self.descriptors)
            return self._codes

    def save(self, output: Path, root: Path | None = None, half: bool = False) -> None:
        """Write a folder of `descriptors.npy` and `records.parquet`; a file where the name ends in .npz.

        Paths are written relative to `root` if it is given; `half` writes descriptors as float16. Raises UserError if
        the folder holds something else.
        """
        paths = self.paths
        if root is not None:
            paths = np.array([Path(path).relative_to(root).as_posix() for path in paths], dtype=object)
        records = {"path": paths, "identity": self.identities, "camera": self.cameras, "time": self.times}
        write = write_npz if output.suffix == NPZ else write_folder
        write(output, self.descriptors.astype(np.float16) if half else self.descriptors, records)

    @classmethod
    def open(cls, source: Path, root: Path | None = None) -> "Gallery":
        """Read what `save` wrote, the descriptors of a folder where they lie; or a .npy array, its rows by number.

        Raises UserError if it is something else.
        """
        if is_array(source):
            rows = read_array(source)
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            return cls(rows / np.maximum(lengths, 1e-12), [str(number) for number in range(len(rows))])
        try:
            descriptors, records = read_folder(source) if source.is_dir() else read_npz(source)
            if descriptors.size < MIN_VALUES_FOR_INT8:
                descriptors = descriptors.astype(np.float32, copy=False)  # half precision would only slow it
            path, *labels = (records[name] for name in COLUMNS)
            return cls(descriptors, path if root is None else [root / name for name in path], *labels)
        except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
            why = str(error).rstrip(".")
            raise UserError(f"{source} is not a gallery made by `python -m core embed`: {why}.") from None


def ranks_of(scores: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(K,), rising (N,) -> the ranks (N,) of some places among all, as `best` ranks them; the others are not sorted."""
    scores = np.where(np.isnan(scores), -np.inf, scores)
    levels = np.unique(scores[places])
    passed = np.searchsorted(levels, scores)  # how many levels each score is above
    on_level = scores == np.append(levels, np.nan)[passed]
    equals, others = np.flatnonzero(on_level), passed[~on_level]
    above = np.bincount(others, minlength=len(levels) + 1)[::-1].cumsum()[::-1]  # scores above at least so many levels
    order = np.argsort(-scores[equals], kind="stable")
    ranks = np.empty(len(order), int)
    ranks[order] = np.arange(1, len(order) + 1) + above[passed[equals[order]] + 1]
    return ranks[np.searchsorted(equals, places)]


def _is_text(values) -> TypeGuard[np.ndarray]:
    return isinstance(values, np.ndarray) and values.dtype.kind == "U"


def read_descriptors(source: Path) -> np.ndarray:
    """A gallery made by `embed`, or a .npy array -> (N, D), as they are. Raises UserError if it is neither."""
    return read_array(source) if is_array(source) else Gallery.open(source).descriptors


def mean_descriptor(descriptors: np.ndarray) -> np.ndarray:
    """(D,) or (N, D) -> (D,) of unit length: several images of one person as one probe."""
    mean = np.atleast_2d(np.asarray(descriptors, dtype=np.float32)).mean(0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def check_probe(descriptor: np.ndarray, size: int) -> np.ndarray:
    """The descriptor (D,). Raises UserError if the gallery's are of another size, or it holds what is no number."""
    if descriptor.shape != (size,):
        raise UserError(
            f"The gallery's descriptors have {size} numbers and the probe's has {descriptor.size}: "
            "describe both with the same model."
        )
    if not np.isfinite(descriptor).all():
        raise UserError(
            "The probe's descriptor holds values that are not numbers, so it is like nothing in the gallery."
        )
    return descriptor
