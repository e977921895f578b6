"""Shuffles: changes that move the patterns of an image, and the descriptor before and after.

Two of them change the image, and two permute the locations of the feature maps. Both streams get the same permutation,
so that a(l) and b(l) of one location stay together. Bilinear pooling sums over the locations of a region (equation 2).
The descriptor is therefore invariant to a permutation of the locations within a region.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.images import Source, open_image
from core.inference.model import Model

SHIFT = 8  # columns of pixels: two locations
PERMUTED_REGION_SIZE = 5  # locations along a side of the regions of MR B-CNN


@dataclass(frozen=True)
class Shuffle:
    """A change of the image, or of the feature maps.

    Attributes:
        of_image: Changes pixels (3, 160, 60) -> (3, 160, 60), or None.
        of_maps: Changes the maps of a stream, (B, P, C, 15, 15) -> (B, P, C, 15, 15), or None.
    """

    of_image: Callable[[np.ndarray], np.ndarray] | None = None
    of_maps: Callable[[Tensor], Tensor] | None = None


def shift_image(pixels: np.ndarray, columns: int = SHIFT) -> np.ndarray:
    """Move an image (3, H, W) to the right; the columns at the left edge are repeated."""
    return np.concatenate([pixels[..., :1].repeat(columns, axis=2), pixels[..., :-columns]], axis=2)


def swap_halves(pixels: np.ndarray) -> np.ndarray:
    """Exchange the upper and the lower half of an image (3, 160, 60)."""
    return np.roll(pixels, pixels.shape[1] // 2, axis=1)


def permute_in_squares(maps: Tensor, size: int, seed: int = 0) -> Tensor:
    """Permute the locations of maps (..., 15, 15) within each square of size x size locations.

    Each square has a permutation of its own. All maps get the same permutations.
    """
    squares = maps.shape[-1] // size
    generator = torch.Generator().manual_seed(seed)
    order = torch.stack([torch.randperm(size * size, generator=generator) for _ in range(squares**2)])
    cut = maps.unflatten(-1, (squares, size)).unflatten(-3, (squares, size)).transpose(-3, -2)
    flat = cut.flatten(-2).flatten(-3, -2)  # (..., squares^2, size^2)
    moved = flat.gather(-1, order.to(maps.device).expand(flat.shape))
    moved = moved.unflatten(-1, (size, size)).unflatten(-3, (squares, squares)).transpose(-3, -2)
    return moved.flatten(-4, -3).flatten(-2)


def permute_in_parts(maps: Tensor) -> Tensor:
    """Permute the locations of each part."""
    return permute_in_squares(maps, maps.shape[-1])


def permute_in_regions(maps: Tensor) -> Tensor:
    """Permute the locations of each region of 5 x 5 locations."""
    return permute_in_squares(maps, PERMUTED_REGION_SIZE)


SHUFFLES = {
    "shift": Shuffle(of_image=shift_image),
    "halves": Shuffle(of_image=swap_halves),
    "parts": Shuffle(of_maps=permute_in_parts),
    "regions": Shuffle(of_maps=permute_in_regions),
}


def describe_shuffled(model: Model, image: Source, shuffle: Shuffle) -> np.ndarray:
    """Describe an image after a shuffle: the descriptor, float32 (D,), without the mirror image."""
    pixels, network = model.prepare(open_image(image)), model.network
    if shuffle.of_image:
        pixels = shuffle.of_image(pixels)
    with torch.inference_mode():
        maps = network.maps(network.prepare(torch.from_numpy(pixels.copy())[None].to(model.device)))
        if shuffle.of_maps:
            maps = tuple(map(shuffle.of_maps, maps))
        vectors = network.region_vectors(maps)
        return F.normalize(network.embed(vectors), dim=1)[0].float().cpu().numpy()


def compare_shuffles(model: Model, image: Source) -> dict[str, float]:
    """Return the cosine similarity of the descriptors before and after each of `SHUFFLES`."""
    before = describe_shuffled(model, image, Shuffle())
    return {name: float(before @ describe_shuffled(model, image, shuffle)) for name, shuffle in SHUFFLES.items()}
