"""Attribution: the cosine score of two images as an exact sum over pairs of regions, filter pairs and locations.

The descriptor before L2 normalisation is affine in the region vectors v_r of an image,

    e = c + sum_r W_r (v_r - m_r),

where the baseline m is zero or the mean region vectors of many images. c is then the network's bias, or the network's
output for the mean region vectors. c and W_r include the batch normalisation, which is affine after training. The score
of two images is therefore exactly

    <e, e'> / (|e| |e'|) = sum_{r,s} <u_r, u'_s> / (|e| |e'|) + terms with c,        u_r = W_r (v_r - m_r).

Only the vectors u_r (D,) are computed, never the products W_r^T W_s.

With batch-norm adaptation the images have statistics of their own cameras, and the batch normalisation of each image is
another affine map: c and W_r differ between the images. The sum is the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.explain.activations import Regions
from core.inference.model import Model
from core.models.network import SQUARE_ROOT_FLOOR, Network

MIN_LENGTH = 1e-12  # minimum length of a descriptor, as in torch.nn.functional.normalize
Models = Model | tuple[Model, Model]  # of both images, or of the probe and of the match


@dataclass(frozen=True)
class Attribution:
    """The contributions to the score of a probe and a match. All arrays are float64.

    Index 0 of each pair belongs to the probe, index 1 to the match.

    Attributes:
        terms: Contributions of the pairs of regions, (R + 1, R + 1): one row per region of the probe, one column per
            region of the match. The last row and column belong to c. The sum is the score.
        filter_pairs: Contributions of the filter pairs of each region, (R, M, N) per image. The sum over the filter
            pairs of a region equals the sum of its row (probe) or column (match) of `terms`.
        locations: Contributions of the locations, (P, 15, 15) per image. The sum over the locations of a region equals
            the sum of its row (probe) or column (match) of `terms`.
        projected: u_r, (R, D) per image.
        vectors: v_r - m_r, (R, K) per image.
        offsets: c, (D,) per image. Both are equal unless the images have batch-norm statistics of their own.
    """

    terms: np.ndarray
    filter_pairs: tuple[np.ndarray, np.ndarray]
    locations: tuple[np.ndarray, np.ndarray]
    projected: tuple[np.ndarray, np.ndarray]
    vectors: tuple[np.ndarray, np.ndarray]
    offsets: tuple[np.ndarray, np.ndarray]

    @property
    def score(self) -> float:
        """The cosine similarity of the two descriptors."""
        return float(self.terms.sum())

    @property
    def region_pairs(self) -> np.ndarray:
        """The terms without c, (R, R)."""
        return self.terms[:-1, :-1]

    @property
    def of_regions(self) -> tuple[np.ndarray, np.ndarray]:
        """The contributions of the regions of each image, (R,), summed over the regions and c of the other image."""
        return self.terms[:-1].sum(1), self.terms[:, :-1].sum(0)

    @property
    def rest(self) -> tuple[float, float]:
        """The contribution of the c of each image, summed over the regions and c of the other image."""
        return float(self.terms[-1].sum()), float(self.terms[:, -1].sum())

    @property
    def lengths(self) -> tuple[float, float]:
        """The length |e| of each image's descriptor before normalisation."""
        probe, match = (_length(e) for e in self.embeddings)
        return probe, match

    @property
    def embeddings(self) -> tuple[np.ndarray, np.ndarray]:
        """The descriptor e of each image before normalisation, (D,)."""
        probe, match = (c + u.sum(0) for c, u in zip(self.offsets, self.projected, strict=True))
        return probe, match

    def score_without(self, probe: Iterable[int], match: Iterable[int]) -> float:
        """Compute the score after some regions of each image are set to the baseline.

        The terms of these regions become zero, and the lengths of the descriptors change.

        Args:
            probe: Regions of the probe.
            match: Regions of the match.
        """
        e = [
            c + np.delete(u, list(removed), axis=0).sum(0)
            for c, u, removed in zip(self.offsets, self.projected, (probe, match), strict=True)
        ]
        return float(e[0] @ e[1]) / (_length(e[0]) * _length(e[1]))


def explain_match(model: Models, probe: Regions, match: Regions, reference: np.ndarray | None = None) -> Attribution:
    """Split the score of two images into contributions.

    The contributions of locations are exact if the region vector is the bilinear matrix itself. If the network takes
    the signed square root, an entry of the region vector is no longer a sum over locations. Each location then gets the
    share of the entry that it has before the square root. The contributions still sum to the score. The part of the
    baseline is distributed evenly over the locations of a region.

    The score is that of the two images themselves. A model with `flip` also uses the mirror images when it describes
    images, so that its own score differs.

    Args:
        model: The model. If each image has batch-norm statistics of its own camera, the models of the probe and of the
            match, which have the same weights (`CameraModels.of`).
        probe: The probe, from `look_inside` with its model and the network's own region size.
        match: The match, likewise.
        reference: The baseline m (R, K), from `average_vectors`; zero by default.

    Raises:
        ValueError: The region size differs from the network's, or the baseline has another shape.
    """
    both, networks = (probe, match), _networks(model)
    network = networks[0]
    if {each.geometry for each in both} != {geometry := network.config.geometry}:
        raise ValueError(f"expected the region size {geometry.region_size} of the network")
    scale, shift = map(torch.stack, zip(*map(_normalisation, networks), strict=True))  # (2, D)
    with torch.inference_mode():
        weight = network.linear.weight  # (D, R K)
        vectors = torch.cat([_vectors(network, each) for each in both])  # (2, R, K)
        mean = torch.zeros_like(vectors[0]) if reference is None else torch.from_numpy(reference).to(vectors)
        if mean.shape != vectors.shape[1:]:
            raise ValueError(f"expected a reference {tuple(vectors.shape[1:])}, got {tuple(mean.shape)}")
        differences = vectors - mean
        by_region = weight.unflatten(1, mean.shape).permute(1, 2, 0)  # (R, K, D)
        # float64 on the CPU only: the GPU of an Apple processor does not have it
        projected = scale[:, None] * (differences.transpose(0, 1) @ by_region).transpose(0, 1).cpu().double()
        offset = shift if reference is None else shift + scale * (weight @ mean.flatten()).cpu().double()
        e = projected.sum(1) + offset  # (2, D), of projected (2, R, D)
        length = e.norm(dim=1).clamp_min(MIN_LENGTH).prod()
        rows = torch.cat([projected, offset[:, None]], dim=1)  # (2, R + 1, D)
        terms = rows[0] @ rows[1].T / length
        # (2, R, K): derivative of the score by each entry at constant lengths; it depends on the other image
        gradients = ((scale * e.flip(0) / length).to(weight) @ weight).unflatten(1, mean.shape)
    u, c = projected.numpy(), offset.numpy()
    v, v_minus_m, slopes = (each.cpu().double().numpy() for each in (vectors, differences, gradients))
    pairs = [(slopes[n] * v_minus_m[n]).reshape(each.matrices.shape) for n, each in enumerate(both)]
    baseline_part = (slopes * (v - v_minus_m)).sum(2)
    locations = [_locations(network, each, v[n], slopes[n], baseline_part[n]) for n, each in enumerate(both)]
    return Attribution(
        terms.numpy(),
        (pairs[0], pairs[1]),
        (locations[0], locations[1]),
        (u[0], u[1]),
        (v_minus_m[0], v_minus_m[1]),
        (c[0], c[1]),
    )


def explain_region_pair(
    model: Models, attribution: Attribution, probe: int, match: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split the term of one region of the probe and one of the match into contributions of filter pairs.

    Args:
        model: The model or the models, as they were given to `explain_match`.
        attribution: The attribution of the two images.
        probe: Region of the probe.
        match: Region of the match.

    Returns:
        The contributions of the filter pairs of the probe's region (M, N), and of the match's region (M, N). Each array
        sums to `terms[probe, match]`.
    """
    networks = _networks(model)
    network, scales = networks[0], [_normalisation(each)[0] for each in networks]
    length, numbers = float(np.prod(attribution.lengths)), network.region_numbers
    sides = []
    for image, own, other in ((0, probe, match), (1, match, probe)):
        with torch.inference_mode():
            weight = network.linear.weight[:, own * numbers : (own + 1) * numbers]  # (D, K)
            scale = scales[image]
            opposite = scale * torch.from_numpy(attribution.projected[1 - image][other]) / length
            gradient = (weight.T @ opposite.to(weight)).cpu().double().numpy()
        sides.append((gradient * attribution.vectors[image][own]).reshape(attribution.filter_pairs[image].shape[1:]))
    return sides[0], sides[1]


def _networks(model: Models) -> tuple[Network, Network]:
    """Return the networks of the probe and of the match."""
    probe, match = model if isinstance(model, tuple) else (model, model)
    return probe.network, match.network


def _normalisation(network: Network) -> tuple[Tensor, Tensor]:
    """Return scale and shift, float64 (D,) on the CPU, with embed(v) = scale * (weight @ v) + shift."""
    bias, norm = _to_float64(network.linear.bias), network.norm
    if isinstance(norm, nn.Identity):
        return torch.ones_like(bias), bias
    assert norm.running_mean is not None and norm.running_var is not None  # every Network tracks them
    scale = _to_float64(norm.weight) / (_to_float64(norm.running_var) + norm.eps).sqrt()
    return scale, scale * (bias - _to_float64(norm.running_mean)) + _to_float64(norm.bias)


def _to_float64(values: Tensor) -> Tensor:
    """Copy values to the CPU as float64, without gradient."""
    return values.detach().cpu().double()


def _vectors(network: Network, regions: Regions) -> Tensor:
    """Return the region vectors (1, R, K), computed from the maps by the network itself."""
    streams = (regions.a, regions.b)[: len(network.streams)]
    maps = tuple(torch.from_numpy(each)[None].to(network.linear.weight) for each in streams)
    return network.region_vectors(maps).flatten(1, 2)


def _locations(
    network: Network, regions: Regions, vectors: np.ndarray, gradients: np.ndarray, baseline_part: np.ndarray
) -> np.ndarray:
    """Return the contributions of the locations, (P, 15, 15), from region vectors (R, K) and gradients (R, K).

    An entry x_ij = sum_l a_i(l) b_j(l) enters the region vector unchanged, or as its square root with a floor. With the
    square root, location l gets the share (a_i(l) b_j(l) + floor / n) / (x_ij + floor) of it, where n is the number of
    locations of a region. `baseline_part` (R,) is subtracted evenly from the locations of a region.
    """
    geometry = regions.geometry
    size, side = geometry.region_size, geometry.side
    weights: np.ndarray = gradients.reshape(regions.matrices.shape)
    floor = 0.0
    if network.config.normalise_regions and len(network.streams) == 2:
        floor = SQUARE_ROOT_FLOOR
        weights = weights * vectors.reshape(weights.shape) / (regions.matrices + floor)
    grid, groups = (len(regions.a), side, side), regions.groups
    cells = (len(regions.a), groups, -1, side, size, side, size)
    a, b = regions.a.reshape(cells).astype(float), regions.b.reshape(cells).astype(float)
    by_group = weights.reshape(*grid, groups, -1, weights.shape[2])
    weighted = np.einsum("pyxgmn,pgnyhxw->pgmyhxw", by_group, b, optimize=True)
    values = np.einsum("pgmyhxw,pgmyhxw->pyhxw", a, weighted)
    even = (floor * weights.sum((1, 2)) - baseline_part).reshape(grid) / size**2
    return (values + even[:, :, None, :, None]).reshape(len(regions.a), geometry.map_size, geometry.map_size)


def _length(e: np.ndarray) -> float:
    """Return |e|, at least MIN_LENGTH."""
    return max(float(np.linalg.norm(e)), MIN_LENGTH)
