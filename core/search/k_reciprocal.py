"""k-reciprocal re-ranking: images with common neighbours are similar (Zhong et al., CVPR 2017).

The k-reciprocal neighbours of an image are those of its k1 nearest images that have the image among their own k1
nearest. The set is extended by the neighbourhoods of its members that overlap enough with it. As a vector over all
images, it has a few dozen non-zero entries, so sparse matrices hold all vectors. Only the nearest images of each image
are stored, never the full matrix of similarities.

Two details follow the authors' code instead of equation 4: a neighbourhood is added if more than two thirds of it
overlap, and an image is its own first neighbour.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.sparse import csc_array, csr_array

from core.errors import UserError
from core.search.neighbour_lists import Nearest, add_queries, nearest_among

PAIRS_PER_BLOCK = 512  # pairs of descriptors that fit into a CPU core's cache


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
