"""Same person or not: how often a score above a threshold is right, counted over pairs and over whole searches.

The scores of all pairs are counted in bins once; false matches and misses at every threshold, the equal error rate, and
what an open gallery asks for follow from the counts. Open means that the person may not be in the gallery: each probe
is searched once more with its person taken out, and what it then finds best is a stranger (ISO/IEC 19795-1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.errors import UserError

BINS = 400  # of equal width, from -1 to 1
EDGES = np.linspace(-1, 1, BINS + 1)
SCORE_BLOCK_BYTES = 32_000_000  # bytes of scores at a time


@dataclass(frozen=True)
class ScoreCounts:
    """How many scores lie in each bin, (BINS,) each.

    same, different: pairs of the same person, of different people.
    strangers: the best score of each probe in a gallery without its person.
    own: the best score of each probe with an image of its person.  found: the same, where that is at rank 1.
    """

    same: np.ndarray
    different: np.ndarray
    strangers: np.ndarray
    own: np.ndarray
    found: np.ndarray

    def __add__(self, other: "ScoreCounts") -> "ScoreCounts":
        return ScoreCounts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def false_match_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Share of the pairs of different people that score as high."""
        return share_above(self.different, threshold)

    def miss_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Share of the pairs of the same person that score lower."""
        return 1 - share_above(self.same, threshold)

    def false_alarm_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Share of the searches for somebody who is not in the gallery whose best score is as high."""
        return share_above(self.strangers, threshold)

    def detection_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Share of the searches for somebody in the gallery that find them first, with a score as high."""
        return share_above(self.found, threshold) * self.found.sum() / max(1, self.own.sum())

    @property
    def equal_error_rate(self) -> tuple[float, float]:
        """The rate at which false matches and misses are equally frequent, and the threshold for it."""
        apart = self.miss_rate(EDGES) - self.false_match_rate(EDGES)  # rises from -1 to 1
        threshold = _where_it_reaches(apart, 0)
        return float((self.miss_rate(threshold) + self.false_match_rate(threshold)) / 2), threshold

    @property
    def figures(self) -> dict[str, float]:
        """In percent: the equal error rate, misses at two false-match rates, found first at two false-alarm rates."""
        found: dict[str, float | np.ndarray] = {"EER": self.equal_error_rate[0]}
        for rate in (1, 0.1):
            found[f"misses at FMR {rate} %"] = self.miss_rate(threshold_for(self.different, rate / 100))
        for rate in (1, 10) if self.strangers.any() and self.own.any() else ():
            found[f"found at {rate} % alarms"] = self.detection_rate(threshold_for(self.strangers, rate / 100))
        return {name: round(100 * float(value), 4) for name, value in found.items()}

    def write(self, file: Path) -> None:
        """As CSV: one row a bin that is not empty, with its lower edge."""
        table = pd.DataFrame(
            {"score": EDGES[:-1].round(3)} | {one.name: getattr(self, one.name) for one in fields(self)}
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        table[table.iloc[:, 1:].any(axis=1)].to_csv(file, index=False)

    @classmethod
    def read(cls, file: Path) -> "ScoreCounts":
        """What `write` wrote. Raises UserError if it is something else."""
        names = [one.name for one in fields(cls)]
        try:
            table = pd.read_csv(file, dtype=dict.fromkeys(names, np.int64))
            places = ((table["score"].to_numpy(float) + 1) * BINS / 2).round().astype(int)
            if (places < 0).any():  # which would count from the other end
                raise ValueError("a score is below -1")
            counts = np.zeros((len(names), BINS), np.int64)
            counts[:, places] = table[names].to_numpy().T
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            raise UserError(f"{file} is not a table of counted scores: {error}.") from None
        return cls(*counts)


def count_scores(
    query: np.ndarray,
    query_records: Sequence[Record],
    gallery: np.ndarray,
    gallery_records: Sequence[Record],
    include_same_camera: bool = False,
) -> ScoreCounts:
    """Unit descriptors (Q, D), (G, D) with their records -> ScoreCounts.

    Images of the probe's person from its own known camera are left out, as everywhere, unless `include_same_camera`;
    so are the probe's own file, images of people unknown, and probes that show nobody in particular.
    """
    places = {str(record.path): place for place, record in enumerate(gallery_records)}
    codes = {record.identity: code for code, record in enumerate(gallery_records)}
    people = np.array([codes[record.identity] for record in gallery_records])
    cameras = np.array([record.camera for record in gallery_records])
    unknown = np.array([not record.identity for record in gallery_records], bool)
    asked = [place for place, record in enumerate(query_records) if record.identity not in ("", DISTRACTOR)]
    chunk = max(1, SCORE_BLOCK_BYTES // (4 * max(1, len(gallery))))
    counts = np.zeros((5, BINS), np.int64)
    for some in (asked[start : start + chunk] for start in range(0, len(asked), chunk)):
        probes = [query_records[place] for place in some]
        scores = query[some] @ gallery.T  # (C, G)
        right = np.array([codes.get(probe.identity, -1) for probe in probes])[:, None] == people
        left_out = np.broadcast_to(unknown, right.shape).copy()
        if not include_same_camera:
            own = np.array([probe.camera for probe in probes])
            left_out |= right & ((own == cameras[:, None]) & (own != UNKNOWN_CAMERA)).T
        for row, probe in enumerate(probes):
            if str(probe.path) in places:
                left_out[row, places[str(probe.path)]] = True
        strangers = np.where(right | left_out, -np.inf, scores).max(1, initial=-np.inf)
        best = np.where(right & ~left_out, scores, -np.inf).max(1, initial=-np.inf)
        for row, values in enumerate(
            (scores[right & ~left_out], scores[~right & ~left_out], strangers, best, best[best > strangers])
        ):
            counts[row] += _binned(values[np.isfinite(values)])
    return ScoreCounts(*counts)


def share_above(counts: np.ndarray, threshold: float | np.ndarray) -> np.ndarray:
    """(BINS,) -> the share of scores at or above a threshold, as if they were spread evenly within their bins."""
    above = np.append(np.cumsum(counts[::-1])[::-1], 0)
    return np.interp(threshold, EDGES, above / max(1, above[0]))


def threshold_for(counts: np.ndarray, share: float) -> float:
    """The lowest threshold that at most this share of the scores reaches."""
    return _where_it_reaches(-share_above(counts, EDGES), -share)


def _where_it_reaches(values: np.ndarray, level: float) -> float:
    """The lowest threshold at which a curve over EDGES that never falls reaches a level."""
    place = int(np.argmax(values >= level))
    if place == 0:
        return -1.0
    low, high = values[place - 1 : place + 1]
    return float(EDGES[place - 1] + (level - low) / (high - low) * (EDGES[1] - EDGES[0]))


def _binned(scores: np.ndarray) -> np.ndarray:
    return np.bincount(np.clip(((scores + 1) * (BINS / 2)).astype(int), 0, BINS - 1), minlength=BINS)
