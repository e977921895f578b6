"""Filters of a search: cameras, identities, a time range, and the same-camera rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.records import Record
from core.errors import UserError
from core.evaluation.same_camera import cameras_of, same_camera, same_camera_rule_applies
from core.search.timestamps import to_seconds


@dataclass(frozen=True)
class Filter:
    """The gallery images to search. A field that is None does not filter.

    Attributes:
        cameras: Only images from these cameras.
        identities: Only images of these identities.
        between: Only images taken from the first to the last time, in seconds since 1970. Images without a time are
            excluded.
        probe: The record of the probe. Its own file is excluded, and, where the same-camera rule applies, images of its
            identity from its own camera.
    """

    cameras: tuple[int, ...] | None = None
    identities: tuple[str, ...] | None = None
    between: tuple[float, float] | None = None
    probe: Record | None = None

    @property
    def rule(self) -> bool:
        """Whether the same-camera rule applies."""
        return self.probe is not None and same_camera_rule_applies(self.probe)

    @property
    def ignored_cameras(self) -> tuple[int, ...]:
        """The cameras whose images of the probe's identity are not searched."""
        return cameras_of(self.probe) if self.probe is not None and self.rule else ()

    def mask(
        self,
        paths: np.ndarray,
        identities: np.ndarray,
        cameras: np.ndarray,
        times: np.ndarray,
    ) -> np.ndarray | None:
        """Return the mask (G,) of the images to search, or None for all images.

        Args:
            paths: (G,) paths of the gallery.
            identities: (G,) identities of the gallery.
            cameras: (G,) cameras of the gallery.
            times: (G,) times of the gallery in seconds since 1970, NaN if unknown.
        """
        masks = []
        if self.cameras is not None:
            masks.append(np.isin(cameras, self.cameras))
        if self.identities is not None:
            masks.append(np.isin(identities, np.array(self.identities, dtype=str)))
        if self.between is not None:
            masks.append((times >= self.between[0]) & (times <= self.between[1]))
        if self.probe is not None:
            masks.append(paths != str(self.probe.path))
        if self.probe is not None and self.rule:
            masks.append(~same_camera(self.probe, identities, cameras))
        return np.logical_and.reduce(masks) if masks else None


def choose(
    cameras: Iterable[int] | None = None,
    identities: Iterable[str] | None = None,
    between: Sequence | None = None,
    probe: Record | None = None,
) -> Filter:
    """Create a filter.

    Args:
        cameras: Only images from these cameras.
        identities: Only images of these identities.
        between: The first and the last time, in seconds since 1970 or as ISO 8601 text; None for an open end.
        probe: The record of the probe, for the same-camera rule.

    Raises:
        UserError: If the last time is before the first.
    """
    if between is not None:
        first, last = np.nan_to_num(to_seconds(list(between)), nan=np.nan)
        between = (-np.inf if np.isnan(first) else float(first), np.inf if np.isnan(last) else float(last))
        if between[0] > between[1]:
            raise UserError(f"The time range ends before it begins: from {first} to {last}.")
    return Filter(
        None if cameras is None else tuple(int(camera) for camera in cameras),
        None if identities is None else tuple(str(identity) for identity in identities),
        between,
        probe,
    )
