"""Exact search for the K nearest descriptors, without a full sort, on all CPU cores.

A score is the dot product of one row with the probe in float32. All functions compute final scores with the same
routine, so equal rows have equal scores and all functions return the same results. Equal scores keep the order of the
gallery.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

CACHE_ROWS = 1024  # float32 rows that fit into a CPU core's cache
SCORE_BLOCK_BYTES = 2**28  # bytes of scores in one block of probes


def compute_scores(descriptors: np.ndarray, probe: np.ndarray, positions: np.ndarray | None = None) -> np.ndarray:
    """Compute the scores of a probe.

    Args:
        descriptors: Descriptors of the gallery, float16 or float32 (G, D).
        probe: Descriptor of the probe, float32 (D,).
        positions: The gallery positions (P,) to score. By default all are scored.

    Returns:
        float32 (G,) or (P,).
    """
    count = len(descriptors) if positions is None else len(positions)
    scores = np.empty(count, np.float32)

    def score(start: int, stop: int) -> None:
        for first in range(start, stop, CACHE_ROWS):
            rows = slice(first, min(stop, first + CACHE_ROWS))
            np.vecdot(as_float32(descriptors[rows if positions is None else positions[rows]]), probe, out=scores[rows])

    run_in_parallel(score, count)
    return scores


def find_best(scores: np.ndarray, top: int) -> np.ndarray:
    """Return the positions of the `top` highest scores in descending order; NaN scores come last."""
    scores = np.where(np.isnan(scores), -np.inf, scores)
    top = min(top, len(scores))
    if top <= 0:
        return np.empty(0, int)
    candidates = np.flatnonzero(scores >= _kth(scores, top))
    return candidates[np.argsort(-scores[candidates], kind="stable")][:top]


def find_candidates(low: np.ndarray, high: np.ndarray, top: int) -> np.ndarray:
    """Return the positions of all rows that can be among the `top` best, in ascending order.

    Args:
        low: (G,) lower bounds of the scores.
        high: (G,) upper bounds of the scores.
        top: The number of results.
    """
    if top <= 0:
        return np.empty(0, int)
    return np.flatnonzero(high >= _kth(low, top))


def find_nearest_of_each(
    descriptors: np.ndarray,
    probes: np.ndarray,
    top: int,
    keep: Callable[[int], np.ndarray | None] = lambda probe: None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Find the nearest descriptors of many probes.

    One matrix product scores many probes. It adds in another order than `compute_scores`, so its scores serve only as
    bounds that select candidates. The candidates are scored again.

    Args:
        descriptors: Descriptors of the gallery, (G, D).
        probes: Descriptors of the probes, (Q, D).
        top: The number of results of each probe.
        keep: Number of a probe -> mask (G,) of the rows to search, or None for all rows.

    Yields:
        The positions and the scores of each probe's results, in descending order of the scores.
    """
    chunk = max(1, SCORE_BLOCK_BYTES // (4 * len(descriptors)))
    top = min(top, len(descriptors))
    for first in range(0, len(probes), chunk):
        block = np.ascontiguousarray(probes[first : first + chunk])
        scores, norms = _products(descriptors, block)
        # Bound of the rounding errors of both orders of addition, for a probe of length 1.
        errors = norms * np.float32((descriptors.shape[1] + 8) * 2.0**-22)
        has_nan = ~np.isfinite(norms)
        errors[has_nan], scores[:, has_nan] = np.inf, 0
        for number, row in enumerate(scores):
            error = errors * max(float(np.linalg.norm(block[number])), 1e-30)
            mask = keep(first + number)
            low, high = row - error, row + error
            if mask is not None:
                low[~mask] = high[~mask] = -np.inf
            positions = find_candidates(low, high, top)
            positions = positions if mask is None else positions[mask[positions]]
            exact = compute_scores(descriptors, block[number], positions)
            order = find_best(exact, top)
            yield positions[order], exact[order]


def _products(descriptors: np.ndarray, probes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the scores (Q, G) up to rounding errors, and the lengths (G,) of the rows."""
    scores, norms = np.empty((len(probes), len(descriptors)), np.float32), np.empty(len(descriptors), np.float32)
    queries = torch.from_numpy(probes)

    def score(start: int, stop: int) -> None:
        for begin in range(start, stop, 8 * CACHE_ROWS):
            rows = slice(begin, min(stop, begin + 8 * CACHE_ROWS))
            block = np.array(as_float32(descriptors[rows]))  # a copy: torch warns about arrays that are not writeable
            scores[:, rows] = queries.mm(torch.from_numpy(block).T).numpy()
            norms[rows] = np.sqrt(np.vecdot(block, block))

    run_in_parallel(score, len(descriptors))
    return scores, norms


def as_float32(rows: np.ndarray) -> np.ndarray:
    """Convert float16 or float32 rows to float32 with torch, which is ten times faster than numpy."""
    if rows.dtype == np.float32:
        return rows
    return torch.from_numpy(rows if rows.flags.writeable else rows.copy()).float().numpy()


def run_in_parallel(work: Callable[[int, int], None], count: int) -> None:
    """Call work(start, stop) for parts of range(count) on all CPU cores.

    `work` must call functions that release Python's global interpreter lock.
    """
    workers = os.cpu_count() or 1
    if count <= CACHE_ROWS or workers == 1:
        work(0, count)
        return
    # Four parts per core, so that a busy core gets fewer of them.
    borders = np.linspace(0, count, 4 * workers + 1).astype(int).tolist()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, borders[:-1], borders[1:]))


def _kth(scores: np.ndarray, k: int) -> float:
    """Return the k-th highest score."""
    return float(torch.from_numpy(scores).topk(k, sorted=False).values.min())
