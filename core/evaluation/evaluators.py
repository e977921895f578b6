"""Scores of one split: descriptors of probes and gallery with their records -> how well right answers are ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
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
MAX_CURVE_RANK = 50  # ranks of a Recall@K curve
SINGLE_SHOT_DRAWS = 100  # of a single-shot protocol
MAP_NAMES = {"rectangle": "mAP", "trapezoid": "mAP_trapezoid", "authors 2017": "mAP_authors_2017"}


@dataclass(frozen=True)
class Evaluation:
    """What was found, in percent.

    summary: recall@1 ..., mAP by each definition, mINP; counts of probes, of probes without answer, of the gallery.
    curve: (CURVE,) Recall@1, Recall@2, ...
    cameras: rank-1 by probe camera (rows) and gallery camera (columns), right answers of other cameras set aside.
    probes: one row a probe: path, identity, camera, first_rank, average_precision, inp; means over draws if drawn.
    """

    summary: dict[str, float | int]
    curve: np.ndarray
    cameras: pd.DataFrame
    probes: pd.DataFrame


def rule_applies(probe: Record) -> bool:
    """Whether the same-camera rule applies to a probe: who it shows is known, it is no distractor, and its camera is
    known."""
    return probe.identity not in ("", DISTRACTOR) and probe.camera != UNKNOWN_CAMERA


def same_camera(probe: Record, gallery_identities: np.ndarray, gallery_cameras: np.ndarray) -> np.ndarray:
    """(G,) bool: images of the probe's identity from the probe's own (known) camera, which are too easy to count."""
    if not rule_applies(probe):
        return np.zeros(len(gallery_identities), bool)
    return (gallery_identities == probe.identity) & (gallery_cameras == probe.camera)


def evaluate_single_query(
    query: np.ndarray,
    query_records: Sequence[Record],
    gallery: np.ndarray,
    gallery_records: Sequence[Record],
    include_same_camera: bool = False,
    order: Order = COSINE,
) -> Evaluation:
    """Descriptors (Q, D), (G, D) of unit length with their records -> Evaluation (Zheng et al., ICCV 2015).

    Every probe is ranked against the whole gallery, without images of its identity from its own camera unless
    `include_same_camera`. A probe without a right answer is counted and left out. Raises UserError if that is true of
    all probes.
    """
    (identities, cameras), gallery_labels = _labels(query_records), _labels(gallery_records)
    ranks = count_ranks(query, gallery, identities, cameras, *gallery_labels, include_same_camera, order=order)
    answered = ranks.counts > 0
    if not answered.any():
        raise UserError(_why_nothing_counts(query_records, gallery_records))
    probes = _table(query_records, ranks)[answered].reset_index(drop=True)
    counts = {
        "probes": int(answered.sum()),
        "probes_without_answer": int((~answered).sum()),
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
) -> Evaluation:
    """Descriptors (Q, D), (G, D) of unit length with their records -> Evaluation, mean over random draws.

    Each draw takes one image of each person among the probes and one of each person in the gallery, and ranks the
    latter for each of the former (CUHK03's test as the authors run it). People without an image in the gallery are
    counted and left out. Raises UserError if that is true of all.
    """
    of_query, of_gallery = _by_person(query_records), _by_person(gallery_records)
    people = [person for person in of_query if person in of_gallery]
    if not people:
        raise UserError(_why_nothing_counts(query_records, gallery_records))
    columns = np.array([list(of_gallery).index(person) for person in people])
    random = np.random.default_rng(seed)
    rows, shown, ranks = [], [], []
    for _ in range(draws):
        drawn = np.array([random.choice(of_query[person]) for person in people])
        against = np.array([random.choice(places) for places in of_gallery.values()])
        board = order.scorer(query[drawn], gallery[against], None)(slice(None))  # (people, gallery's people)
        own = board[np.arange(len(people)), columns][:, None]
        tied_before = (board == own) & (np.arange(len(against)) < columns[:, None])
        ranks.append(1 + ((board > own) | tied_before).sum(1))
        rows.append(drawn)
        shown.append(against[columns])
    all_ranks = Ranks(np.concatenate(ranks), np.concatenate(shown), np.arange(draws * len(people) + 1))
    drawn = np.concatenate(rows)
    cameras, gallery_cameras = _labels(query_records)[1], _labels(gallery_records)[1]
    each = _table([query_records[place] for place in drawn], all_ranks)
    probes = each.groupby(["path", "identity", "camera"], as_index=False).mean()
    probes.insert(3, "draws", each.groupby(["path", "identity", "camera"]).size().to_numpy())
    counts = {
        "probes": len(people),
        "probes_without_answer": len(of_query) - len(people),
        "gallery": len(of_gallery),
        "draws": draws,
    }
    return _evaluation(all_ranks, counts, first_by_cameras(all_ranks, cameras[drawn], gallery_cameras), probes)


def mean_evaluation(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, dict[str, float]]:
    """Evaluations of several splits -> their mean, and the standard deviation of each figure (empty for one)."""
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
            "path": [str(record.path) for record in records],
            "identity": [record.identity for record in records],
            "camera": [record.camera for record in records],
            "first_rank": first_ranks(ranks),
            "average_precision": average_precisions(ranks),
            "inp": inverse_negative_penalties(ranks),
        }
    )


def _labels(records: Sequence[Record]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([record.identity for record in records], str), np.array([record.camera for record in records], int)


def _by_person(records: Sequence[Record]) -> dict[str, np.ndarray]:
    """Person -> positions of the images, people in the order of their names."""
    identities, _ = _labels(records)
    return {person: np.flatnonzero(identities == person) for person in np.unique(identities).tolist() if person}


def _why_nothing_counts(query: Sequence[Record], gallery: Sequence[Record]) -> str:
    if not query or not gallery:
        return (
            "There is nothing to evaluate: the data has no probes or no gallery; use Market-1501's layout or one "
            "folder an identity with two or more images each."
        )
    if {record.identity for record in query} & {record.identity for record in gallery}:
        return (
            "No probe has a right answer: images of a probe's identity from the probe's own camera do not count, "
            "and here every identity is seen by one camera only; --same-camera counts them."
        )
    return "No probe has a right answer: none of the probes' identities is in the gallery."
