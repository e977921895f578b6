"""Evaluation of one split from descriptors: single query and single shot.

An evaluator is a pure function. It takes the descriptors and records of the probes and of the gallery, and returns an
`Evaluation` with the metrics in percent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.file_names import encodable
from core.data.records import DISTRACTOR, Record
from core.errors import UserError
from core.evaluation.metrics import (
    AVERAGE_PRECISIONS,
    average_precisions,
    first_ranks,
    inverse_negative_penalties,
    recall_at,
)
from core.evaluation.ranking import COSINE, Order, Ranks, count_ranks, first_by_cameras

RECALLS = (1, 5, 10, 20)
MAX_CURVE_RANK = 50  # last K of a Recall@K curve
SINGLE_SHOT_DRAWS = 100  # random draws of a single-shot protocol
MAP_NAMES = {"rectangle": "mAP", "trapezoid": "mAP_trapezoid", "authors 2017": "mAP_authors_2017"}
OnRanked = Callable[[int], None]


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluator, in percent.

    Attributes:
        summary: Recall@1, @5, @10 and @20, mAP by each definition, mINP; the number of probes, of probes without a true
            match, and of gallery images.
        curve: (MAX_CURVE_RANK,) Recall@1, Recall@2, ...
        cameras: Rank-1 by probe camera (rows) and gallery camera (columns). See `first_by_cameras`.
        probes: One row per probe: path, identity, camera, first_rank, average_precision, inp. With random draws, a row
            is the mean over the draws of the probe, and recall@1, @5, @10 and @20 are the shares of its draws.
    """

    summary: dict[str, float | int]
    curve: np.ndarray
    cameras: pd.DataFrame
    probes: pd.DataFrame


def evaluate_single_query(
    query: np.ndarray,
    query_records: Sequence[Record],
    gallery: np.ndarray,
    gallery_records: Sequence[Record],
    include_same_camera: bool = False,
    order: Order = COSINE,
    on_ranked: OnRanked = lambda count: None,
) -> Evaluation:
    """Evaluate by the single-query protocol: rank the whole gallery for each probe.

    A probe without a true match is counted in `summary` and otherwise ignored. If a probe's own image is in the gallery
    too, it is ignored for this probe.

    Args:
        query: Unit descriptors of the probes, (Q, D).
        query_records: The Q records of the probes.
        gallery: Unit descriptors of the gallery, (G, D).
        gallery_records: The G records of the gallery.
        include_same_camera: Whether same-camera images count as true matches. By default they are ignored.
        order: How the gallery is scored and sorted.
        on_ranked: Called with the number of probes ranked since the last call.

    Raises:
        UserError: If no probe has a true match.

    Source:
        Zheng et al., ICCV 2015.
    """
    (identities, cameras), gallery_labels = _labels(query_records), _labels(gallery_records)
    positions = {record.path: position for position, record in enumerate(gallery_records)}
    own = np.array([positions.get(record.path, -1) for record in query_records])
    ranks = count_ranks(
        query, gallery, identities, cameras, *gallery_labels, include_same_camera, None, on_ranked, order, own
    )
    has_match = ranks.counts > 0
    if not has_match.any():
        raise UserError(_no_match_message(query_records, gallery_records))
    probes = _table(query_records, ranks)[has_match].reset_index(drop=True)
    counts = {
        "probes": int(has_match.sum()),
        "probes_without_answer": int((~has_match).sum()),
        "gallery": len(gallery_records),
    }
    return _evaluation(ranks, counts, first_by_cameras(ranks, cameras, gallery_labels[1]), probes)


def evaluate_single_shot(
    query: np.ndarray,
    query_records: Sequence[Record],
    gallery: np.ndarray,
    gallery_records: Sequence[Record],
    draws: int = SINGLE_SHOT_DRAWS,
    seed: int = 0,
    order: Order = COSINE,
    on_ranked: OnRanked = lambda count: None,
) -> Evaluation:
    """Evaluate by the single-shot protocol: the mean over random draws.

    Each draw takes one probe image of each probe identity, one gallery image of each gallery identity, and all
    distractors. The drawn gallery is ranked for each drawn probe, as in the paper's test on CUHK03. Probe identities
    without a gallery image are counted in `summary` and otherwise ignored.

    Args:
        query: Unit descriptors of the probes, (Q, D).
        query_records: The Q records of the probes.
        gallery: Unit descriptors of the gallery, (G, D).
        gallery_records: The G records of the gallery.
        draws: The number of random draws.
        seed: The seed of the random draws.
        order: How the gallery is scored and sorted.
        on_ranked: Called with the number of probes after all draws.

    Raises:
        UserError: If no probe identity has a gallery image.
    """
    of_query, of_gallery = _by_identity(query_records), _by_identity(gallery_records)
    identities = [identity for identity in of_query if identity in of_gallery]
    if not identities:
        raise UserError(_no_match_message(query_records, gallery_records))
    columns = np.array([list(of_gallery).index(identity) for identity in identities])
    distractors = [np.array([row]) for row, record in enumerate(gallery_records) if record.identity == DISTRACTOR]
    entries = [*of_gallery.values(), *distractors]
    random = np.random.default_rng(seed)
    probe_draws, match_draws, ranks = [], [], []
    for _ in range(draws):
        drawn = np.array([random.choice(of_query[identity]) for identity in identities])
        drawn_gallery = np.array([random.choice(positions) for positions in entries])
        scores = order.scorer(query[drawn], gallery[drawn_gallery], None)(
            slice(None)
        )  # (probes, entries of the gallery)
        own = scores[np.arange(len(identities)), columns][:, None]
        tied_before = (scores == own) & (np.arange(len(drawn_gallery)) < columns[:, None])
        ranks.append(1 + ((scores > own) | tied_before).sum(1))
        probe_draws.append(drawn)
        match_draws.append(drawn_gallery[columns])
    on_ranked(len(query_records))
    all_ranks = Ranks(np.concatenate(ranks), np.concatenate(match_draws), np.arange(draws * len(identities) + 1))
    drawn = np.concatenate(probe_draws)
    cameras, gallery_cameras = _labels(query_records)[1], _labels(gallery_records)[1]
    each = _table([query_records[position] for position in drawn], all_ranks)
    each = each.assign(**{f"recall@{k}": each["first_rank"] <= k for k in RECALLS})
    probes = each.groupby(["path", "identity", "camera"], as_index=False).mean()
    probes.insert(3, "draws", each.groupby(["path", "identity", "camera"]).size().to_numpy())
    counts = {
        "probes": len(identities),
        "probes_without_answer": len(of_query) - len(identities),
        "gallery": len(entries),
        "draws": draws,
    }
    return _evaluation(all_ranks, counts, first_by_cameras(all_ranks, cameras[drawn], gallery_cameras), probes)


def mean_evaluation(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, dict[str, float]]:
    """Average the evaluations of several splits.

    Args:
        evaluations: One evaluation per split.

    Returns:
        The mean evaluation, and the standard deviation of each metric over the splits. The second is empty for a single
        evaluation. Counts, such as the number of probes, are those of the first evaluation.
    """
    if len(evaluations) == 1:
        return evaluations[0], {}
    first = evaluations[0].summary
    figures = {name: [one.summary[name] for one in evaluations] for name in first if isinstance(first[name], float)}
    means = {name: round(float(np.mean(values)), 4) for name, values in figures.items()}
    spread = {name: round(float(np.std(values, ddof=1)), 4) for name, values in figures.items()}
    cameras = pd.concat([one.cameras for one in evaluations]).groupby(level=0).mean()
    probes = pd.concat([one.probes.assign(split=number) for number, one in enumerate(evaluations, start=1)])
    curve = np.mean([one.curve for one in evaluations], axis=0)
    return Evaluation(first | means, curve, cameras, probes.reset_index(drop=True)), spread


def _evaluation(ranks: Ranks, counts: dict[str, int], cameras: pd.DataFrame, probes: pd.DataFrame) -> Evaluation:
    first = first_ranks(ranks)
    figures = {f"recall@{k}": recall_at(first, k) for k in RECALLS}
    figures |= {MAP_NAMES[name]: np.nanmean(average_precisions(ranks, name)) for name in AVERAGE_PRECISIONS}
    figures["mINP"] = np.nanmean(inverse_negative_penalties(ranks))
    curve = np.array([100 * recall_at(first, k) for k in range(1, MAX_CURVE_RANK + 1)])
    return Evaluation(
        {name: round(100 * float(value), 4) for name, value in figures.items()} | counts,
        curve,
        cameras.round(2),
        probes,
    )


def _table(records: Sequence[Record], ranks: Ranks) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "path": [encodable(str(record.path)) for record in records],
            "identity": [record.identity for record in records],
            "camera": [record.camera for record in records],
            "first_rank": first_ranks(ranks),
            "average_precision": average_precisions(ranks),
            "inp": inverse_negative_penalties(ranks),
        }
    )


def _labels(records: Sequence[Record]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([record.identity for record in records], str), np.array(
        [record.viewpoint for record in records], int
    )


def _by_identity(records: Sequence[Record]) -> dict[str, np.ndarray]:
    """Return the positions of each identity's images, sorted by identity, without unlabelled images and distractors."""
    identities = np.array([record.identity for record in records])
    return {name: np.flatnonzero(identities == name) for name in sorted({r.identity for r in records if r.is_labelled})}


def _no_match_message(query: Sequence[Record], gallery: Sequence[Record]) -> str:
    if not query or not gallery:
        return (
            "Nothing to evaluate: the data has no probes or no gallery. Use Market-1501's layout, or one folder per "
            "identity with at least two images each."
        )
    if {record.identity for record in query} & {record.identity for record in gallery}:
        return (
            "No probe has a true match: same-camera images are ignored, and each identity was seen by one camera only. "
            "Use --same-camera to include same-camera images."
        )
    return "No probe has a true match: none of the probes' identities is in the gallery."
