"""Ranks of the right answers, counted instead of sorted: an image's rank is the gallery minus what comes after it.

Metrics need the ranks of the right answers alone, a few of a gallery of thousands. Counting one of them reads the
probe's scores once, which is cheaper than sorting all of them, and no table of all probes by all images is ever made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.records import DISTRACTOR, UNKNOWN_CAMERA
from core.errors import UserError

SCORE_BLOCK_BYTES = (
    64_000_000  # bytes of scores at a time; with fewer probes in a product, MSMT17's takes a quarter longer
)
NOBODY = np.array([], dtype=int)
LOWEST_SCORE = np.finfo(
    np.float32
).min  # stands for a score that is not a number: behind all others, before what is barred
Rows = Callable[[slice], np.ndarray]  # some probes -> their scores (C, G), which may be written to


def cosine(query: np.ndarray, gallery: np.ndarray, barred: Sequence[np.ndarray] | None = None) -> Rows:
    """Unit descriptors (Q, D), (G, D) -> Rows: the plain order. What is barred is left out by whoever ranks."""
    return lambda some: query[some] @ gallery.T


@dataclass(frozen=True)
class Order:
    """How a gallery is put in order. `scorer` takes descriptors and, for each probe, the places that do not count.

    record: what is written beside a result.  sentence: the same for people, to go after the protocol's.
    """

    scorer: Callable[[np.ndarray, np.ndarray, Sequence[np.ndarray] | None], Rows] = cosine
    record: dict[str, Any] = field(default_factory=dict)
    sentence: str = ""


COSINE = Order()


@dataclass(frozen=True)
class Ranks:
    """Ranks (from 1) of the right answers of Q probes, best first; those of q: values[offsets[q]:offsets[q + 1]]."""

    values: np.ndarray  # (M,) int
    places: np.ndarray  # (M,) position of each right answer in the gallery, in the same order
    offsets: np.ndarray  # (Q + 1,) int

    @property
    def counts(self) -> np.ndarray:
        """(Q,) right answers of each probe; some have none."""
        return np.diff(self.offsets)

    @property
    def probes(self) -> np.ndarray:
        """(M,) the probe of each right answer."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def hits(self) -> np.ndarray:
        """(M,) 1 for a probe's best right answer, 2 for its second, and so on."""
        return np.arange(1, len(self.values) + 1) - self.offsets[self.probes]


def count_ranks(
    query: np.ndarray,
    gallery: np.ndarray,
    query_identities: np.ndarray,
    query_cameras: np.ndarray,
    gallery_identities: np.ndarray,
    gallery_cameras: np.ndarray,
    include_same_camera: bool = False,
    chunk: int | None = None,
    on_progress: Callable[[int], None] = lambda count: None,
    order: Order = COSINE,
) -> Ranks:
    """Unit descriptors (Q, D) and (G, D) with identities and cameras -> Ranks, `chunk` probes at a time.

    Unknown people ("") and distractors are never right, only in the way. Unless `include_same_camera`, images of the
    probe's identity from its own known camera are neither right nor wrong (Zheng et al., ICCV 2015). Equal scores keep
    the order of the gallery; a score that is not a number comes last. `order` may be another than by cosine.
    `on_progress` is told how many probes were ranked.
    """
    people, query_cameras = _one_each("query", query, query_identities, query_cameras)
    shown, gallery_cameras = _one_each("gallery", gallery, gallery_identities, gallery_cameras)
    images_of = _places_by_identity(shown)
    answers = [images_of.get(identity, NOBODY) for identity in people]
    too_easy = [
        (gallery_cameras[right] == camera) & (not include_same_camera and camera != UNKNOWN_CAMERA)
        for right, camera in zip(answers, query_cameras, strict=True)
    ]
    barred = [right[easy] for right, easy in zip(answers, too_easy, strict=True)]
    rows = order.scorer(query, gallery, barred)
    chunk = chunk or max(1, SCORE_BLOCK_BYTES // (4 * max(1, len(gallery))))
    values, places = [NOBODY], [NOBODY]  # so that no probes at all make empty Ranks
    for start in range(0, len(query), chunk):
        scores = rows(slice(start, start + chunk))  # (C, G)
        scores[np.isnan(scores)] = LOWEST_SCORE
        for probe, row in enumerate(scores, start):
            row[barred[probe]] = -np.inf  # behind everything: they take nobody's rank
            right = answers[probe][~too_easy[probe]]
            ranks = _ranks(row, right)
            best_first = np.argsort(ranks)
            values.append(ranks[best_first])
            places.append(right[best_first])
        on_progress(len(scores))
    offsets = np.cumsum([len(ranks) for ranks in values])
    return Ranks(np.concatenate(values), np.concatenate(places), offsets)


def _ranks(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(G,) scores, (R,) rising places of the right answers -> (R,) ranks: the gallery minus what comes after each."""
    after = [
        np.count_nonzero(scores[:place] < score) + np.count_nonzero(scores[place + 1 :] <= score)
        for place, score in zip(right.tolist(), scores[right], strict=True)
    ]
    return len(scores) - np.array(after, dtype=int)


def _places_by_identity(identities: list[str]) -> dict[str, np.ndarray]:
    """(G,) -> rising places of each identity's images, unknown people and distractors left out."""
    names, codes, counts = np.unique(identities, return_inverse=True, return_counts=True)
    places = np.split(np.argsort(codes, kind="stable"), np.cumsum(counts[:-1]))
    grouped = dict(zip(names.tolist(), places, strict=False))  # an empty gallery has no names, but one empty place
    return {name: where for name, where in grouped.items() if name not in ("", DISTRACTOR)}


def _one_each(name: str, descriptors: np.ndarray, identities, cameras) -> tuple[list[str], np.ndarray]:
    if not len(descriptors) == len(identities) == len(cameras):
        raise UserError(
            f"Each descriptor of the {name} needs one identity and one camera; got {len(descriptors)} "
            f"descriptors, {len(identities)} identities and {len(cameras)} cameras."
        )
    return np.asarray(identities, dtype=str).tolist(), np.asarray(cameras)


def first_by_cameras(ranks: Ranks, query_cameras: np.ndarray, gallery_cameras: np.ndarray) -> pd.DataFrame:
    """Share in percent of the probes of camera i (rows) whose best right answer from camera j (columns) comes first.

    First means before every wrong answer: right answers from other cameras are set aside. Probes without a right
    answer in camera j do not count there; NaN where none counts.
    """
    query_cameras, gallery_cameras = np.asarray(query_cameras), np.asarray(gallery_cameras)
    answers = pd.DataFrame(
        {
            "probe": ranks.probes,
            "probe camera": query_cameras[ranks.probes],
            "gallery camera": gallery_cameras[ranks.places],
            "first": ranks.values == ranks.hits,  # nothing before it but right answers
        }
    )
    by_probe = answers.groupby(["probe camera", "gallery camera", "probe"])["first"].any()
    shares = 100 * by_probe.groupby(["probe camera", "gallery camera"]).mean().unstack()
    return shares.reindex(index=np.unique(query_cameras), columns=np.unique(gallery_cameras))
