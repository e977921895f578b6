"""Validation during training: people held out of it, ranked as at the end, and what one may see of it meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.records import Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query, same_camera
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.losses.histogram import soft_histogram
from core.losses.pairs import pair_similarities
from core.models.network import Network

HISTOGRAM_NODES = 101  # of the histograms that are kept
EXAMPLE_PROBES, EXAMPLE_RESULTS = 6, 5  # probes, evenly spread, and their first answers


@dataclass(frozen=True)
class Look:
    """What validation saw.

    figures: recall@1 and mAP, in percent.
    positive, negative: histograms (NODES,) of the similarities of pairs of the same and of different people, -1 to 1.
    answers: for a fixed handful of probes, their path and their first answers, path and whether it is right.
    """

    figures: dict[str, float]
    positive: list[float]
    negative: list[float]
    answers: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        return {"positive": self.positive, "negative": self.negative, "answers": self.answers}


class Validation:
    """Held-out identities: the first image of each identity and camera is a probe, the others are the gallery."""

    def __init__(self, images: Tensor, records: Sequence[Record]):
        self.images, self.records = images, list(records)
        first = {(record.identity, record.camera): place for place, record in reversed(list(enumerate(records)))}
        self.query = np.array(sorted(first.values()), dtype=int)
        self.gallery = np.setdiff1d(np.arange(len(self.records)), self.query)

    def look(self, network: Network) -> Look | None:
        """None if no probe has a right answer in another camera."""
        descriptors = self.describe(network)
        network.train()
        return self.judge(descriptors)

    def describe(self, network: Network) -> np.ndarray:
        """Descriptors (N, D) of the images; the network is no longer training."""
        device = str(next(network.parameters()).device)
        return Model(Checkpoint(network), device).describe_images(self.images)

    def judge(self, descriptors: np.ndarray) -> Look | None:
        """What descriptors (N, D) of the images find; None if no probe has a right answer in another camera."""
        query, gallery = ([self.records[place] for place in places] for places in (self.query, self.gallery))
        try:
            result = evaluate_single_query(descriptors[self.query], query, descriptors[self.gallery], gallery)
        except UserError:
            return None
        answered = set(result.probes["path"].map(str))
        return Look(
            {name: result.summary[name] for name in ("recall@1", "mAP")},
            *pair_histograms(descriptors, self.records),
            self._answers(descriptors, answered),
        )

    def _answers(self, descriptors: np.ndarray, answered: set[str]) -> list[dict[str, Any]]:
        places = [place for place in self.query if str(self.records[place].path) in answered]
        places = (
            [places[number * len(places) // EXAMPLE_PROBES] for number in range(EXAMPLE_PROBES)]
            if len(places) > EXAMPLE_PROBES
            else places
        )
        identities = np.array([self.records[place].identity for place in self.gallery])
        cameras = np.array([self.records[place].camera for place in self.gallery])
        found = []
        for place in places:
            probe = self.records[place]
            scores = descriptors[self.gallery] @ descriptors[place]
            scores[same_camera(probe, identities, cameras)] = -np.inf
            best = np.argsort(-scores, kind="stable")[:EXAMPLE_RESULTS]
            found.append(
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
        return found


def pair_histograms(descriptors: np.ndarray, records: Sequence[Record]) -> tuple[list[float], list[float]]:
    """(N, D) -> histograms (NODES,) of similarities of pairs of the same and of different people; 0 without pairs."""
    people = np.unique([record.identity for record in records], return_inverse=True)[1]
    pairs = pair_similarities(torch.from_numpy(descriptors), torch.from_numpy(people))
    positive, negative = (
        soft_histogram(some, HISTOGRAM_NODES).numpy().round(6).tolist() if len(some) else [0.0] * HISTOGRAM_NODES
        for some in pairs
    )
    return positive, negative
