"""Descriptors as points on a map: PCA at once, UMAP with patience, new descriptors placed on a map that is there."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from core.errors import UserError

METHODS = ("pca", "umap")
MIN_DISTANCE = 1e-6  # a nearest neighbour closer than this is the same point

OnProgress = Callable[[float], None]  # hears the share that is done, 0..1


class Projector:
    """Descriptors (N, D) -> coordinates (N, 2) or (N, 3), after scikit-learn's manner.

    `pca` keeps the directions of greatest variance; `umap` (McInnes et al., 2018) keeps neighbourhoods, of `neighbours`
    points each, by cosine distance, and lets points come as close as `min_distance`. The seed fixes UMAP's result on
    one kind of machine; on another it may look different.

    Attributes, once fitted: `coordinates` (N, dimensions) of the points that it was fitted to.
    """

    def __init__(
        self, method: str = "umap", dimensions: int = 2, neighbours: int = 15, min_distance: float = 0.5, seed: int = 0
    ):
        if method not in METHODS:
            raise UserError(f"A map is made by {' or '.join(METHODS)}, not {method!r}.")
        if dimensions not in (2, 3):
            raise UserError(f"A map has 2 or 3 dimensions, not {dimensions}.")
        if neighbours < 2 or not 0 <= min_distance < 1 or seed < 0:
            raise UserError(
                "UMAP takes 2 neighbours or more, a least distance from 0 to below 1, and a seed of 0 or "
                f"more, not {neighbours}, {min_distance} and {seed}."
            )
        self.method, self.dimensions, self.seed = method, dimensions, seed
        self.neighbours, self.min_distance = neighbours, min_distance

    @property
    def settings(self) -> dict[str, int | float | str]:
        """All that the coordinates depend on beside the descriptors."""
        usual: dict[str, int | float | str] = {"method": self.method, "dimensions": self.dimensions}
        if self.method == "pca":
            return usual
        return usual | {"neighbours": self.neighbours, "min_distance": self.min_distance, "seed": self.seed}

    def fit(
        self, descriptors: np.ndarray, progress: OnProgress | None = None, start: np.ndarray | None = None
    ) -> "Projector":
        """`start`: coordinates (N, dimensions) that UMAP shall begin with. Raises UserError as `check` does."""
        descriptors = self.check(descriptors)
        self.descriptors = descriptors
        self.mean, self.axes = principal_axes(descriptors, self.dimensions)
        if self.method == "pca":
            self.coordinates = self._on_axes(descriptors)
        else:
            self.coordinates = self._fit_umap(descriptors, progress, start)
        return self

    def check(self, descriptors: np.ndarray) -> np.ndarray:
        """Descriptors as float32 (N, D), if they can be put on a map.

        Raises UserError for numbers that are none, and for too few or equal points if UMAP shall tell neighbours.
        """
        descriptors = _checked(descriptors)
        if self.method == "umap" and len(descriptors) <= self.neighbours:
            raise UserError(
                f"UMAP with {self.neighbours} neighbours needs more than {self.neighbours} images, and "
                f"there are {len(descriptors)}: ask for fewer neighbours, or take PCA."
            )
        if self.method == "umap" and np.ptp(descriptors, axis=0).max() < MIN_DISTANCE:
            raise UserError("All descriptors are the same: UMAP has no neighbourhoods to keep.")
        return descriptors

    def fit_transform(self, descriptors: np.ndarray) -> np.ndarray:
        return self.fit(descriptors).coordinates

    def transform(self, descriptors: np.ndarray) -> np.ndarray:
        """(M, D) -> (M, dimensions) on the map that is there, which does not change.

        By PCA exactly. By UMAP each descriptor comes to the weighted mean of its nearest points' places: the weights
        fall with the distance beyond the nearest one as in UMAP's own graph. This is where UMAP's `transform` starts
        from; it needs no fitted object, so a map can be kept without pickle.
        """
        descriptors = _checked(descriptors)
        if descriptors.shape[1] != len(self.mean):
            raise UserError(
                f"The map is of descriptors with {len(self.mean)} numbers, not {descriptors.shape[1]}: "
                "describe with the same model."
            )
        if self.method == "pca":
            return self._on_axes(descriptors)
        if not len(self.descriptors):
            raise UserError("The map was read without the descriptors it is of, so there are no neighbours to go by.")
        count = min(self.neighbours, len(self.descriptors))
        distances = 1 - _unit(descriptors) @ _unit(self.descriptors).T
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        distances = np.take_along_axis(distances, nearest, axis=1)
        beyond = distances - distances.min(1, keepdims=True)
        weights = np.exp(-beyond / np.maximum(beyond.mean(1, keepdims=True), MIN_DISTANCE))
        weights /= weights.sum(1, keepdims=True)
        return np.einsum("mk,mkd->md", weights, self.coordinates[nearest]).astype(np.float32)

    def save(self, file: Path) -> None:
        """Write as .npz, in one step; without the descriptors, which are kept elsewhere."""
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{os.getpid()}.{file.name}.npz")
        settings: dict[str, Any] = {
            "method": self.method,
            "dimensions": self.dimensions,
            "neighbours": self.neighbours,
            "min_distance": self.min_distance,
            "seed": self.seed,
        }
        np.savez(temporary, coordinates=self.coordinates, mean=self.mean, axes=self.axes, **settings)
        os.replace(temporary, file)

    @classmethod
    def open(cls, file: Path, descriptors: np.ndarray | None = None) -> "Projector":
        """Read what `save` wrote; with the descriptors that it was fitted to it can place new ones by UMAP too.

        Raises UserError if the file is something else, or of other descriptors.
        """
        try:
            with np.load(file, allow_pickle=False) as arrays:
                made = cls(
                    str(arrays["method"]),
                    int(arrays["dimensions"]),
                    int(arrays["neighbours"]),
                    float(arrays["min_distance"]),
                    int(arrays["seed"]),
                )
                made.coordinates, made.mean, made.axes = arrays["coordinates"], arrays["mean"], arrays["axes"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise UserError(f"{file} is not a map made by `python -m core project`: {error}.") from None
        made.descriptors = np.empty((0, len(made.mean)), np.float32) if descriptors is None else _checked(descriptors)
        if len(made.descriptors) not in (0, len(made.coordinates)):
            raise UserError(f"{file} is a map of {len(made.coordinates)} descriptors, not of {len(made.descriptors)}.")
        return made

    def _on_axes(self, descriptors: np.ndarray) -> np.ndarray:
        return ((descriptors - self.mean) @ self.axes).astype(np.float32)

    def _fit_umap(self, descriptors: np.ndarray, progress: OnProgress | None, start: np.ndarray | None) -> np.ndarray:
        from umap import UMAP  # compiles itself for seconds: only where it is used

        heard = {"verbose": True, "tqdm_kwds": {"file": _Percentages(progress), "mininterval": 0.2}} if progress else {}
        mapper = UMAP(
            n_components=self.dimensions,
            n_neighbors=self.neighbours,
            min_dist=self.min_distance,
            metric="cosine",
            random_state=self.seed,
            n_jobs=1,
            init="spectral" if start is None else start,
            **heard,
        )
        return mapper.fit_transform(_unit(descriptors)).astype(np.float32)


def principal_axes(descriptors: np.ndarray, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, D) -> mean (D,) and orthonormal directions (D, dimensions) of greatest variance, greatest first.

    Each points to where its greatest entry is positive, so that a map does not come out mirrored. Directions without
    variance are zero.
    """
    mean = descriptors.mean(0)
    centred = (descriptors - mean).astype(np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))  # smallest first
    count = min(dimensions, len(variances))
    kept = axes.T[::-1][:count] * (variances[::-1][:count, None] > MIN_DISTANCE**2)
    kept = np.concatenate([kept, np.zeros((dimensions - count, descriptors.shape[1]))])
    signs = np.sign(kept[np.arange(dimensions), np.abs(kept).argmax(1)])
    return mean, (kept * np.where(signs == 0, 1, signs)[:, None]).T.astype(np.float32)


def align_map(coordinates: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(N, d), (N, d) -> the former, centred, turned and mirrored so that its points lie as near to the latter's as they
    can (orthogonal Procrustes), and of the latter's spread: for maps of the same points that are shown in turn.
    """
    mine, other = coordinates - coordinates.mean(0), reference - reference.mean(0)
    left, _, right = np.linalg.svd(mine.T @ other)
    spread = np.linalg.norm(other) / max(float(np.linalg.norm(mine)), MIN_DISTANCE)
    return (mine @ left @ right * spread).astype(np.float32)


def _checked(descriptors: np.ndarray) -> np.ndarray:
    descriptors = np.atleast_2d(np.asarray(descriptors, dtype=np.float32))
    if not len(descriptors):
        raise UserError("There are no descriptors to put on a map.")
    if broken := int((~np.isfinite(descriptors)).any(1).sum()):
        raise UserError(
            f"{broken} of {len(descriptors)} descriptors hold values that are no numbers: describe the images again."
        )
    return descriptors


def _unit(descriptors: np.ndarray) -> np.ndarray:
    return descriptors / np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-12)


class _Percentages(io.TextIOBase):
    """What UMAP's progress bar writes, heard as shares."""

    def __init__(self, progress: OnProgress):
        self.progress = progress

    def write(self, text: str) -> int:
        if found := re.search(r"(\d+)%", text):
            self.progress(int(found[1]) / 100)
        return len(text)
