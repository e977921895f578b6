"""What of a gallery is searched: cameras, identities, a range of time, and what does not count for a probe."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.records import Record
from core.errors import UserError
from core.evaluation.evaluators import rule_applies, same_camera
from core.search.timestamps import to_seconds


@dataclass(frozen=True)
class Filter:
    """None: whatever it is.

    Attributes:
        cameras, identities: only these.
        between: first and last moment, None for an open end; images of unknown time are left out.
        probe: images of its identity from its own known camera are left out (the same-camera rule), and its own file.
    """

    cameras: tuple[int, ...] | None = None
    identities: tuple[str, ...] | None = None
    between: tuple[float, float] | None = None
    probe: Record | None = None

    @property
    def rule(self) -> bool:
        """Whether the same-camera rule leaves anything out."""
        return self.probe is not None and rule_applies(self.probe)

    def mask(
        self,
        paths: np.ndarray,
        identities: np.ndarray,
        cameras: np.ndarray,
        times: np.ndarray,
    ) -> np.ndarray | None:
        """(G,) each -> (G,) bool, or None if all are searched."""
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
    """`between` in seconds or ISO 8601, None for an open end -> Filter. Raises UserError for a range without length."""
    if between is not None:
        first, last = np.nan_to_num(to_seconds(list(between)), nan=np.nan)
        between = (-np.inf if np.isnan(first) else float(first), np.inf if np.isnan(last) else float(last))
        if between[0] > between[1]:
            raise UserError(f"The range of time ends before it begins: from {first} to {last}.")
    return Filter(
        None if cameras is None else tuple(int(camera) for camera in cameras),
        None if identities is None else tuple(str(identity) for identity in identities),
        between,
        probe,
    )
