"""Verification and open-set identification: error rates at score thresholds.

The scores of all pairs are counted once in a histogram. The false-match rate and the false non-match rate at every
threshold and the equal error rate follow from the counts. In open-set identification the person may be absent from the
gallery. Each probe is therefore also searched in the gallery without its true matches. The top score of that search is
the top score for an absent person (ISO/IEC 19795-1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from core.atomic_files import replace_file
from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError

BINS = 400  # of the histograms, of equal width from -1 to 1
EDGES = np.linspace(-1, 1, BINS + 1)
SCORE_BLOCK_BYTES = 32_000_000  # bytes of scores at a time


@dataclass(frozen=True)
class ScoreCounts:
    """Histograms of scores, (BINS,) each.

    Attributes:
        same: Scores of pairs of one identity.
        different: Scores of pairs of different identities.
        strangers: The top score of each probe in the gallery without its true matches.
        own: The highest score of a true match of each probe.
        found: The same, only for probes whose first result is a true match.
    """

    same: np.ndarray
    different: np.ndarray
    strangers: np.ndarray
    own: np.ndarray
    found: np.ndarray

    def __add__(self, other: "ScoreCounts") -> "ScoreCounts":
        return ScoreCounts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def false_match_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Return the share of pairs of different identities that score at or above a threshold."""
        return share_above(self.different, threshold)

    def miss_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Return the false non-match rate: the share of pairs of one identity that score below a threshold."""
        return 1 - share_above(self.same, threshold)

    def false_alarm_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Return the share of searches for absent people with a top score at or above a threshold."""
        return share_above(self.strangers, threshold)

    def detection_rate(self, threshold: float | np.ndarray) -> np.ndarray:
        """Return the share of searches for present people with a true match at rank 1 at or above a threshold."""
        return share_above(self.found, threshold) * self.found.sum() / max(1, self.own.sum())

    @property
    def equal_error_rate(self) -> tuple[float, float]:
        """The rate at which false matches and false non-matches are equally frequent, and its threshold."""
        difference = self.miss_rate(EDGES) - self.false_match_rate(EDGES)  # ascends from -1 to 1
        threshold = _threshold_at(difference, 0)
        return float((self.miss_rate(threshold) + self.false_match_rate(threshold)) / 2), threshold

    @property
    def figures(self) -> dict[str, float]:
        """Rates in percent.

        The equal error rate, the false non-match rate at two false-match rates, and the detection rate at two
        false-alarm rates.
        """
        found: dict[str, float | np.ndarray] = {"EER": self.equal_error_rate[0]}
        for rate in (1, 0.1):
            found[f"misses at FMR {rate} %"] = self.miss_rate(threshold_for(self.different, rate / 100))
        for rate in (1, 10) if self.strangers.any() and self.own.any() else ():
            found[f"found at {rate} % alarms"] = self.detection_rate(threshold_for(self.strangers, rate / 100))
        return {name: round(100 * float(value), 4) for name, value in found.items()}

    def write(self, file: Path) -> None:
        """Write a CSV file with one row per bin that is not empty: the lower edge and the counts."""
        table = pd.DataFrame(
            {"score": EDGES[:-1].round(3)} | {one.name: getattr(self, one.name) for one in fields(self)}
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(file) as temporary:
            table[table.iloc[:, 1:].any(axis=1)].to_csv(temporary, index=False)

    @classmethod
    def read(cls, file: Path) -> "ScoreCounts":
        """Read a file of `write`.

        Raises:
            UserError: If the file is damaged or is another file.
        """
        names = [one.name for one in fields(cls)]
        try:
            table = pd.read_csv(file, dtype=dict.fromkeys(names, np.int64))
            bins = ((table["score"].to_numpy(float) + 1) * BINS / 2).round().astype(int)
            if (bins < 0).any():  # numpy would count from the end of the array
                raise ValueError("a score is below -1")
            counts = np.zeros((len(names), BINS), np.int64)
            counts[:, bins] = table[names].to_numpy().T
        except (OSError, ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
            raise UserError(f"{file} is not a table of counted scores: {error}.") from None
        return cls(*counts)


def count_scores(
    query: np.ndarray,
    query_records: Sequence[Record],
    gallery: np.ndarray,
    gallery_records: Sequence[Record],
    include_same_camera: bool = False,
    on_progress: Callable[[int], None] = lambda count: None,
) -> ScoreCounts:
    """Count the scores of all pairs and searches.

    The file of the probe itself, unlabelled gallery images, unlabelled probes and distractor probes are ignored.

    Args:
        query: Unit descriptors of the probes, (Q, D).
        query_records: The Q records of the probes.
        gallery: Unit descriptors of the gallery, (G, D).
        gallery_records: The G records of the gallery.
        include_same_camera: Whether images of the probe's identity from its own known camera count. By default they are
            ignored.
        on_progress: Called after each block with its number of probes.
    """
    positions = {str(record.path): position for position, record in enumerate(gallery_records)}
    codes = {record.identity: code for code, record in enumerate(gallery_records)}
    gallery_codes = np.array([codes[record.identity] for record in gallery_records])
    cameras = np.array([record.viewpoint for record in gallery_records])
    unlabelled = np.array([not record.identity for record in gallery_records], bool)
    labelled = [row for row, record in enumerate(query_records) if record.is_labelled]
    chunk = max(1, SCORE_BLOCK_BYTES // (4 * max(1, len(gallery))))
    counts = np.zeros((5, BINS), np.int64)
    for rows in (labelled[start : start + chunk] for start in range(0, len(labelled), chunk)):
        probes = [query_records[row] for row in rows]
        scores = query[rows] @ gallery.T  # (C, G)
        is_same = np.array([codes.get(probe.identity, -1) for probe in probes])[:, None] == gallery_codes
        is_ignored = np.broadcast_to(unlabelled, is_same.shape).copy()
        if not include_same_camera:
            own = np.array([probe.viewpoint for probe in probes])
            is_ignored |= is_same & ((own == cameras[:, None]) & (own != UNKNOWN_CAMERA)).T
        for row, probe in enumerate(probes):
            if str(probe.path) in positions:
                is_ignored[row, positions[str(probe.path)]] = True
        strangers = np.where(is_same | is_ignored, -np.inf, scores).max(1, initial=-np.inf)
        best = np.where(is_same & ~is_ignored, scores, -np.inf).max(1, initial=-np.inf)
        for row, values in enumerate(
            (scores[is_same & ~is_ignored], scores[~is_same & ~is_ignored], strangers, best, best[best > strangers])
        ):
            counts[row] += _binned(values[np.isfinite(values)])
        on_progress(len(rows))
    return ScoreCounts(*counts)


def share_above(counts: np.ndarray, threshold: float | np.ndarray) -> np.ndarray:
    """Return the share of scores at or above a threshold.

    Scores are taken as spread evenly within their bins.

    Args:
        counts: A histogram (BINS,).
        threshold: One or more thresholds.
    """
    above = np.append(np.cumsum(counts[::-1])[::-1], 0)
    return np.interp(threshold, EDGES, above / max(1, above[0]))


def threshold_for(counts: np.ndarray, share: float) -> float:
    """Return the lowest threshold that at most this share of the scores reaches.

    Args:
        counts: A histogram (BINS,).
        share: From 0 to 1.
    """
    return _threshold_at(-share_above(counts, EDGES), -share)


def _threshold_at(values: np.ndarray, level: float) -> float:
    """Return the lowest threshold at which a non-decreasing curve over EDGES reaches a level."""
    index = int(np.argmax(values >= level))
    if index == 0:
        return -1.0
    low, high = values[index - 1 : index + 1]
    return float(EDGES[index - 1] + (level - low) / (high - low) * (EDGES[1] - EDGES[0]))


def _binned(scores: np.ndarray) -> np.ndarray:
    return np.bincount(np.clip(((scores + 1) * (BINS / 2)).astype(int), 0, BINS - 1), minlength=BINS)
