"""Project descriptors to a map with PCA or UMAP, and place new descriptors on an existing map."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.array_files import read_arrays
from core.atomic_files import replace_file
from core.errors import UserError
from core.projection.linear_maps import principal_axes

METHODS = ("pca", "umap")
MAX_SEED = 2**32 - 1  # the largest seed of numpy's RandomState, which UMAP uses
MIN_DISTANCE = 1e-6  # points with smaller distances count as equal

OnProgress = Callable[[float], None]  # called with the share of the work that is done, 0 to 1


class Projector:
    """Projects descriptors (N, D) to coordinates (N, 2) or (N, 3), with the interface of scikit-learn.

    `pca` keeps the directions of largest variance. `umap` keeps the neighbours of each point by cosine distance. The
    seed fixes the result of UMAP on one kind of machine; on another machine it may differ.

    Args:
        method: "pca" or "umap".
        dimensions: Number of dimensions of the map, 2 or 3.
        neighbours: Number of nearest neighbours of each descriptor (UMAP), 2 or more.
        min_distance: Minimum distance of points on the map (UMAP), from 0 to below 1.
        seed: Seed of the random numbers (UMAP), from 0 to MAX_SEED.

    Attributes:
        coordinates: Coordinates of the fitted descriptors, (N, dimensions).

    Raises:
        UserError: An argument is out of its range.

    Source:
        McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection" (2018).
    """

    def __init__(
        self, method: str = "umap", dimensions: int = 2, neighbours: int = 15, min_distance: float = 0.5, seed: int = 0
    ):
        if method not in METHODS:
            raise UserError(f"The method must be {' or '.join(METHODS)}, not {method!r}.")
        if dimensions not in (2, 3):
            raise UserError(f"A map must have 2 or 3 dimensions, not {dimensions}.")
        if neighbours < 2 or not 0 <= min_distance < 1 or not 0 <= seed <= MAX_SEED:
            raise UserError(
                "UMAP needs 2 neighbours or more, a minimum distance from 0 to below 1 and a seed from 0 to "
                f"{MAX_SEED}, not {neighbours}, {min_distance} and {seed}."
            )
        self.method, self.dimensions, self.seed = method, dimensions, seed
        self.neighbours, self.min_distance = neighbours, min_distance

    @property
    def settings(self) -> dict[str, int | float | str]:
        """The settings that the coordinates depend on."""
        settings: dict[str, int | float | str] = {"method": self.method, "dimensions": self.dimensions}
        if self.method == "pca":
            return settings
        return settings | {"neighbours": self.neighbours, "min_distance": self.min_distance, "seed": self.seed}

    def fit(
        self, descriptors: np.ndarray, progress: OnProgress | None = None, start: np.ndarray | None = None
    ) -> "Projector":
        """Compute the coordinates of descriptors.

        Args:
            descriptors: The descriptors (N, D).
            progress: Called with the share of the work that is done (UMAP only).
            start: Initial coordinates (N, dimensions) for UMAP.

        Raises:
            UserError: As for `check`.
        """
        descriptors = self.check(descriptors)
        self.descriptors = descriptors
        self.mean, self.axes = principal_axes(descriptors, self.dimensions)
        if self.method == "pca":
            self.coordinates = self._on_axes(descriptors)
        else:
            self.coordinates = self._fit_umap(descriptors, progress, start)
        return self

    def check(self, descriptors: np.ndarray) -> np.ndarray:
        """Check descriptors (N, D), and return them as float32.

        Raises:
            UserError: A descriptor has a value that is not finite; or, for UMAP, there are too few descriptors or all
                are equal.
        """
        descriptors = _checked(descriptors)
        if self.method == "umap" and len(descriptors) <= self.neighbours:
            raise UserError(
                f"UMAP with {self.neighbours} neighbours needs more than {self.neighbours} images, but there are "
                f"{len(descriptors)}. Use fewer neighbours or PCA."
            )
        if self.method == "umap" and np.ptp(descriptors, axis=0).max() < MIN_DISTANCE:
            raise UserError("All descriptors are equal, so UMAP finds no neighbours. Use PCA.")
        return descriptors

    def fit_transform(self, descriptors: np.ndarray) -> np.ndarray:
        """Compute and return the coordinates (N, dimensions) of descriptors (N, D)."""
        return self.fit(descriptors).coordinates

    def transform(self, descriptors: np.ndarray) -> np.ndarray:
        """Place new descriptors on the map, which does not change.

        PCA is exact. With UMAP, the position is the weighted mean of the positions of the nearest fitted descriptors.
        The weights decrease with the distance beyond the nearest one, as in UMAP's graph. UMAP's own `transform` starts
        from this position and optimises it further. No UMAP object is needed, so a map is saved without pickle.

        Args:
            descriptors: New descriptors (M, D).

        Returns:
            Their coordinates (M, dimensions).

        Raises:
            UserError: The descriptors have another length than the fitted ones, or the map was opened without them.
        """
        descriptors = _checked(descriptors)
        if descriptors.shape[1] != len(self.mean):
            raise UserError(
                f"The map has descriptors of length {len(self.mean)}, not {descriptors.shape[1]}. "
                "Use descriptors of the same model."
            )
        if self.method == "pca":
            return self._on_axes(descriptors)
        if not len(self.descriptors):
            raise UserError("UMAP can place new descriptors only on a map that was opened with its own descriptors.")
        count = min(self.neighbours, len(self.descriptors))
        distances = 1 - _unit(descriptors) @ _unit(self.descriptors).T
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        distances = np.take_along_axis(distances, nearest, axis=1)
        beyond = distances - distances.min(1, keepdims=True)
        weights = np.exp(-beyond / np.maximum(beyond.mean(1, keepdims=True), MIN_DISTANCE))
        weights /= weights.sum(1, keepdims=True)
        return np.einsum("mk,mkd->md", weights, self.coordinates[nearest]).astype(np.float32)

    def save(self, file: Path) -> None:
        """Write the map to an .npz file atomically, without the descriptors."""
        file.parent.mkdir(parents=True, exist_ok=True)
        settings: dict[str, Any] = {
            "method": self.method,
            "dimensions": self.dimensions,
            "neighbours": self.neighbours,
            "min_distance": self.min_distance,
            "seed": self.seed,
        }
        with replace_file(file) as temporary:
            np.savez(temporary, coordinates=self.coordinates, mean=self.mean, axes=self.axes, **settings)

    @classmethod
    def open(cls, file: Path, descriptors: np.ndarray | None = None) -> "Projector":
        """Read a map that `save` has written.

        Args:
            file: The .npz file.
            descriptors: The descriptors that the map was fitted to. UMAP needs them to place new ones.

        Raises:
            UserError: The file is not a map, or it has another number of descriptors.
        """
        try:
            arrays = read_arrays(file)
            projector = cls(
                str(arrays["method"]),
                int(arrays["dimensions"]),
                int(arrays["neighbours"]),
                float(arrays["min_distance"]),
                int(arrays["seed"]),
            )
            projector.coordinates, projector.mean, projector.axes = _checked_arrays(arrays)
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise UserError(f"{file} is not a map made by `python -m core project`: {error}.") from None
        projector.descriptors = (
            np.empty((0, len(projector.mean)), np.float32) if descriptors is None else _checked(descriptors)
        )
        if len(projector.descriptors) not in (0, len(projector.coordinates)):
            raise UserError(
                f"{file} is a map of {len(projector.coordinates)} descriptors, not of {len(projector.descriptors)}."
            )
        return projector

    def _on_axes(self, descriptors: np.ndarray) -> np.ndarray:
        """Return the coordinates of descriptors on the principal axes."""
        return ((descriptors - self.mean) @ self.axes).astype(np.float32)

    def _fit_umap(self, descriptors: np.ndarray, progress: OnProgress | None, start: np.ndarray | None) -> np.ndarray:
        """Return the coordinates of descriptors computed by UMAP."""
        from umap import UMAP  # the import compiles code and takes seconds

        reporting = (
            {"verbose": True, "tqdm_kwds": {"file": _Percentages(progress), "mininterval": 0.2}} if progress else {}
        )
        mapper = UMAP(
            n_components=self.dimensions,
            n_neighbors=self.neighbours,
            min_dist=self.min_distance,
            metric="cosine",
            random_state=self.seed,
            n_jobs=1,
            init="spectral" if start is None else start,
            **reporting,
        )
        return mapper.fit_transform(_unit(descriptors)).astype(np.float32)


def _checked(descriptors: np.ndarray) -> np.ndarray:
    """Return descriptors as float32 (N, D); raise UserError if there are none, or if values are not finite."""
    descriptors = np.atleast_2d(np.asarray(descriptors, dtype=np.float32))
    if not len(descriptors):
        raise UserError("There are no descriptors to project.")
    if invalid := int((~np.isfinite(descriptors)).any(1).sum()):
        raise UserError(
            f"{invalid} of {len(descriptors)} descriptors have values that are not finite. Index the images again."
        )
    return descriptors


def _unit(descriptors: np.ndarray) -> np.ndarray:
    """Return descriptors at unit length."""
    return descriptors / np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-12)


def _checked_arrays(arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Return the coordinates (N, d), the mean (D,) and the axes (D, d or more) of a map."""
    found = [arrays[name] for name in ("coordinates", "mean", "axes")]
    shapes = [array.shape for array in found]
    if [len(shape) for shape in shapes] != [2, 1, 2] or shapes[2][0] != shapes[1][0] or shapes[0][1] > shapes[2][1]:
        raise ValueError(f"its arrays have the shapes {shapes}")
    if any(array.dtype.kind != "f" for array in found):
        raise ValueError("its arrays do not hold floating-point numbers")
    return found


class _Percentages(io.TextIOBase):
    """A text stream for UMAP's progress bar, which passes the percentages on as shares."""

    def __init__(self, progress: OnProgress):
        self.progress = progress

    def write(self, text: str) -> int:
        """Report the percentage in the text, if there is one."""
        if found := re.search(r"(\d+)%", text):
            self.progress(int(found[1]) / 100)
        return len(text)
