"""k-reciprocal re-ranking (Zhong et al., CVPR 2017): two images are alike if they have the same neighbours.

Each image's neighbours are those of its k1 nearest which count it among their own, and what their own neighbourhoods
agree on; as a vector over all images it has a few dozen entries, so that all of it fits into sparse matrices. Of the
table of all similarities only the nearest of each image are ever kept. Like the authors' code, and unlike equation 4,
a neighbourhood joins if more than two thirds of it agree, and an image is the first of its own neighbours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csc_array, csr_array

from core.errors import UserError

IMAGES_PER_BLOCK = 2048  # images whose similarities to as many others are looked at together
PAIRS_PER_BLOCK = 512  # pairs whose similarity is computed together: their descriptors fit into a core's cache


@dataclass(frozen=True)
class Nearest:
    """The nearest of each of N images, itself first, and how far its distances reach.

    places: (N, K) int, -1 where there are fewer.  similarities: (N, K).  least: (N,), its smallest similarity.
    """

    places: np.ndarray
    similarities: np.ndarray
    least: np.ndarray


class KReciprocal:
    """Scores of images by the distances to them and by the neighbours that they share with the probe.

    Distances are squared ones of unit descriptors, divided by each image's largest. `k1` neighbours are looked at,
    vectors are averaged over the first `k2`, and `weight` is the share of the distance (lambda in the paper).
    After `fit`: gallery_ (G, D), nearest_ among themselves, which need not be found again for other probes.
    """

    def __init__(self, k1: int = 20, k2: int = 6, weight: float = 0.3):
        self.k1, self.k2, self.weight = k1, k2, weight

    def fit(self, gallery: np.ndarray) -> "KReciprocal":
        """Unit descriptors (G, D) -> self. Raises UserError for settings that mean nothing."""
        if not (1 <= self.k2 <= self.k1 and 0 <= self.weight <= 1):
            raise UserError(
                f"Re-ranking needs 1 <= k2 <= k1 and a weight from 0 to 1; got k1 {self.k1}, k2 {self.k2} "
                f"and weight {self.weight}."
            )
        self.gallery_ = np.asarray(gallery, np.float32)
        self.nearest_ = nearest_among(self.gallery_, self.k1 + 1)
        return self

    def scores(self, query: np.ndarray, barred: Sequence[np.ndarray] | None = None) -> Callable[[slice], np.ndarray]:
        """Unit descriptors (Q, D) -> a function that gives the scores (C, G) of a slice of them, 0 to 1, best highest.

        A score is 1 minus the final distance of the paper. Probes are one another's neighbours too, as there. The
        places in the gallery that are `barred` for a probe are nobody's of its neighbours, nor it theirs.
        """
        query, count = np.asarray(query, np.float32), len(self.gallery_)
        forbidden = _pairs(barred, len(query), count)
        nearest = add_queries(self.nearest_, self.gallery_, query, self.k1 + 1, forbidden)
        vectors = neighbour_vectors(nearest, np.concatenate([self.gallery_, query]), self.k1, self.k2, forbidden)
        of_gallery, of_query = vectors[:count].tocsc(), vectors[count:]

        def rows(some: slice) -> np.ndarray:
            shared = shared_weight(of_query[some], of_gallery)
            reach = 1 - nearest.least[count:][some, None]
            closeness = 1 - (1 - query[some] @ self.gallery_.T) / np.maximum(reach, 1e-12)
            return (1 - self.weight) * shared / (2 - shared) + np.float32(self.weight) * closeness

        return rows


def nearest_among(descriptors: np.ndarray, count: int) -> Nearest:
    """Unit descriptors (N, D) -> the `count` nearest of each; every similarity is computed once for both of a pair."""
    values = torch.from_numpy(descriptors)
    found = _Best(len(values), min(count, len(values)))
    starts = range(0, len(values), IMAGES_PER_BLOCK)
    for first in starts:
        for second in (start for start in starts if start >= first):
            block = values[first : first + IMAGES_PER_BLOCK] @ values[second : second + IMAGES_PER_BLOCK].T
            found.take(first, second, block, block.amin(1))
            if second > first:
                found.take(second, first, block.T.contiguous(), block.amin(0))
    return found.nearest


def add_queries(
    of_gallery: Nearest, gallery: np.ndarray, query: np.ndarray, nearest: int, forbidden: csr_array
) -> Nearest:
    """The nearest of gallery images among themselves -> of gallery (first) and probes among all of them."""
    count, total = len(gallery), len(gallery) + len(query)
    found = _Best(total, min(nearest, total), of_gallery)
    images, probes = torch.from_numpy(gallery), torch.from_numpy(query)
    for first in range(0, len(query), IMAGES_PER_BLOCK):
        some = probes[first : first + IMAGES_PER_BLOCK]
        for second in range(0, count, IMAGES_PER_BLOCK):
            block = some @ images[second : second + IMAGES_PER_BLOCK].T
            least = block.amin(1), block.amin(0)
            rows, columns = forbidden[first : first + len(some), second : second + block.shape[1]].nonzero()
            block[rows, columns] = -torch.inf
            found.take(count + first, second, block, least[0])
            found.take(second, count + first, block.T.contiguous(), least[1])
        for second in range(0, len(query), IMAGES_PER_BLOCK):
            block = some @ probes[second : second + IMAGES_PER_BLOCK].T
            found.take(count + first, count + second, block, block.amin(1))
    return found.nearest


def neighbour_vectors(nearest: Nearest, pool: np.ndarray, k1: int, k2: int, forbidden: csr_array) -> csr_array:
    """Nearest of N images, their descriptors (N, D) -> (N, N) float32, the probes last; `forbidden` is (Q, G).

    The weights of each row sum to 1; those of images that share nothing with a probe are left out.
    """
    probes = forbidden.shape[1]  # where they begin
    near = _graph(nearest.places[:, : k1 + 1])
    nearer = _graph(nearest.places[:, : round(k1 / 2) + 1])
    mutual, mutual_half = near.multiply(near.T).tocsr(), nearer.multiply(nearer.T).tocsr()
    # how much of the smaller neighbourhood of each neighbour lies in the image's own
    agreeing = mutual.multiply(mutual @ mutual_half.T).tocoo()
    joins = agreeing.data > 2 / 3 * mutual_half.sum(1)[agreeing.col]
    joined = csr_array((agreeing.data[joins] > 0, (agreeing.row[joins], agreeing.col[joins])), mutual.shape, np.float32)
    members = mutual + joined @ mutual_half
    if forbidden.nnz:
        probe, image = forbidden.nonzero()
        pairs = np.concatenate([probes + probe, image]), np.concatenate([image, probes + probe])
        members = members - members.multiply(csr_array((np.ones(2 * len(probe), np.float32), pairs), members.shape))
        members.eliminate_zeros()
    # only images that share an entry with a probe need weights
    first = _graph(nearest.places[:, :k2])
    entries = (first[probes:] @ members).sum(0) > 0
    rows, columns = (members * (members @ entries > 0)[:, None]).nonzero()
    distances = (1 - _similarities(pool, rows, columns)) / np.maximum(1 - nearest.least, 1e-12)[rows]
    weights = csr_array((np.exp(-distances), (rows, columns)), members.shape)
    weights.data /= np.repeat(weights.sum(1), np.diff(weights.indptr))
    first.data /= np.repeat(np.diff(first.indptr), np.diff(first.indptr))
    return (first @ weights).tocsr()


def shared_weight(probes: csr_array, images: csc_array) -> np.ndarray:
    """Sparse rows (C, N) and (G, N) -> (C, G): the sum of the smaller weight of each pair of entries."""
    lengths = np.diff(images.indptr)[probes.indices]  # images that have the entry as well
    starts = images.indptr[probes.indices] - np.cumsum(lengths) + lengths
    at = np.repeat(starts, lengths) + np.arange(lengths.sum())
    probe = np.repeat(np.repeat(np.arange(probes.shape[0]), np.diff(probes.indptr)), lengths)
    smaller = np.minimum(np.repeat(probes.data, lengths), images.data[at])
    shape = probes.shape[0], images.shape[0]
    sums = np.bincount(probe * shape[1] + images.indices[at], smaller, shape[0] * shape[1])
    return sums.astype(np.float32).reshape(shape)


class _Best:
    """The highest similarities that each of N images has had so far."""

    def __init__(self, images: int, count: int, known: Nearest | None = None):
        self.similarities = torch.full((images, count), -torch.inf)
        self.places = torch.full((images, count), -1)
        self.least = torch.full((images,), torch.inf)
        if known is not None:
            size, width = known.places.shape
            self.similarities[:size, :width] = torch.from_numpy(known.similarities)
            self.places[:size, :width] = torch.from_numpy(known.places)
            self.least[:size] = torch.from_numpy(known.least)

    def take(self, first: int, second: int, block: torch.Tensor, least: torch.Tensor) -> None:
        """(A, B) similarities of images from `first` on to those from `second` on; the block may be written to."""
        if first == second:
            block.fill_diagonal_(torch.inf)  # an image comes before its own copies
        rows = slice(first, first + len(block))
        some, where = torch.topk(block, min(self.places.shape[1], block.shape[1]))
        similarities = torch.cat([self.similarities[rows], some], 1)
        places = torch.cat([self.places[rows], where + second], 1)
        self.similarities[rows], order = torch.topk(similarities, self.places.shape[1])
        self.places[rows] = places.gather(1, order)
        self.least[rows] = torch.minimum(self.least[rows], least)

    @property
    def nearest(self) -> Nearest:
        self.places[torch.isneginf(self.similarities)] = -1
        return Nearest(self.places.numpy(), self.similarities.numpy(), self.least.numpy())


def _graph(places: np.ndarray) -> csr_array:
    """(N, K) places -> (N, N) with a one for each."""
    rows, columns = np.nonzero(places >= 0)
    ones = np.ones(len(rows), np.float32)
    return csr_array((ones, (rows, places[rows, columns])), (len(places), len(places)))


def _pairs(barred: Sequence[np.ndarray] | None, probes: int, images: int) -> csr_array:
    barred = [np.array([], int)] * probes if barred is None else barred
    lengths = [len(places) for places in barred]
    columns = np.concatenate(barred) if sum(lengths) else np.array([], int)
    rows = np.repeat(np.arange(probes), lengths)
    return csr_array((np.ones(len(rows), bool), (rows, columns)), (probes, images))


def _similarities(pool: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(M,) dot products of pairs of rows."""
    values, found = torch.from_numpy(pool), np.empty(len(rows), np.float32)
    for start in range(0, len(rows), PAIRS_PER_BLOCK):
        some = slice(start, start + PAIRS_PER_BLOCK)
        one, other = values[torch.from_numpy(rows[some])], values[torch.from_numpy(columns[some])]
        found[some] = (one * other).sum(1).numpy()
    return found
