"""Average query expansion: the probe's descriptor is averaged with those of its first results (Chum et al., 2007)."""

from collections.abc import Sequence

import numpy as np

SCORE_BLOCK_BYTES = 64_000_000  # bytes of scores in one block


def expand(
    query: np.ndarray, gallery: np.ndarray, count: int, ignored: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """Average each probe's descriptor with those of its first results.

    Args:
        query: Unit descriptors of the probes, (Q, D).
        gallery: Unit descriptors of the gallery, (G, D).
        count: The number of results; 0 for no expansion.
        ignored: The gallery positions that are ignored for each probe. They are not among its results, because images
            that the evaluation ignores must not improve it.

    Returns:
        Unit descriptors (Q, D).

    Source:
        Chum et al., ICCV 2007.
    """
    expanded = np.array(query, np.float32)
    if not count or not len(gallery):
        return expanded
    chunk = max(1, SCORE_BLOCK_BYTES // (4 * len(gallery)))
    for start in range(0, len(query), chunk):
        scores = query[start : start + chunk] @ gallery.T
        for probe, row in enumerate(scores, start):
            if ignored is not None:
                row[ignored[probe]] = -np.inf
            best = np.argpartition(-row, min(count, len(row) - 1))[:count]
            best = best[np.isfinite(row[best])]
            expanded[probe] += gallery[best].sum(0, dtype=np.float32)
    return expanded / np.maximum(np.linalg.norm(expanded, axis=1, keepdims=True), 1e-12)
