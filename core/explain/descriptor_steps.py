"""The steps from the locations of a region to the descriptor (equations 1 to 3), with all numbers in between."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from core.explain.activations import Regions
from core.inference.model import Model


@dataclass(frozen=True)
class DescriptorSteps:
    """The last steps of the network for one image.

    Attributes:
        matrices: The flattened bilinear matrices of all regions (equation 3), (P R, M N / groups).
        vectors: The region vectors, (P R, M N / groups): `matrices` after the signed square root and L2 normalisation,
            or unchanged if the model does not use them.
        embedding: The output of the last layer, (D,).
        descriptor: The embedding divided by its length, (D,).
    """

    matrices: np.ndarray
    vectors: np.ndarray
    embedding: np.ndarray
    descriptor: np.ndarray


def location_vectors(regions: Regions, region: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a(l) and b(l) at the locations of a region, row by row.

    The sum over l of a(l) b(l)^T is the bilinear matrix of the region (equations 1 and 2). If the filters form groups,
    only products within a group are computed.

    Args:
        regions: The regions of an image.
        region: Number of the region.

    Returns:
        Arrays (L, M) and (L, N), for the L locations of the region.
    """
    a, b = (regions.cells(maps, region).reshape(maps.shape[1], -1).T for maps in (regions.a, regions.b))
    return a, b


def describe_steps(model: Model, regions: Regions) -> DescriptorSteps:
    """Compute the last steps of the network from the feature maps of an image.

    The descriptor is that of the image itself, without its mirror image.

    Args:
        model: The model.
        regions: The regions of the image, from `look_inside` with the network's own region size.

    Raises:
        ValueError: If the region size differs from the network's.
    """
    network = model.network
    size, own_size = regions.geometry.region_size, network.config.geometry.region_size
    if size != own_size:
        raise ValueError(f"expected the region size {own_size}, got {size}")
    streams = (regions.a, regions.b)[: len(network.streams)]
    with torch.inference_mode():
        vectors = network.region_vectors(
            tuple(torch.from_numpy(maps)[None].to(network.linear.weight) for maps in streams)
        )
        embedding = network.embed(vectors)[0]
        descriptor = F.normalize(embedding, dim=0)
    matrices = regions.matrices.reshape(len(regions.matrices), -1)
    return DescriptorSteps(
        matrices, *(each.cpu().numpy() for each in (vectors[0].flatten(0, 1), embedding, descriptor))
    )
