"""The deletion test: remove regions of the match one by one, and compare the predicted with the measured score."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from core.explain.activations import Regions
from core.explain.attribution import Attribution
from core.inference.model import Model

MAX_STEPS = 27  # steps of a test; with more regions, several are removed per step


@dataclass(frozen=True)
class Deletion:
    """The scores of a deletion test; all arrays are (N,).

    Attributes:
        counts: Number of removed regions at each step, from 0.
        predicted: Scores computed from the attribution, without the network.
        recomputed: Scores of the network with the region vectors set to the baseline; equal to `predicted`.
        painted: Scores of the network for the image with the regions occluded. The occlusion also changes neighbouring
            regions.
    """

    counts: np.ndarray
    predicted: np.ndarray
    recomputed: np.ndarray
    painted: np.ndarray


def delete_regions(model: Model, attribution: Attribution, match: Regions, order: np.ndarray) -> Deletion:
    """Run a deletion test.

    Args:
        model: The model of the match.
        attribution: The attribution of the two images.
        match: The match, as it was given to `explain_match`.
        order: Regions of the match in the order of their removal, (R,).
    """
    counts = np.unique(np.linspace(0, len(order), min(len(order), MAX_STEPS) + 1).round().astype(int))
    predicted = np.array([attribution.score_without([], order[:count]) for count in counts])
    probe = torch.from_numpy(attribution.embeddings[0])
    with torch.inference_mode():
        vectors = _vectors_without(model, attribution, match, order, counts)
        images = torch.from_numpy(np.stack([occlude(match, order[:count]) for count in counts]))
        recomputed = model.network.embed(vectors)
        painted = model.network(images.permute(0, 3, 1, 2).to(model.device))
        scores = [F.cosine_similarity(each.cpu().double(), probe[None]).numpy() for each in (recomputed, painted)]
    return Deletion(counts, predicted, *scores)


def occlude(regions: Regions, occluded: np.ndarray) -> np.ndarray:
    """Occlude regions of an image with the mean colour of the image.

    Args:
        regions: The image, from `look_inside`.
        occluded: Regions to occlude.

    Returns:
        The image, uint8 (160, 60, 3).
    """
    image, geometry = regions.image.copy(), regions.geometry
    for region in occluded:
        top, left, size = geometry.region_box(region)
        top += geometry.tops[geometry.place(region)[0]]
        image[top : top + size, left : left + size] = regions.image.mean((0, 1)).round()
    return image


def _vectors_without(model: Model, attribution: Attribution, match: Regions, order: np.ndarray, counts: np.ndarray):
    """Return the region vectors of the match at each step, (N, R, K), with those of the baseline in removed regions."""
    network = model.network
    streams = (match.a, match.b)[: len(network.streams)]
    maps = tuple(torch.from_numpy(each)[None].to(network.linear.weight) for each in streams)
    vectors = network.region_vectors(maps).flatten(1, 2)
    reference = vectors[0] - torch.from_numpy(attribution.vectors[1]).to(vectors)
    vectors = vectors.repeat(len(counts), 1, 1)
    for each, count in zip(vectors, counts, strict=True):
        removed = torch.from_numpy(order[:count].copy())
        each[removed] = reference[removed]
    return vectors
