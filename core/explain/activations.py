"""The parts, feature maps and bilinear matrices of one image in a network (equations 1 and 2).

The functions call the steps of the network one by one and return arrays. They do not change the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from core.config import list_choices
from core.data.images import Source, open_image
from core.errors import UserError
from core.geometry import Geometry
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.grouped_pooling import grouped_bilinear_pool
from core.models.network import Network

HEAT_PERCENTILE = 99.0  # percentile of the pixels that gets the strongest colour; a few pixels are far above it


@dataclass(frozen=True)
class Regions:
    """The feature maps and bilinear matrices of one image.

    Regions are numbered part by part, and row by row in a part. If the filters form groups, the columns of row i are
    the filters of stream B in the group of filter i. The sizes below are those of the paper's architectures.

    `cnn` has one stream and no pooling. It is treated as regions of one location and a stream B with one map that is 1
    everywhere, so its "bilinear matrix" (C, 1) is the feature vector of a location.
    """

    image: np.ndarray  # (160, 60, 3) uint8, RGB: the input of the network
    a: np.ndarray  # (P, M, 15, 15): feature maps of stream A
    b: np.ndarray  # (P, N, 15, 15): feature maps of stream B
    geometry: Geometry  # with the size of these regions
    matrices: np.ndarray  # (P R, M, N / groups): the sum of a(l) b(l)^T over the locations l of each region

    @property
    def parts(self) -> np.ndarray:
        """The parts of the image, (P, 60, 60, 3) uint8."""
        return np.stack([self.image[top:bottom] for top, bottom in self.geometry.part_rows])

    @property
    def energy(self) -> np.ndarray:
        """The Frobenius norm of the bilinear matrix of each region, (P, side, side)."""
        return np.linalg.norm(self.matrices, axis=(1, 2)).reshape(-1, self.geometry.side, self.geometry.side)

    def cells(self, maps: np.ndarray, region: int) -> np.ndarray:
        """Return the values of maps (P, ..., 15, 15) in one region: (..., region_size, region_size)."""
        (part, row, column), size = self.geometry.place(region), self.geometry.region_size
        top, left = row * size, column * size
        return maps[part, ..., top : top + size, left : left + size]

    def filter_pair(self, region: int, i: int, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the maps a_i and b_j in a region and their product, each (region_size, region_size).

        The product is the entry at row i and column j of equation (1) at each location. Its sum over the locations is
        `matrices[region, i, j]` (equation 2).
        """
        a, b = self.cells(self.a, region)[i], self.cells(self.b, region)[self.met(i, j)]
        return a, b, a * b

    @property
    def groups(self) -> int:
        """Number of groups that the filters of both streams form."""
        return self.b.shape[1] // self.matrices.shape[2]

    def met(self, i: int, j: int) -> int:
        """Return the filter of stream B in row i and column j of a bilinear matrix: the j-th filter of i's group."""
        return i * self.groups // self.a.shape[1] * self.matrices.shape[2] + j


def look_inside(model: Model, image: Source, region_size: int | None = None) -> Regions:
    """Compute the feature maps and bilinear matrices of one image.

    Args:
        model: The model.
        image: The image, of any size.
        region_size: Number of locations along a side of a region, one of `Geometry.region_sizes`. The default is the
            network's own region size. It has no effect on `cnn`, whose regions are single locations.

    Raises:
        UserError: The image cannot be read, or the region size does not divide the side of the maps.
    """
    pixels = model.prepare(open_image(image))
    network = model.network
    with torch.inference_mode():
        maps = network.maps(network.prepare(torch.from_numpy(pixels.copy())[None].to(model.device)))
        a = maps[0][0].float()  # (P, C, 15, 15)
        b = maps[1][0].float() if len(maps) == 2 else torch.ones_like(a[:, :1])
        geometry = network.config.geometry
        if region_size is not None and len(maps) == 2:
            geometry = replace(geometry, region_size=region_size)
        if geometry.region_size not in (sizes := geometry.region_sizes):
            raise UserError(f"The region size must be {list_choices(sizes)}, not {region_size}.")
        matrices = grouped_bilinear_pool(a, b, geometry.region_size, network.config.groups).flatten(0, 1)
    image_seen = pixels.transpose(1, 2, 0).copy()
    return Regions(image_seen, a.cpu().numpy(), b.cpu().numpy(), geometry, matrices.cpu().numpy())


def find_strongest(values: np.ndarray, count: int) -> list[tuple[int, ...]]:
    """Return the indices of the `count` entries of an array with the largest absolute values, in descending order."""
    order = np.argsort(-np.abs(values), axis=None, kind="stable")[:count]
    return [tuple(int(index) for index in entry) for entry in zip(*np.unravel_index(order, values.shape), strict=True)]


def spread_over_pixels(values: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Distribute the value of each location evenly over its square of pixels.

    Args:
        values: Values of the locations, (P, 15, 15).
        geometry: The geometry of the network.

    Returns:
        Values of the pixels, (160, 60), with the same sum. Values are added where parts overlap.
    """
    pixels, size = np.zeros((geometry.rows, geometry.columns)), geometry.pixels_per_location
    for (top, bottom), part in zip(geometry.part_rows, values, strict=True):
        pixels[top:bottom] += np.kron(part, np.ones((size, size))) / size**2
    return pixels


def find_heat_limit(values: Sequence[np.ndarray], geometry: Geometry) -> float:
    """Return the absolute pixel value that gets the strongest colour in heat maps.

    It is a percentile, because with the maximum a few pixels would make all others pale.

    Args:
        values: Values of the locations of each image, (P, 15, 15).
        geometry: The geometry of the network.
    """
    return float(np.percentile([np.abs(spread_over_pixels(each, geometry)) for each in values], HEAT_PERCENTILE))


def randomise_weights(model: Model, seed: int = 0) -> Model:
    """Return a model of the same architecture with random weights.

    What its explanations have in common with those of the trained model does not come from the training.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Model(Checkpoint(Network(model.network.config)), model.device)
