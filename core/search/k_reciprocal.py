"""k-reciprocal re-ranking: images with common neighbours are similar (Zhong et al., CVPR 2017).

The k-reciprocal neighbours of an image are those of its k1 nearest images that have the image among their own k1
nearest. The set is extended by the neighbourhoods of its members that overlap enough with it. As a vector over all
images, it has a few dozen non-zero entries, so sparse matrices hold all vectors. Only the nearest images of each image
are stored, never the full matrix of similarities.

Two details follow the authors' code instead of equation 4: a neighbourhood is added if more than two thirds of it
overlap, and an image is its own first neighbour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csc_array, csr_array

from core.errors import UserError

IMAGES_PER_BLOCK = 2048  # rows and columns of a block of similarities
PAIRS_PER_BLOCK = 512  # pairs of descriptors that fit into a CPU core's cache


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


class KReciprocal:
    """Scores gallery images by their distance to the probe and by the neighbours they share with it.

    Distances are squared Euclidean distances of unit descriptors, divided by the largest distance of each image. `fit`
    sets `gallery_`, (G, D), and `nearest_`, the nearest gallery images of each gallery image. They are reused for all
    probes.

    Args:
        k1: The number of nearest images.
        k2: The number of nearest images whose vectors are averaged.
        weight: The weight of the distance, lambda in the paper.
    """

    def __init__(self, k1: int = 20, k2: int = 6, weight: float = 0.3):
        self.k1, self.k2, self.weight = k1, k2, weight

    def fit(self, gallery: np.ndarray) -> "KReciprocal":
        """Find the nearest images of each gallery image.

        Args:
            gallery: Unit descriptors (G, D).

        Raises:
            UserError: If k1, k2 or the weight is out of range.
        """
        if not (1 <= self.k2 <= self.k1 and 0 <= self.weight <= 1):
            raise UserError(
                f"Re-ranking needs 1 <= k2 <= k1 and a weight from 0 to 1; got k1 {self.k1}, k2 {self.k2} "
                f"and weight {self.weight}."
            )
        self.gallery_ = np.asarray(gallery, np.float32)
        self.nearest_ = nearest_among(self.gallery_, self.k1 + 1)
        return self

    def scores(self, query: np.ndarray, ignored: Sequence[np.ndarray] | None = None) -> Callable[[slice], np.ndarray]:
        """Return a function that computes the scores of a slice of the probes.

        As in the paper, probes can be neighbours of each other.

        Args:
            query: Unit descriptors of the probes, (Q, D).
            ignored: The gallery positions that are ignored for each probe. These images are not among the neighbours of
                the probe, and the probe is not among theirs.

        Returns:
            Slice of C probes -> scores (C, G) from 0 to 1. A score is 1 minus the paper's final distance.
        """
        query, count = np.asarray(query, np.float32), len(self.gallery_)
        forbidden = _pairs(ignored, len(query), count)
        nearest = add_queries(self.nearest_, self.gallery_, query, self.k1 + 1, forbidden)
        vectors = neighbour_vectors(nearest, np.concatenate([self.gallery_, query]), self.k1, self.k2, forbidden)
        of_gallery, of_query = vectors[:count].tocsc(), vectors[count:]

        def rows(chunk: slice) -> np.ndarray:
            shared = shared_weight(of_query[chunk], of_gallery)
            largest_distance = 1 - nearest.least[count:][chunk, None]
            closeness = 1 - (1 - query[chunk] @ self.gallery_.T) / np.maximum(largest_distance, 1e-12)
            return (1 - self.weight) * shared / (2 - shared) + np.float32(self.weight) * closeness

        return rows


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


def neighbour_vectors(nearest: Nearest, pool: np.ndarray, k1: int, k2: int, forbidden: csr_array) -> csr_array:
    """Compute the vectors of k-reciprocal neighbours.

    Args:
        nearest: The nearest images of all N images, the gallery first, then the probes.
        pool: The descriptors of all images, (N, D).
        k1: The number of nearest images.
        k2: The number of nearest images whose vectors are averaged.
        forbidden: (Q, G) pairs of a probe and a gallery image that must not be neighbours.

    Returns:
        Sparse (N, N) float32. The weights of an image sum to 1 before they are averaged. Images that share no entry
        with a probe have no weights.
    """
    probes = forbidden.shape[1]  # the row of the first probe
    near = _graph(nearest.positions[:, : k1 + 1])
    nearer = _graph(nearest.positions[:, : round(k1 / 2) + 1])
    mutual, mutual_half = near.multiply(near.T).tocsr(), nearer.multiply(nearer.T).tocsr()
    # the number of images that the k1 / 2 neighbourhood of each neighbour shares with the image's neighbourhood
    overlap = mutual.multiply(mutual @ mutual_half.T).tocoo()
    is_added = overlap.data > 2 / 3 * mutual_half.sum(1)[overlap.col]
    added = csr_array(
        (overlap.data[is_added] > 0, (overlap.row[is_added], overlap.col[is_added])), mutual.shape, np.float32
    )
    members = mutual + added @ mutual_half
    if forbidden.nnz:
        probe, image = forbidden.nonzero()
        pairs = np.concatenate([probes + probe, image]), np.concatenate([image, probes + probe])
        members = members - members.multiply(csr_array((np.ones(2 * len(probe), np.float32), pairs), members.shape))
        members.eliminate_zeros()
    # Only images that share an entry with a probe need weights.
    first = _graph(nearest.positions[:, :k2])
    entries = (first[probes:] @ members).sum(0) > 0
    rows, columns = (members * (members @ entries > 0)[:, None]).nonzero()
    distances = (1 - _similarities(pool, rows, columns)) / np.maximum(1 - nearest.least, 1e-12)[rows]
    weights = csr_array((np.exp(-distances), (rows, columns)), members.shape)
    weights.data /= np.repeat(weights.sum(1), np.diff(weights.indptr))
    first.data /= np.repeat(np.diff(first.indptr), np.diff(first.indptr))
    return (first @ weights).tocsr()


def shared_weight(probes: csr_array, images: csc_array) -> np.ndarray:
    """Sum the element-wise minimum of each pair of vectors.

    Args:
        probes: Sparse vectors of the probes, (C, N).
        images: Sparse vectors of the gallery, (G, N).

    Returns:
        (C, G) float32.
    """
    lengths = np.diff(images.indptr)[probes.indices]  # number of gallery images that have the entry as well
    starts = images.indptr[probes.indices] - np.cumsum(lengths) + lengths
    at = np.repeat(starts, lengths) + np.arange(lengths.sum())
    probe = np.repeat(np.repeat(np.arange(probes.shape[0]), np.diff(probes.indptr)), lengths)
    smaller = np.minimum(np.repeat(probes.data, lengths), images.data[at])
    shape = probes.shape[0], images.shape[0]
    sums = np.bincount(probe * shape[1] + images.indices[at], smaller, shape[0] * shape[1])
    return sums.astype(np.float32).reshape(shape)


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


def _graph(positions: np.ndarray) -> csr_array:
    """Convert positions (N, K) to a matrix (N, N) with a one for each."""
    rows, columns = np.nonzero(positions >= 0)
    ones = np.ones(len(rows), np.float32)
    return csr_array((ones, (rows, positions[rows, columns])), (len(positions), len(positions)))


def _pairs(ignored: Sequence[np.ndarray] | None, probes: int, images: int) -> csr_array:
    """Convert the ignored gallery positions of each probe to a matrix (Q, G)."""
    ignored = [np.array([], int)] * probes if ignored is None else ignored
    lengths = [len(positions) for positions in ignored]
    columns = np.concatenate(ignored) if sum(lengths) else np.array([], int)
    rows = np.repeat(np.arange(probes), lengths)
    return csr_array((np.ones(len(rows), bool), (rows, columns)), (probes, images))


def _similarities(pool: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Compute the dot products (M,) of M pairs of rows."""
    values, found = torch.from_numpy(pool), np.empty(len(rows), np.float32)
    for start in range(0, len(rows), PAIRS_PER_BLOCK):
        some = slice(start, start + PAIRS_PER_BLOCK)
        one, other = values[torch.from_numpy(rows[some])], values[torch.from_numpy(columns[some])]
        found[some] = (one * other).sum(1).numpy()
    return found
