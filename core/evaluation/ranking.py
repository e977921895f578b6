"""Ranks of the true matches, computed without sorting the whole gallery.

The metrics need only the ranks of the true matches, a few of a gallery of thousands. Only the images whose score is at
least that of the last true match can change these ranks. Their scores alone are sorted, without their positions, which
is cheaper than a sort of the gallery. The probes are processed in blocks, so the full (Q, G) matrix of scores is never
in memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.records import DISTRACTOR, UNKNOWN_CAMERA
from core.errors import UserError
from core.inference import lifting

# Bytes of scores in one block. Smaller blocks are slower: a quarter slower on MSMT17.
SCORE_BLOCK_BYTES = 64_000_000
NO_POSITIONS = np.array([], dtype=int)
# Replaces NaN scores. These images rank after all others, and before ignored images, whose score is -inf.
LOWEST_SCORE = np.finfo(np.float32).min
Rows = Callable[[slice], np.ndarray]  # slice of the probes -> their scores (C, G), which the caller may overwrite


def cosine(query: np.ndarray, gallery: np.ndarray, ignored: Sequence[np.ndarray] | None = None) -> Rows:
    """Return the cosine scores as `Rows`, the default order.

    Args:
        query: Unit descriptors of the probes, (Q, D).
        gallery: Unit descriptors of the gallery, (G, D).
        ignored: Not used. The caller removes ignored images from the ranking.
    """
    return lambda rows: query[rows] @ gallery.T


@dataclass(frozen=True)
class Order:
    """A way to score and sort the gallery, such as cosine similarity or re-ranking.

    `scorer` takes the descriptors of the probes and of the gallery and, for each probe, the gallery positions that are
    ignored. `record` is stored with the result. `sentence` says the same in words, and follows the protocol's sentence.
    """

    scorer: Callable[[np.ndarray, np.ndarray, Sequence[np.ndarray] | None], Rows] = cosine
    record: dict[str, Any] = field(default_factory=dict)
    sentence: str = ""


def euclidean(query: np.ndarray, gallery: np.ndarray, ignored: Sequence[np.ndarray] | None = None) -> Rows:
    """Return scores by the Euclidean distance of lifted points (core.inference.lifting). See `cosine`."""
    query, gallery = lifting.probes(query), lifting.rows(gallery)
    return lambda rows: query[rows] @ gallery.T


COSINE = Order()
EUCLIDEAN = Order(euclidean, sentence="; Euclidean distance")


@dataclass(frozen=True)
class Ranks:
    """Ranks, from 1, of the true matches of Q probes in ascending order.

    The ranks of probe q are `values[offsets[q]:offsets[q + 1]]`. M is the number of true matches of all probes.
    """

    values: np.ndarray  # (M,) int
    positions: np.ndarray  # (M,) position of each true match in the gallery, in the same order
    offsets: np.ndarray  # (Q + 1,) int

    @property
    def counts(self) -> np.ndarray:
        """The number of true matches of each probe (Q,). It may be 0."""
        return np.diff(self.offsets)

    @property
    def probes(self) -> np.ndarray:
        """The probe of each true match (M,)."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def hits(self) -> np.ndarray:
        """The number of each true match among those of its probe (M,): 1 for the first in the ranking, 2, ..."""
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
    own_images: np.ndarray | None = None,
) -> Ranks:
    """Compute the ranks of all true matches.

    Unlabelled images (identity "") and distractors are always false matches. Images with equal scores keep the order
    of the gallery. Images whose score is NaN rank last.

    Args:
        query: Unit descriptors of the probes, (Q, D).
        gallery: Unit descriptors of the gallery, (G, D).
        query_identities: (Q,) identities of the probes.
        query_cameras: (Q,) cameras of the probes.
        gallery_identities: (G,) identities of the gallery.
        gallery_cameras: (G,) cameras of the gallery.
        include_same_camera: Whether images of the probe's identity from the probe's own known camera count as true
            matches. By default they are ignored.
        chunk: Number of probes in a block. By default a block has SCORE_BLOCK_BYTES of scores.
        on_progress: Called after each block with its number of probes.
        order: How the gallery is scored and sorted.
        own_images: (Q,) position of the probe's own image in the gallery, or -1. It is always ignored.

    Raises:
        UserError: If the numbers of descriptors, identities and cameras differ.

    Source:
        Zheng et al., ICCV 2015, for the rule about the probe's own camera.
    """
    probe_identities, query_cameras = _check_labels("query", query, query_identities, query_cameras)
    identities, gallery_cameras = _check_labels("gallery", gallery, gallery_identities, gallery_cameras)
    positions_of = _positions_by_identity(identities)
    same_identity = [positions_of.get(identity, NO_POSITIONS) for identity in probe_identities]
    own_images = np.full(len(query), -1) if own_images is None else own_images
    is_ignored = [
        (gallery_cameras[own] == camera) & (not include_same_camera and camera != UNKNOWN_CAMERA) | (own == image)
        for own, camera, image in zip(same_identity, query_cameras, own_images, strict=True)
    ]
    ignored = [own[flags] for own, flags in zip(same_identity, is_ignored, strict=True)]
    rows = order.scorer(query, gallery, ignored)
    chunk = chunk or max(1, SCORE_BLOCK_BYTES // (4 * max(1, len(gallery))))
    values, positions = [NO_POSITIONS], [NO_POSITIONS]  # np.concatenate below needs one array at least
    for start in range(0, len(query), chunk):
        scores = rows(slice(start, start + chunk))  # (C, G)
        scores[np.isnan(scores)] = LOWEST_SCORE
        for probe, row in enumerate(scores, start):
            row[ignored[probe]] = -np.inf  # after all other images, so that they change no rank
            matches = same_identity[probe][~is_ignored[probe]]
            ranks = _ranks(row, matches)
            ascending = np.argsort(ranks)
            values.append(ranks[ascending])
            positions.append(matches[ascending])
        on_progress(len(scores))
    offsets = np.cumsum([len(ranks) for ranks in values])
    return Ranks(np.concatenate(values), np.concatenate(positions), offsets)


def _ranks(scores: np.ndarray, matches: np.ndarray) -> np.ndarray:
    """Return the ranks (M,) of the gallery positions `matches` (M,), which ascend; scores are (G,)."""
    if not len(matches):
        return NO_POSITIONS
    own = scores[matches]
    better = np.sort(scores[scores >= own.min()])  # the scores that can come before a true match, and its own
    ranks = len(better) - np.searchsorted(better, own)  # if other images have the same score: the last of their ranks
    for match in np.flatnonzero(ranks - (len(better) - np.searchsorted(better, own, side="right")) > 1):
        ranks[match] -= np.count_nonzero(scores[matches[match] + 1 :] == own[match])
    return ranks


def _positions_by_identity(identities: list[str]) -> dict[str, np.ndarray]:
    """Return the ascending gallery positions of each identity, without unlabelled images and distractors."""
    names, codes, counts = np.unique(identities, return_inverse=True, return_counts=True)
    positions = np.split(np.argsort(codes, kind="stable"), np.cumsum(counts[:-1]))
    grouped = dict(zip(names.tolist(), positions, strict=False))  # of an empty gallery, np.split returns one array
    return {name: own for name, own in grouped.items() if name not in ("", DISTRACTOR)}


def _check_labels(name: str, descriptors: np.ndarray, identities, cameras) -> tuple[list[str], np.ndarray]:
    if not len(descriptors) == len(identities) == len(cameras):
        raise UserError(
            f"Each descriptor of the {name} needs one identity and one camera; got {len(descriptors)} "
            f"descriptors, {len(identities)} identities and {len(cameras)} cameras."
        )
    return np.asarray(identities, dtype=str).tolist(), np.asarray(cameras)


def first_by_cameras(ranks: Ranks, query_cameras: np.ndarray, gallery_cameras: np.ndarray) -> pd.DataFrame:
    """Compute rank-1, in percent, by probe camera (rows) and gallery camera (columns).

    For gallery camera j, only true matches from camera j count. True matches from other cameras are ignored; false
    matches from all cameras stay in the ranking. A probe without a true match from camera j does not count in column j.

    Args:
        ranks: Ranks of the true matches.
        query_cameras: (Q,) cameras of the probes.
        gallery_cameras: (G,) cameras of the gallery.

    Returns:
        Percentages; NaN for a pair of cameras without a probe that counts.
    """
    query_cameras, gallery_cameras = np.asarray(query_cameras), np.asarray(gallery_cameras)
    matches = pd.DataFrame(
        {
            "probe": ranks.probes,
            "probe camera": query_cameras[ranks.probes],
            "gallery camera": gallery_cameras[ranks.positions],
            "first": ranks.values == ranks.hits,  # only true matches come before it
        }
    )
    by_probe = matches.groupby(["probe camera", "gallery camera", "probe"])["first"].any()
    shares = 100 * by_probe.groupby(["probe camera", "gallery camera"]).mean().unstack()
    return shares.reindex(index=np.unique(query_cameras), columns=np.unique(gallery_cameras))
