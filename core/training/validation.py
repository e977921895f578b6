"""Validation during training: metrics, histograms and example rankings of the validation identities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.probe_division import divide_probes
from core.data.records import Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query
from core.evaluation.same_camera import same_camera
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.losses.histogram import soft_histogram
from core.losses.pairs import pair_similarities
from core.models.network import Network

HISTOGRAM_NODES = 101
EXAMPLE_PROBES, EXAMPLE_RESULTS = 6, 5  # evenly spaced probes, and the first results of each


@dataclass(frozen=True)
class ValidationResult:
    """The result of one validation.

    Attributes:
        figures: recall@1 and mAP, in percent.
        positive: Histogram (HISTOGRAM_NODES,) of the scores, -1 to 1, of pairs of the same identity.
        negative: The same for pairs of different identities.
        answers: Example rankings of a fixed set of probes: the probe's path, and for each of the first results its path
            and whether it is a true match (`right`).
    """

    figures: dict[str, float]
    positive: list[float]
    negative: list[float]
    answers: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return the histograms and the example rankings, ready for JSON."""
        return {"positive": self.positive, "negative": self.negative, "answers": self.answers}


class Validation:
    """The validation identities, divided into probes and a gallery by core.data.probe_division."""

    def __init__(self, images: Tensor, records: Sequence[Record]):
        self.images, self.records = images, list(records)
        self.query, self.gallery = (np.array(positions, int) for positions in divide_probes(self.records))

    @property
    def is_possible(self) -> bool:
        """Whether a probe has a true match in another camera."""
        return self.judge(np.ones((len(self.records), 1), np.float32)) is not None

    def look(self, network: Network) -> ValidationResult | None:
        """Validate a network and set it back to training mode; None if no probe has a true match in another camera."""
        descriptors = self.describe(network)
        network.train()
        return self.judge(descriptors)

    def describe(self, network: Network) -> np.ndarray:
        """Return the descriptors (N, D) of the images, and leave the network in evaluation mode."""
        device = str(next(network.parameters()).device)
        return Model(Checkpoint(network), device).describe_images(self.images)

    def judge(self, descriptors: np.ndarray) -> ValidationResult | None:
        """Validate descriptors (N, D) of the images; None if no probe has a true match in another camera."""
        query, gallery = ([self.records[index] for index in indices] for indices in (self.query, self.gallery))
        try:
            result = evaluate_single_query(descriptors[self.query], query, descriptors[self.gallery], gallery)
        except UserError:
            return None
        with_match = set(result.probes["path"].map(str))
        return ValidationResult(
            {name: result.summary[name] for name in ("recall@1", "mAP")},
            *pair_histograms(descriptors, self.records),
            self._examples(descriptors, with_match),
        )

    def _examples(self, descriptors: np.ndarray, with_match: set[str]) -> list[dict[str, Any]]:
        """Return the first results of evenly spaced probes that have a true match."""
        probes = [index for index in self.query if str(self.records[index].path) in with_match]
        probes = (
            [probes[number * len(probes) // EXAMPLE_PROBES] for number in range(EXAMPLE_PROBES)]
            if len(probes) > EXAMPLE_PROBES
            else probes
        )
        identities = np.array([self.records[index].identity for index in self.gallery])
        cameras = np.array([self.records[index].camera for index in self.gallery])
        examples = []
        for index in probes:
            probe = self.records[index]
            scores = descriptors[self.gallery] @ descriptors[index]
            scores[same_camera(probe, identities, cameras) | (self.gallery == index)] = -np.inf
            best = np.argsort(-scores, kind="stable")[:EXAMPLE_RESULTS]
            examples.append(
                {
                    "probe": str(probe.path),
                    "answers": [
                        {
                            "path": str(self.records[self.gallery[number]].path),
                            "right": bool(identities[number] == probe.identity),
                        }
                        for number in best
                        if np.isfinite(scores[number])
                    ],
                }
            )
        return examples


def pair_histograms(descriptors: np.ndarray, records: Sequence[Record]) -> tuple[list[float], list[float]]:
    """Compute the histograms of the scores of pairs of the same and of different identities.

    Args:
        descriptors: Unit descriptors (N, D).
        records: Their records.

    Returns:
        Two histograms (HISTOGRAM_NODES,) of sum 1 over the scores from -1 to 1; all zeros where there are no pairs.
    """
    identities = np.unique([record.identity for record in records], return_inverse=True)[1]
    pairs = pair_similarities(torch.from_numpy(descriptors), torch.from_numpy(identities))
    positive, negative = (
        soft_histogram(scores, HISTOGRAM_NODES).numpy().round(6).tolist() if len(scores) else [0.0] * HISTOGRAM_NODES
        for scores in pairs
    )
    return positive, negative
