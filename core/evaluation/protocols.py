"""Evaluation protocols: which pictures are probes, which count for a probe, and what is reported."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.evaluation.metrics import average_precision, inverse_negative_penalty, ranks_of_matches, recall_at

PROTOCOL = "single query; pictures of the probe's identity from the probe's camera do not count (Market-1501)"
RECALLS = (1, 5, 10, 20)


@dataclass(frozen=True)
class Evaluation:
    """`summary` in percent, with counts and the protocol; `probes` one row a probe (path, first rank, AP, INP)."""

    summary: dict[str, float | int | str]
    probes: pd.DataFrame


def same_camera(probe: Record, gallery_identities: np.ndarray, gallery_cameras: np.ndarray) -> np.ndarray:
    """(G,) bool: pictures of the probe's identity from the probe's own (known) camera, which are too easy to count."""
    if probe.camera == UNKNOWN_CAMERA or not probe.identity:
        return np.zeros(len(gallery_identities), bool)
    return (gallery_identities == probe.identity) & (gallery_cameras == probe.camera)


def evaluate_single_query(
    query: np.ndarray, query_records: Sequence[Record], gallery: np.ndarray, gallery_records: Sequence[Record]
) -> Evaluation:
    """Descriptors (Q, D), (G, D) of unit length with their records -> Evaluation (Zheng et al., ICCV 2015).

    A probe without a right answer is counted and left out. Raises UserError if that is true of all probes.
    """
    identities = np.array([record.identity for record in gallery_records])
    cameras = np.array([record.camera for record in gallery_records])
    rows = []
    for descriptor, probe in zip(query, query_records, strict=True):
        match = identities == probe.identity
        valid = ~same_camera(probe, identities, cameras)
        if (match & valid).any():
            ranks = ranks_of_matches(gallery @ descriptor, match, valid)
            rows.append((str(probe.path), probe.identity, probe.camera, int(ranks[0]), average_precision(ranks),
                         inverse_negative_penalty(ranks)))  # fmt: skip
    if not rows:
        raise UserError(_why_nothing_counts(query_records, gallery_records))
    probes = pd.DataFrame(rows, columns=["path", "identity", "camera", "first_rank", "average_precision", "inp"])
    recalls = {f"recall@{k}": 100 * recall_at(probes["first_rank"].to_numpy(), k) for k in RECALLS}
    counts = {"probes": len(rows), "probes_without_answer": len(query_records) - len(rows),
              "gallery": len(gallery_records)}  # fmt: skip
    means = {"mAP": 100 * probes["average_precision"].mean(), "mINP": 100 * probes["inp"].mean()}
    summary = {name: round(float(value), 4) for name, value in (recalls | means).items()}
    return Evaluation(summary | counts | {"protocol": PROTOCOL}, probes)


def _why_nothing_counts(query: Sequence[Record], gallery: Sequence[Record]) -> str:
    if not query or not gallery:
        return ("There is nothing to evaluate: the data has no probes or no gallery; use Market-1501's layout or one "
                "folder an identity with two or more pictures each.")  # fmt: skip
    if {record.identity for record in query} & {record.identity for record in gallery}:
        return ("No probe has a right answer: pictures of a probe's identity from the probe's own camera do not count, "
                "and here every identity is seen by one camera only.")  # fmt: skip
    return "No probe has a right answer: none of the probes' identities is in the gallery."
