"""Why two images match: the cosine score as a sum over pairs of regions, filter pairs and places.

The descriptor before it is scaled to unit length is affine in the region vectors v_r of an image,

    e = c + sum_r W_r (v_r - m_r),

where m is any reference: zero, or the mean vectors of many images. c is then the network's bias, or what it makes of
the average image; c and W_r hold the batch normalisation, which is affine once training is over. So the score of two
images,

    <e, e'> / (|e| |e'|) = sum_{r,s} <u_r, u'_s> / (|e| |e'|) + terms with c,        u_r = W_r (v_r - m_r),

splits exactly. Only the u_r, of D numbers each, are formed, never the products W_r^T W_s.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.config import MAP_SIZE, PART_ROWS
from core.data.images import Source
from core.data.loading import read_batches
from core.explain.activations import Regions, own_region_size
from core.inference.model import Model
from core.models.network import SQUARE_ROOT_FLOOR, Network

MIN_LENGTH = 1e-12  # of a descriptor, as in torch's normalize


@dataclass(frozen=True)
class Attribution:
    """The score of a probe (index 0 of each pair) and a match (index 1), split into terms. All arrays are float64.

    Attributes:
        terms: (R + 1, R + 1), a row for each region of the probe, a column for each of the match; the last row and
            column belong to c. Their sum is the score.
        filter_pairs: (R, M, N) of each image: what each filter pair of a region adds. A region's sum is that of its
            row (probe) or column (match) of `terms`.
        places: (P, 15, 15) of each image: what each place adds; summed over a region as `filter_pairs` is.
        projected: (R, D) of each image: u_r.
        vectors: (R, K) of each image: v_r - m_r.
        offset: (D,): c.
    """

    terms: np.ndarray
    filter_pairs: tuple[np.ndarray, np.ndarray]
    places: tuple[np.ndarray, np.ndarray]
    projected: tuple[np.ndarray, np.ndarray]
    vectors: tuple[np.ndarray, np.ndarray]
    offset: np.ndarray

    @property
    def score(self) -> float:
        return float(self.terms.sum())

    @property
    def region_pairs(self) -> np.ndarray:
        """(R, R): the terms without c."""
        return self.terms[:-1, :-1]

    @property
    def of_regions(self) -> tuple[np.ndarray, np.ndarray]:
        """(R,) of each image: what its regions add to the score, whatever they meet in the other image."""
        return self.terms[:-1].sum(1), self.terms[:, :-1].sum(0)

    @property
    def rest(self) -> tuple[float, float]:
        """Of each image: what is left of the score beside its regions, its c with all of the other image."""
        return float(self.terms[-1].sum()), float(self.terms[:, -1].sum())

    @property
    def lengths(self) -> tuple[float, float]:
        """|e| of each image."""
        probe, match = (_length(each.sum(0) + self.offset) for each in self.projected)
        return probe, match

    def score_without(self, probe: Iterable[int], match: Iterable[int]) -> float:
        """The score that follows from the terms if the named regions of each image are set to the reference.

        The terms of these regions are gone, and the lengths of the descriptors change.
        """
        e = [
            self.offset + np.delete(each, list(gone), axis=0).sum(0)
            for each, gone in zip(self.projected, (probe, match), strict=True)
        ]
        return float(e[0] @ e[1]) / (_length(e[0]) * _length(e[1]))


def explain_match(model: Model, probe: Regions, match: Regions, reference: np.ndarray | None = None) -> Attribution:
    """Two images from `look_inside` at the network's own region size -> Attribution.

    Places are exact shares where a region's vector is its bilinear matrix. Where the network takes the square root of
    it, an entry is no sum over places any more: each place then gets the share of the entry's value that it has of the
    entry before the square root. They still sum to the score. What the reference takes off is spread evenly.

    `reference` is (R, K), from `average_vectors`; by default zero. Raises ValueError for another region size or shape.
    """
    both, network = (probe, match), model.network
    if {each.region_size for each in both} != {own_region_size(network)}:
        raise ValueError(f"expected regions of {own_region_size(network)} places, the network's own")
    scale, shift = _normalisation(network)
    with torch.inference_mode():
        weight = network.linear.weight  # (D, R K)
        vectors = torch.cat([_vectors(network, each) for each in both])  # (2, R, K)
        mean = torch.zeros_like(vectors[0]) if reference is None else torch.from_numpy(reference).to(vectors)
        if mean.shape != vectors.shape[1:]:
            raise ValueError(f"expected a reference {tuple(vectors.shape[1:])}, got {tuple(mean.shape)}")
        differences = vectors - mean
        by_region = weight.unflatten(1, mean.shape).permute(1, 2, 0)  # (R, K, D)
        projected = scale * (differences.transpose(0, 1) @ by_region).transpose(0, 1).double()  # (2, R, D)
        offset = shift if reference is None else shift + scale * (weight @ mean.flatten()).double()
        e = projected.sum(1) + offset  # (2, D)
        length = e.norm(dim=1).clamp_min(MIN_LENGTH).prod()
        rows = torch.cat([projected, offset.expand(2, 1, -1)], dim=1)  # (2, R + 1, D)
        terms = rows[0] @ rows[1].T / length
        # (2, R, K): by how much the score grows with each entry, lengths kept; it is the other image that decides
        gradients = ((scale * e.flip(0) / length).to(weight.dtype) @ weight).unflatten(1, mean.shape)
    u, c = projected.cpu().numpy(), offset.cpu().numpy()
    v, v_minus_m, slopes = (each.double().cpu().numpy() for each in (vectors, differences, gradients))
    pairs = [(slopes[n] * v_minus_m[n]).reshape(each.matrices.shape) for n, each in enumerate(both)]
    taken_off = (slopes * (v - v_minus_m)).sum(2)
    places = [_places(network, each, v[n], slopes[n], taken_off[n]) for n, each in enumerate(both)]
    return Attribution(
        terms.cpu().numpy(), (pairs[0], pairs[1]), (places[0], places[1]), (u[0], u[1]), (v_minus_m[0], v_minus_m[1]), c
    )


def explain_region_pair(model: Model, why: Attribution, probe: int, match: int) -> tuple[np.ndarray, np.ndarray]:
    """The term of a probe's and a match's region by filter pairs: (M, N) of the probe's, (M, N) of the match's.

    Each sums to `why.terms[probe, match]`; it is the same term, looked at from either side.
    """
    network = model.network
    scale, _ = _normalisation(network)
    length, numbers = float(np.prod(why.lengths)), network.region_numbers
    sides = []
    for image, own, other in ((0, probe, match), (1, match, probe)):
        with torch.inference_mode():
            weight = network.linear.weight[:, own * numbers : (own + 1) * numbers]  # (D, K)
            met = scale * torch.from_numpy(why.projected[1 - image][other]).to(scale) / length
            gradient = (weight.T @ met.to(weight.dtype)).double().cpu().numpy()
        sides.append((gradient * why.vectors[image][own]).reshape(why.filter_pairs[image].shape[1:]))
    return sides[0], sides[1]


def average_vectors(model: Model, images: Iterable[Source], batch_size: int = 16) -> np.ndarray:
    """Images -> (R, K): the mean of their region vectors, a reference for `explain_match`.

    Measured from it, terms say what two images share that others do not. Raises UserError for an image that cannot
    be used.
    """
    network, total, count = model.network, torch.zeros(()), 0
    for _, batch in read_batches(images, batch_size):
        with torch.inference_mode():
            vectors = network.region_vectors(network.maps(network.prepare(batch.to(model.device))))
            total = total + vectors.flatten(1, 2).double().sum(0)
            count += len(batch)
    if not count:
        raise ValueError("an average needs at least one image")
    return (total / count).float().cpu().numpy()


def _normalisation(network: Network) -> tuple[Tensor, Tensor]:
    """Scale and shift, (D,) float64, so that embed(v) = scale * (weight @ v) + shift."""
    bias, norm = network.linear.bias.detach().double(), network.norm
    if isinstance(norm, nn.Identity):
        return torch.ones_like(bias), bias
    assert norm.running_mean is not None and norm.running_var is not None  # all of a Network track them
    scale = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
    return scale, scale * (bias - norm.running_mean.double()) + norm.bias.detach().double()


def _vectors(network: Network, regions: Regions) -> Tensor:
    """(1, R, K): the region vectors, made by the network itself of the maps."""
    streams = (regions.a, regions.b)[: len(network.streams)]
    maps = tuple(torch.from_numpy(each)[None].to(network.linear.weight) for each in streams)
    return network.region_vectors(maps).flatten(1, 2)


def _places(
    network: Network, regions: Regions, vectors: np.ndarray, gradients: np.ndarray, taken_off: np.ndarray
) -> np.ndarray:
    """(P, 15, 15): what each place adds, of its region's vector (R, K) and of what one more of each entry would add.

    An entry x_ij = sum_l a_i(l) b_j(l) enters the vector as it is, or as its square root with a floor: then place l
    has the share (a_i(l) b_j(l) + floor / places) / (x_ij + floor) of it. `taken_off` (R,) goes to all places alike.
    """
    size, side = regions.region_size, regions.side
    weights: np.ndarray = gradients.reshape(regions.matrices.shape)
    floor = 0.0
    if network.config.normalise_regions and len(network.streams) == 2:
        floor = SQUARE_ROOT_FLOOR
        weights = weights * vectors.reshape(weights.shape) / (regions.matrices + floor)
    grid, groups = (len(PART_ROWS), side, side), regions.groups
    cells = (len(PART_ROWS), groups, -1, side, size, side, size)
    a, b = regions.a.reshape(cells).astype(float), regions.b.reshape(cells).astype(float)
    by_group = weights.reshape(*grid, groups, -1, weights.shape[2])
    met = np.einsum("pyxgmn,pgnyhxw->pgmyhxw", by_group, b, optimize=True)
    values = np.einsum("pgmyhxw,pgmyhxw->pyhxw", a, met)
    even = (floor * weights.sum((1, 2)) - taken_off).reshape(grid) / size**2
    return (values + even[:, :, None, :, None]).reshape(len(PART_ROWS), MAP_SIZE, MAP_SIZE)


def _length(e: np.ndarray) -> float:
    return max(float(np.linalg.norm(e)), MIN_LENGTH)
