"""The nearest images of each image, found in blocks of similarities, so that the whole matrix is never in memory."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array

IMAGES_PER_BLOCK = 2048  # rows and columns of a block of similarities


@dataclass(frozen=True)
class Nearest:
    """The K nearest images of each of N images, the image itself first.

    Attributes:
        positions: (N, K) int; -1 where there are fewer than K.
        similarities: (N, K) cosine similarities to them.
        least: (N,) the smallest similarity of each image to any image.
    """

    positions: np.ndarray
    similarities: np.ndarray
    least: np.ndarray


def nearest_among(descriptors: np.ndarray, count: int) -> Nearest:
    """Find the nearest images of each image.

    The similarity of a pair is computed once for both of its images.

    Args:
        descriptors: Unit descriptors (N, D).
        count: The number of nearest images, with the image itself.
    """
    values = torch.from_numpy(descriptors)
    best = _Best(len(values), min(count, len(values)))
    starts = range(0, len(values), IMAGES_PER_BLOCK)
    for first in starts:
        for second in (start for start in starts if start >= first):
            block = values[first : first + IMAGES_PER_BLOCK] @ values[second : second + IMAGES_PER_BLOCK].T
            best.update(first, second, block, block.amin(1))
            if second > first:
                best.update(second, first, block.T.contiguous(), block.amin(0))
    return best.nearest


def add_queries(
    of_gallery: Nearest, gallery: np.ndarray, query: np.ndarray, nearest: int, forbidden: csr_array
) -> Nearest:
    """Add probes to the nearest images of a gallery.

    Args:
        of_gallery: The nearest gallery images of each gallery image.
        gallery: Unit descriptors of the gallery, (G, D).
        query: Unit descriptors of the probes, (Q, D).
        nearest: The number of nearest images, with the image itself.
        forbidden: (Q, G) pairs of a probe and a gallery image that must not be neighbours.

    Returns:
        The nearest images of all images among all images: the gallery first, then the probes.
    """
    count, total = len(gallery), len(gallery) + len(query)
    best = _Best(total, min(nearest, total), of_gallery)
    images, probes = torch.from_numpy(gallery), torch.from_numpy(query)
    for first in range(0, len(query), IMAGES_PER_BLOCK):
        chunk = probes[first : first + IMAGES_PER_BLOCK]
        for second in range(0, count, IMAGES_PER_BLOCK):
            block = chunk @ images[second : second + IMAGES_PER_BLOCK].T
            least = block.amin(1), block.amin(0)
            rows, columns = forbidden[first : first + len(chunk), second : second + block.shape[1]].nonzero()
            block[rows, columns] = -torch.inf
            best.update(count + first, second, block, least[0])
            best.update(second, count + first, block.T.contiguous(), least[1])
        for second in range(0, len(query), IMAGES_PER_BLOCK):
            block = chunk @ probes[second : second + IMAGES_PER_BLOCK].T
            best.update(count + first, count + second, block, block.amin(1))
    return best.nearest


class _Best:
    """The nearest images of each of N images among the blocks seen so far."""

    def __init__(self, images: int, count: int, known: Nearest | None = None):
        self.similarities = torch.full((images, count), -torch.inf)
        self.positions = torch.full((images, count), -1)
        self.least = torch.full((images,), torch.inf)
        if known is not None:
            size, width = known.positions.shape
            self.similarities[:size, :width] = torch.from_numpy(known.similarities)
            self.positions[:size, :width] = torch.from_numpy(known.positions)
            self.least[:size] = torch.from_numpy(known.least)

    def update(self, first: int, second: int, block: torch.Tensor, least: torch.Tensor) -> None:
        """Add a block (A, B) of similarities of the images from `first` to the images from `second`.

        The block is overwritten.
        """
        if first == second:
            block.fill_diagonal_(torch.inf)  # an image ranks before its own copies
        rows = slice(first, first + len(block))
        values, columns = torch.topk(block, min(self.positions.shape[1], block.shape[1]))
        similarities = torch.cat([self.similarities[rows], values], 1)
        positions = torch.cat([self.positions[rows], columns + second], 1)
        self.similarities[rows], order = torch.topk(similarities, self.positions.shape[1])
        self.positions[rows] = positions.gather(1, order)
        self.least[rows] = torch.minimum(self.least[rows], least)

    @property
    def nearest(self) -> Nearest:
        self.positions[torch.isneginf(self.similarities)] = -1
        return Nearest(self.positions.numpy(), self.similarities.numpy(), self.least.numpy())
