"""The nearest descriptors of a gallery, with an int8 first pass if it is large."""

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from core.search.exact import compute_scores, find_best, find_candidates

if TYPE_CHECKING:
    from core.search.int8_bounds import Codes

MIN_VALUES_FOR_INT8 = 2**24  # values, about 33,000 descriptors; larger galleries are searched with an int8 first pass


class NearestIndex:
    """Finds the nearest of descriptors (G, D). The int8 codes are computed by the first search that uses them."""

    def __init__(self, descriptors: np.ndarray):
        self.descriptors = descriptors
        self._codes: Codes | None = None
        self._lock = Lock()

    def find(self, descriptor: np.ndarray, top: int, keep: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest descriptors; an int8 first pass is used for a few results of a large gallery.

        Args:
            descriptor: Descriptor of the probe, float32 (D,).
            top: The number of results.
            keep: (G,) bool, the images to rank. By default all are ranked.

        Returns:
            Positions and scores of the results, in descending order of the scores.
        """
        count = len(self.descriptors)
        kept = count if keep is None else np.count_nonzero(keep)
        if self.descriptors.size >= MIN_VALUES_FOR_INT8 and kept * 8 > count and top * 64 < kept:
            low, high = self._codes_of_rows().bounds(descriptor)
            if keep is not None:
                low[~keep] = -np.inf
            candidates = find_candidates(low, high, top)
            positions: np.ndarray | None = candidates if keep is None else candidates[keep[candidates]]
        else:
            positions = None if keep is None else np.flatnonzero(keep)
        scores = compute_scores(self.descriptors, descriptor, positions)
        order = find_best(scores, top)
        return order if positions is None else positions[order], scores[order]

    def _codes_of_rows(self) -> "Codes":
        from core.search.int8_bounds import Codes  # imported late, because importing numba takes a second

        with self._lock:
            self._codes = self._codes or Codes(self.descriptors)
            return self._codes
