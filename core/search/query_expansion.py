"""Average query expansion (Chum et al., ICCV 2007): a probe is averaged with its first answers and asked again."""

from collections.abc import Sequence

import numpy as np

SCORE_BLOCK_BYTES = 64_000_000  # bytes of scores at a time


def expand(
    query: np.ndarray, gallery: np.ndarray, count: int, barred: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """Unit descriptors (Q, D), (G, D) -> (Q, D): each probe's mean with its `count` best answers, of unit length.

    A probe's `barred` places in the gallery are not among its answers: what does not count must not help either.
    """
    expanded = np.array(query, np.float32)
    if not count or not len(gallery):
        return expanded
    chunk = max(1, SCORE_BLOCK_BYTES // (4 * len(gallery)))
    for start in range(0, len(query), chunk):
        scores = query[start : start + chunk] @ gallery.T
        for probe, row in enumerate(scores, start):
            if barred is not None:
                row[barred[probe]] = -np.inf
            best = np.argpartition(-row, min(count, len(row) - 1))[:count]
            best = best[np.isfinite(row[best])]
            expanded[probe] += gallery[best].sum(0, dtype=np.float32)
    return expanded / np.maximum(np.linalg.norm(expanded, axis=1, keepdims=True), 1e-12)
