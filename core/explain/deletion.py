"""The deletion check: regions of the match are taken away, and the score is computed again."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from core.config import PART_ROWS
from core.explain.activations import PIXELS_PER_LOCATION, Regions
from core.explain.attribution import Attribution
from core.inference.model import Model

MAX_STEPS = 27


@dataclass(frozen=True)
class Deletion:
    """Scores after the first `counts[n]` regions of an order are gone; each array is (N,), the first with none gone."""

    counts: np.ndarray
    predicted: np.ndarray  # from the terms, without the network
    recomputed: np.ndarray  # by the network, the regions' vectors set to the reference: the same
    painted: np.ndarray  # by the network, the regions painted over in the image; neighbours see the paint as well


def delete_regions(model: Model, why: Attribution, match: Regions, order: np.ndarray) -> Deletion:
    """`order` (R,) names regions of the match; they go one by one, or by shares if there are more than 27."""
    counts = np.unique(np.linspace(0, len(order), min(len(order), MAX_STEPS) + 1).round().astype(int))
    predicted = np.array([why.score_without([], order[:count]) for count in counts])
    probe = torch.from_numpy(why.projected[0].sum(0) + why.offset)
    with torch.inference_mode():
        vectors = _vectors_without(model, why, match, order, counts)
        images = torch.from_numpy(np.stack([paint_over(match, order[:count]) for count in counts]))
        recomputed = model.network.embed(vectors)
        painted = model.network(images.permute(0, 3, 1, 2).to(model.device))
        scores = [F.cosine_similarity(each.double().cpu(), probe[None]).numpy() for each in (recomputed, painted)]
    return Deletion(counts, predicted, *scores)


def paint_over(regions: Regions, gone: np.ndarray) -> np.ndarray:
    """(160, 60, 3) uint8: the image with the pixels of some regions in the mean colour of the whole."""
    image, size = regions.image.copy(), regions.region_size * PIXELS_PER_LOCATION
    for region in gone:
        part, cell = divmod(int(region), regions.side**2)
        top, left = PART_ROWS[part][0] + cell // regions.side * size, cell % regions.side * size
        image[top : top + size, left : left + size] = regions.image.mean((0, 1)).round()
    return image


def _vectors_without(model: Model, why: Attribution, match: Regions, order: np.ndarray, counts: np.ndarray):
    """(N, R, K): the match's region vectors, and those of the reference where regions are gone."""
    network = model.network
    streams = (match.a, match.b)[: len(network.streams)]
    maps = tuple(torch.from_numpy(each)[None].to(network.linear.weight) for each in streams)
    vectors = network.region_vectors(maps).flatten(1, 2)
    reference = vectors[0] - torch.from_numpy(why.vectors[1]).to(vectors)
    vectors = vectors.repeat(len(counts), 1, 1)
    for each, count in zip(vectors, counts, strict=True):
        gone = torch.from_numpy(order[:count].copy())
        each[gone] = reference[gone]
    return vectors
