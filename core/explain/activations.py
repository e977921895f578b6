"""The parts, feature maps and bilinear matrices of one image in a network (equations 1 and 2).

The functions call the steps of the network one by one and return arrays. They do not change the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.config import IMAGE_COLUMNS, IMAGE_ROWS, MAP_SIZE, PART_ROWS, list_choices
from core.data.images import Source, open_image
from core.errors import UserError
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.grouped_pooling import grouped_bilinear_pool
from core.models.network import Network

HEAT_PERCENTILE = 99.0  # percentile of the pixels that gets the strongest colour; a few pixels are far above it
PIXELS_PER_LOCATION = (PART_ROWS[0][1] - PART_ROWS[0][0]) // MAP_SIZE  # a location covers 4 x 4 pixels


@dataclass(frozen=True)
class Regions:
    """The feature maps and bilinear matrices of one image.

    Regions are numbered part by part, and row by row in a part. If the filters form groups, the columns of row i are
    the filters of stream B in the group of filter i. The sizes below are those of the paper's architectures. All
    properties follow the sizes of the arrays. The parts are squares as wide as the image, at equal distances.

    `cnn` has one stream and no pooling. It is treated as regions of one location and a stream B with one map that is 1
    everywhere, so its "bilinear matrix" (C, 1) is the feature vector of a location.
    """

    image: np.ndarray  # (160, 60, 3) uint8, RGB: the input of the network
    a: np.ndarray  # (P, M, 15, 15): feature maps of stream A
    b: np.ndarray  # (P, N, 15, 15): feature maps of stream B
    region_size: int  # number of locations along the side of a region
    matrices: np.ndarray  # (P R, M, N / groups): the sum of a(l) b(l)^T over the locations l of each region

    @property
    def parts(self) -> np.ndarray:
        """The three overlapping stripes of the image, (P, 60, 60, 3) uint8."""
        return np.stack([self.image[top:bottom] for top, bottom in self.part_rows])

    @property
    def part_rows(self) -> tuple[tuple[int, int], ...]:
        """The first row of each part, and the one after its last."""
        rows, columns, _ = self.image.shape
        tops = np.linspace(0, rows - columns, len(self.a)).round().astype(int).tolist()
        return tuple((top, top + columns) for top in tops)

    @property
    def map_size(self) -> int:
        """Number of rows and columns of the feature maps of a part."""
        return self.a.shape[-1]

    @property
    def pixels_per_location(self) -> int:
        """Number of pixels along the side of the square that a location stands for."""
        return self.image.shape[1] // self.map_size

    @property
    def side(self) -> int:
        """Number of regions along the side of a part."""
        return self.map_size // self.region_size

    @property
    def energy(self) -> np.ndarray:
        """The Frobenius norm of the bilinear matrix of each region, (P, side, side)."""
        return np.linalg.norm(self.matrices, axis=(1, 2)).reshape(-1, self.side, self.side)

    def cells(self, maps: np.ndarray, region: int) -> np.ndarray:
        """Return the values of maps (P, ..., 15, 15) in one region: (..., region_size, region_size)."""
        part, row, column = np.unravel_index(region, (len(self.a), self.side, self.side))
        top, left = row * self.region_size, column * self.region_size
        return maps[part, ..., top : top + self.region_size, left : left + self.region_size]

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
        region_size: Number of locations along the side of a region, which divides that of the maps: 1, 3, 5 or 15. The
            default is the network's own region size. It has no effect on `cnn`, whose regions are single locations.

    Raises:
        UserError: The image cannot be read, or the region size does not divide the side of the maps.
    """
    pixels = model.prepare(open_image(image))
    network = model.network
    with torch.inference_mode():
        maps = network.maps(network.prepare(torch.from_numpy(pixels.copy())[None].to(model.device)))
        a = maps[0][0].float()  # (P, C, 15, 15)
        b = maps[1][0].float() if len(maps) == 2 else torch.ones_like(a[:, :1])
        size = own_region_size(network) if region_size is None or len(maps) == 1 else region_size
        if size not in (sizes := network.config.region_sizes):
            raise UserError(f"The region size must be {list_choices(sizes)}, not {size}.")
        matrices = grouped_bilinear_pool(a, b, size, network.config.groups).flatten(0, 1)
    image_seen = pixels.transpose(1, 2, 0).copy()
    return Regions(image_seen, a.cpu().numpy(), b.cpu().numpy(), size, matrices.cpu().numpy())


def own_region_size(network: Network) -> int:
    """Return the region size of the network's descriptor."""
    return 1 if network.config.architecture == "cnn" else network.config.region_size


def find_strongest(values: np.ndarray, count: int) -> list[tuple[int, ...]]:
    """Return the indices of the `count` entries of an array with the largest absolute values, in descending order."""
    order = np.argsort(-np.abs(values), axis=None, kind="stable")[:count]
    return [tuple(int(index) for index in entry) for entry in zip(*np.unravel_index(order, values.shape), strict=True)]


def spread_over_pixels(values: np.ndarray) -> np.ndarray:
    """Distribute the value of each location evenly over its 4 x 4 pixels.

    Args:
        values: Values of the locations, (P, 15, 15).

    Returns:
        Values of the pixels, (160, 60), with the same sum. Values are added where parts overlap.
    """
    pixels = np.zeros((IMAGE_ROWS, IMAGE_COLUMNS))
    for (top, bottom), part in zip(PART_ROWS, values, strict=True):
        pixels[top:bottom] += (
            np.kron(part, np.ones((PIXELS_PER_LOCATION, PIXELS_PER_LOCATION))) / PIXELS_PER_LOCATION**2
        )
    return pixels


def find_heat_limit(values: Sequence[np.ndarray]) -> float:
    """Return the absolute pixel value that gets the strongest colour in heat maps.

    It is a percentile, because with the maximum a few pixels would make all others pale.

    Args:
        values: Values of the locations of each image, (P, 15, 15).
    """
    return float(np.percentile([np.abs(spread_over_pixels(each)) for each in values], HEAT_PERCENTILE))


def randomise_weights(model: Model, seed: int = 0) -> Model:
    """Return a model of the same architecture with random weights.

    What its explanations have in common with those of the trained model does not come from the training.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Model(Checkpoint(Network(model.network.config)), model.device)
