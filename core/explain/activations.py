"""An image inside a network: parts, the maps of both streams, the bilinear matrix of each region (equations 1 and 2).

The functions call the network's steps one by one and return arrays; nothing stays behind on the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.config import IMAGE_COLUMNS, IMAGE_ROWS, MAP_SIZE, PART_ROWS
from core.data.images import Source, open_image, resize
from core.errors import UserError
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.grouped_pooling import grouped_bilinear_pool
from core.models.network import Network

HEAT_PERCENTILE = 99.0  # percent of the pixels are below the strongest colour: a few are far above all others
PIXELS_PER_LOCATION = (PART_ROWS[0][1] - PART_ROWS[0][0]) // MAP_SIZE  # a place lies over 4 x 4 pixels


@dataclass(frozen=True)
class Regions:
    """What a network makes of one image. Regions are numbered part by part, in a part row by row.

    Where filters form groups, the columns of row i are the filters of stream B that are in i's group.
    `cnn` has one stream and no pooling; it is the same operation with regions of one place and, as stream B, a single
    map that is 1 everywhere: its "bilinear matrix" (C, 1) is the feature vector of a place.
    """

    image: np.ndarray  # (160, 60, 3) uint8, RGB, as the network sees it
    a: np.ndarray  # (P, M, 15, 15), the maps of stream A
    b: np.ndarray  # (P, N, 15, 15), the maps of stream B
    region_size: int  # places along the side of a region
    matrices: np.ndarray  # (P R, M, N / groups): the sum of a(l) b(l)^T over the places l of each region

    @property
    def parts(self) -> np.ndarray:
        """(P, 60, 60, 3): the three overlapping stripes."""
        return np.stack([self.image[top:bottom] for top, bottom in PART_ROWS])

    @property
    def side(self) -> int:
        """Regions along the side of a part."""
        return MAP_SIZE // self.region_size

    @property
    def energy(self) -> np.ndarray:
        """(P, side, side): the Frobenius norm of each region's bilinear matrix, the root of the sum of its squares."""
        return np.linalg.norm(self.matrices, axis=(1, 2)).reshape(-1, self.side, self.side)

    def cells(self, maps: np.ndarray, region: int) -> np.ndarray:
        """Maps (P, ..., 15, 15) -> (..., region_size, region_size): what lies in one region."""
        part, row, column = np.unravel_index(region, (len(PART_ROWS), self.side, self.side))
        top, left = row * self.region_size, column * self.region_size
        return maps[part, ..., top : top + self.region_size, left : left + self.region_size]

    def filter_pair(self, region: int, i: int, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The maps a_i and b_j in a region and their product, each (region_size, region_size).

        The product is what equation (1) has at row i and column j, place by place; its sum is `matrices[region, i, j]`
        (equation 2).
        """
        a, b = self.cells(self.a, region)[i], self.cells(self.b, region)[self.met(i, j)]
        return a, b, a * b

    @property
    def groups(self) -> int:
        """Groups that the filters of both streams form side by side."""
        return self.b.shape[1] // self.matrices.shape[2]

    def met(self, i: int, j: int) -> int:
        """The filter of stream B that column j stands for in row i: the j-th of i's group."""
        return i * self.groups // self.a.shape[1] * self.matrices.shape[2] + j


def look_inside(model: Model, image: Source, region_size: int | None = None) -> Regions:
    """One image -> its Regions. Raises UserError for an image that cannot be used, or a region size that is none.

    `region_size` pools the maps of the same streams in other regions than the network was trained with; `cnn` pools
    nothing and has regions of one place.
    """
    pixels = resize(open_image(image))
    network = model.network
    with torch.inference_mode():
        maps = network.maps(network.prepare(torch.from_numpy(pixels.copy())[None].to(model.device)))
        a = maps[0][0].float()  # (P, C, 15, 15)
        b = maps[1][0].float() if len(maps) == 2 else torch.ones_like(a[:, :1])
        size = own_region_size(network) if region_size is None or len(maps) == 1 else region_size
        if size < 1 or MAP_SIZE % size:
            raise UserError(f"A region is 1, 3, 5 or 15 places wide, not {size}.")
        matrices = grouped_bilinear_pool(a, b, size, network.config.groups).flatten(0, 1)
    image_seen = pixels.transpose(1, 2, 0).copy()
    return Regions(image_seen, a.cpu().numpy(), b.cpu().numpy(), size, matrices.cpu().numpy())


def own_region_size(network: Network) -> int:
    """Places along the side of the regions that a network's descriptor is made of."""
    return 1 if network.config.architecture == "cnn" else network.config.region_size


def find_strongest(values: np.ndarray, count: int) -> list[tuple[int, ...]]:
    """The places of the `count` entries of an array that are furthest from zero, the furthest first."""
    order = np.argsort(-np.abs(values), axis=None, kind="stable")[:count]
    return [tuple(int(index) for index in place) for place in zip(*np.unravel_index(order, values.shape), strict=True)]


def spread_over_pixels(places: np.ndarray) -> np.ndarray:
    """(P, 15, 15) -> (160, 60): each place's value spread evenly over its 4 x 4 pixels; the sum stays the same.

    Where parts overlap, values add up.
    """
    pixels = np.zeros((IMAGE_ROWS, IMAGE_COLUMNS))
    for (top, bottom), part in zip(PART_ROWS, places, strict=True):
        pixels[top:bottom] += (
            np.kron(part, np.ones((PIXELS_PER_LOCATION, PIXELS_PER_LOCATION))) / PIXELS_PER_LOCATION**2
        )
    return pixels


def find_brightest_pixel(places: Sequence[np.ndarray]) -> float:
    """What the strongest colour means on images (P, 15, 15) each, so that a few pixels do not outshine the others."""
    return float(np.percentile([np.abs(spread_over_pixels(each)) for each in places], HEAT_PERCENTILE))


def randomise_weights(model: Model, seed: int = 0) -> Model:
    """The same architecture before any training. What an explanation shows of it too does not come from training."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Model(Checkpoint(Network(model.network.config)), model.device)
