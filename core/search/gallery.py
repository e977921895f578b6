"""The gallery: descriptors with their records, searched exactly and in memory."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from core.checkpoint import find_checkpoint, fingerprint
from core.data.layout import read_dataset
from core.data.reading import Refused
from core.data.records import UNKNOWN_CAMERA, Record
from core.describe import Model
from core.errors import UserError
from core.evaluation.scoring import same_camera
from core.images import content
from core.search.times import seconds

GALLERIES = "galleries"  # folder of descriptors, in the cache folder and in a checkpoint


class Gallery:
    """Unit descriptors (G, D) with a path, an identity ("" if unknown), a camera (0 if unknown) and a time each.

    Descriptors of type float32 or float16 are kept as they are, so that an array mapped from a file stays there; so are
    paths and identities that are arrays of texts already. Times are seconds since 1970 or ISO 8601, NaN if unknown.
    """

    def __init__(
        self,
        descriptors: np.ndarray,
        paths: Sequence[str | os.PathLike],
        identities: Sequence[str] | None = None,
        cameras: Sequence[int] | None = None,
        times: Sequence[float | str | None] | None = None,
    ):
        half = getattr(descriptors, "dtype", None) == np.float16
        self.descriptors = np.ascontiguousarray(descriptors, dtype=np.float16 if half else np.float32)
        # objects: one long path would make an array of fixed width as wide for all
        self.paths = paths if _is_text(paths) else np.array([os.fspath(path) for path in paths], dtype=object)
        count = len(self.paths)
        self.identities = np.full(count, "") if identities is None else np.asarray(identities, dtype=str)
        self.cameras = np.full(count, UNKNOWN_CAMERA) if cameras is None else np.asarray(cameras)
        self.cameras = self.cameras.astype(np.int32, copy=False)
        self.times = np.full(count, np.nan) if times is None else seconds(times)
        found = (self.descriptors.shape, count, len(self.identities), len(self.cameras), len(self.times))
        if self.descriptors.ndim != 2 or {len(self.descriptors), *found[1:]} != {count}:
            raise UserError(
                f"A gallery needs as many descriptors as paths, identities, cameras and times; got {found}."
            )
        if not count:
            raise UserError("The gallery is empty: give a folder with at least one picture that can be read.")

    @classmethod
    def from_records(cls, descriptors: np.ndarray, records: Sequence[Record]) -> "Gallery":
        return cls(descriptors, [r.path for r in records], [r.identity for r in records], [r.camera for r in records])

    @classmethod
    def from_folder(
        cls,
        folder: str | os.PathLike,
        model: Model,
        refused: Refused = lambda source, why: None,
        advance: Callable[[int], None] = lambda count: None,
    ) -> "Gallery":
        """Describe the pictures of a folder: a data set's gallery, or all pictures of any other folder."""
        return cls.from_records(
            *model.describe_records(read_dataset(folder).searchable, refused=refused, advance=advance)
        )

    def __len__(self) -> int:
        return len(self.paths)

    def search(
        self,
        descriptor: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probe: Record | None = None,
    ) -> pd.DataFrame:
        """(D,), or (N, D) for several pictures of one person -> DataFrame of rank, score, path, identity, camera.

        The score is the cosine similarity to the (mean) descriptor. Only `cameras` are searched if they are given.
        With a `probe` record the same-camera rule holds, and the probe's own file is left out. Raises UserError for
        a descriptor of another size.
        """
        descriptor = mean_descriptor(descriptor)
        if descriptor.shape != self.descriptors.shape[1:]:
            raise UserError(f"The gallery's descriptors have {self.descriptors.shape[1]} numbers and the probe's has "
                            f"{descriptor.size}: describe both with the same model.")  # fmt: skip
        keep = np.ones(len(self), bool) if cameras is None else np.isin(self.cameras, list(cameras))
        if probe is not None:
            keep &= ~same_camera(probe, self.identities, self.cameras) & (self.paths != str(probe.path))
        places = np.flatnonzero(keep)
        kept = self.descriptors[places] if len(places) < len(self) else self.descriptors
        scores = kept.astype(np.float32, copy=False) @ descriptor
        order = _best(scores, top)
        best = places[order]
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(best) + 1),
                "score": scores[order],
                "path": pd.Series(self.paths[best], dtype=object),  # of any bytes: pandas' own texts are UTF-8
                "identity": self.identities[best],
                "camera": self.cameras[best],
            }
        )

    def save(self, file: Path, root: Path | None = None, half: bool = False) -> None:
        """Write as .npz: arrays `descriptors`, `paths`, `identities`, `cameras`, `times`.

        Paths are written relative to `root` if it is given; `half` writes descriptors as float16.
        """
        paths = (
            self.paths if root is None else np.array([Path(path).relative_to(root).as_posix() for path in self.paths])
        )
        descriptors = self.descriptors.astype(np.float16) if half else self.descriptors
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{os.getpid()}.{file.name}.npz")
        np.savez(temporary, descriptors=descriptors, paths=paths.astype(str), identities=self.identities,
                 cameras=self.cameras, times=self.times)  # fmt: skip
        os.replace(temporary, file)

    @classmethod
    def open(cls, file: Path, root: Path | None = None) -> "Gallery":
        """Read what `save` wrote. Raises UserError if it is something else."""
        try:
            with np.load(file, allow_pickle=False) as arrays:
                paths = arrays["paths"] if root is None else [root / path for path in arrays["paths"]]
                times = arrays["times"] if "times" in arrays else None
                # small ones are shipped as float16, and read at once
                descriptors = arrays["descriptors"].astype(np.float32, copy=False)
                return cls(descriptors, paths, arrays["identities"], arrays["cameras"], times)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise UserError(f"{file} is not a gallery made by `python -m core embed`: {error}.") from None


def _is_text(values) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind == "U"


def read_descriptors(file: Path) -> np.ndarray:
    """A gallery made by `embed`, or a plain .npy array -> float32 (N, D). Raises UserError if it is neither."""
    if file.suffix != ".npy":
        return Gallery.open(file).descriptors
    try:
        descriptors = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{file} is not an array of descriptors: {error}.") from None
    if descriptors.ndim != 2 or not np.issubdtype(descriptors.dtype, np.floating):
        raise UserError(f"{file} should hold numbers (N, D), not {descriptors.dtype} {descriptors.shape}.")
    return descriptors.astype(np.float32)


def mean_descriptor(descriptors: np.ndarray) -> np.ndarray:
    """(D,) or (N, D) -> (D,) of unit length: several pictures of one person as one probe."""
    mean = np.atleast_2d(np.asarray(descriptors, dtype=np.float32)).mean(0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def cached_gallery(
    folder: str | os.PathLike,
    model: Model,
    checkpoint: Path,
    refused: Refused = lambda source, why: None,
    advance: Callable[[int], None] = lambda count: None,
    probes: bool = False,
) -> Gallery:
    """`Gallery.from_folder`, kept on disk under a name made of the content of the checkpoint and of the pictures.

    It may have come with the checkpoint (`ship_gallery`); otherwise it is looked for, and kept, in the cache folder.
    With `probes` it holds the data set's probes instead of its gallery.
    """
    dataset = read_dataset(folder)
    records = dataset.query if probes else dataset.searchable
    name = gallery_name(records, dataset.root, checkpoint)
    kept = cache_folder() / GALLERIES / name
    for file in (find_checkpoint(checkpoint) / GALLERIES / name, kept):
        with suppress(UserError):  # cut off by a machine that went down: make it again
            if file.exists():
                return Gallery.open(file, dataset.root)
    gallery = Gallery.from_records(*model.describe_records(records, refused=refused, advance=advance))
    with suppress(OSError):  # a cache that cannot be written is made again next time
        gallery.save(kept, dataset.root)
    return gallery


def ship_gallery(folder: str | os.PathLike, model: Model, checkpoint: Path) -> None:
    """Put the descriptors of a folder's gallery and probes, as float16, beside a checkpoint for `cached_gallery`."""
    dataset = read_dataset(folder)
    for records in filter(None, (dataset.searchable, dataset.query)):
        gallery = Gallery.from_records(*model.describe_records(records))
        file = checkpoint / GALLERIES / gallery_name(records, dataset.root, checkpoint)
        gallery.save(file, dataset.root, half=True)


def cache_folder() -> Path:
    """Where computed things are kept: `$XDG_CACHE_HOME/mr-bcnn`, by default `~/.cache/mr-bcnn`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mr-bcnn"


def _best(scores: np.ndarray, top: int) -> np.ndarray:
    """Positions of the `top` highest scores, best first; equal scores keep their order."""
    top = min(top, len(scores))
    if top <= 0:
        return np.empty(0, int)
    threshold = np.partition(scores, len(scores) - top)[len(scores) - top]
    candidates = np.flatnonzero(scores >= threshold)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:top]


def gallery_name(records: Sequence[Record], root: Path, checkpoint: Path) -> str:
    """The file name of descriptors: a hash of what the checkpoint computes and of the pictures with their records."""
    digest = hashlib.blake2b(fingerprint(checkpoint).encode(), digest_size=16)
    for record in records:
        path = record.path.relative_to(root).as_posix()
        digest.update(f"{path}\0{record.identity}\0{record.camera}\0".encode())
        digest.update(content(record.path))
    return f"{digest.hexdigest()}.npz"
