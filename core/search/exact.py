"""The best K of many descriptors: exact, without sorting all of them, on all cores.

A score is the float32 sum of one row's products, by the same routine wherever the row lies: equal rows score equally,
and all ways find the same. Equal scores keep the order of the gallery.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

CACHE_ROWS = 1024  # as many float32 rows as a core's own cache holds
SCORE_BLOCK_BYTES = 2**28  # bytes of scores at a time, for many probes


def compute_scores(descriptors: np.ndarray, probe: np.ndarray, places: np.ndarray | None = None) -> np.ndarray:
    """float16 or float32 (G, D), float32 (D,) -> float32 (G,), or of `places` alone."""
    count = len(descriptors) if places is None else len(places)
    scores = np.empty(count, np.float32)

    def score(start: int, stop: int) -> None:
        for first in range(start, stop, CACHE_ROWS):
            rows = slice(first, min(stop, first + CACHE_ROWS))
            np.vecdot(as_float32(descriptors[rows if places is None else places[rows]]), probe, out=scores[rows])

    in_parts(score, count)
    return scores


def find_best(scores: np.ndarray, top: int) -> np.ndarray:
    """Positions of the `top` highest scores, best first; one that is not a number comes last."""
    scores = np.where(np.isnan(scores), -np.inf, scores)
    top = min(top, len(scores))
    if top <= 0:
        return np.empty(0, int)
    candidates = np.flatnonzero(scores >= _kth(scores, top))
    return candidates[np.argsort(-scores[candidates], kind="stable")][:top]


def possible(low: np.ndarray, high: np.ndarray, top: int) -> np.ndarray:
    """Rising positions of all that may be among the `top` best, where no score is below `low` or above `high`."""
    return np.flatnonzero(high >= _kth(low, top))


def find_nearest_of_each(
    descriptors: np.ndarray,
    probes: np.ndarray,
    top: int,
    keep: Callable[[int], np.ndarray | None] = lambda probe: None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(G, D), (Q, D) -> places and scores of each probe's best, among the rows for which `keep(probe)` (G,) is true.

    One matrix product scores many probes; it adds in an order of its own, so its scores are taken as bounds.
    """
    chunk = max(1, SCORE_BLOCK_BYTES // (4 * len(descriptors)))
    top = min(top, len(descriptors))
    for first in range(0, len(probes), chunk):
        asked = np.ascontiguousarray(probes[first : first + chunk])
        scores, norms = _products(descriptors, asked)
        reach = norms * np.float32((descriptors.shape[1] + 8) * 2.0**-22)  # of both orders of addition
        strange = ~np.isfinite(norms)  # rows with NaN: nothing is known of their scores
        reach[strange], scores[:, strange] = np.inf, 0
        for number, row in enumerate(scores):
            off = reach * max(float(np.linalg.norm(asked[number])), 1e-30)
            kept = keep(first + number)
            low, high = row - off, row + off
            if kept is not None:
                low[~kept] = high[~kept] = -np.inf
            places = possible(low, high, top)
            places = places if kept is None else places[kept[places]]
            found = compute_scores(descriptors, asked[number], places)
            order = find_best(found, top)
            yield places[order], found[order]


def _products(descriptors: np.ndarray, probes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(G, D), (Q, D) -> float32 (Q, G) scores, but for rounding, and (G,) lengths of the rows."""
    scores, norms = np.empty((len(probes), len(descriptors)), np.float32), np.empty(len(descriptors), np.float32)
    asked = torch.from_numpy(probes)

    def score(start: int, stop: int) -> None:
        for begin in range(start, stop, 8 * CACHE_ROWS):
            rows = slice(begin, min(stop, begin + 8 * CACHE_ROWS))
            block = np.array(as_float32(descriptors[rows]))  # torch warns of what it cannot write to
            scores[:, rows] = asked.mm(torch.from_numpy(block).T).numpy()
            norms[rows] = np.sqrt(np.vecdot(block, block))

    in_parts(score, len(descriptors))
    return scores, norms


def as_float32(rows: np.ndarray) -> np.ndarray:
    """float16 or float32 -> float32; torch does it ten times faster than numpy."""
    if rows.dtype == np.float32:
        return rows
    return torch.from_numpy(rows if rows.flags.writeable else rows.copy()).float().numpy()


def in_parts(work: Callable[[int, int], None], count: int) -> None:
    """work(start, stop) for parts of range(count), on all cores; what it calls lets go of Python's lock."""
    workers = os.cpu_count() or 1
    if count <= CACHE_ROWS or workers == 1:
        work(0, count)
        return
    borders = (
        np.linspace(0, count, 4 * workers + 1).astype(int).tolist()
    )  # shares of a core that has other work as well
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, borders[:-1], borders[1:]))


def _kth(scores: np.ndarray, k: int) -> float:
    """The k-th highest."""
    return float(torch.from_numpy(scores).topk(k, sorted=False).values.min())
