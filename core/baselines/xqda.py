"""XQDA (cross-view quadratic discriminant analysis): a metric from the pairs of images of two or more cameras.

Source:
    Liao, Hu, Zhu and Li, "Person re-identification by local maximal occurrence representation and metric learning",
    CVPR 2015, section 4.
"""

import numpy as np
import torch
from torch import Tensor

from core.errors import UserError


class XQDA:
    """Cross-view quadratic discriminant analysis.

    The differences of pairs from different cameras have the covariance I if the identity is the same, and E if it is
    different. The subspace W consists of the generalised eigenvectors of E w = v I w with eigenvalues v above 1. The
    distance is d^T W M W^T d with M = (W^T I W)^-1 - (W^T E W)^-1.

    `transform` includes M. The eigenvectors are scaled to W^T I W = 1, so M is diagonal with the elements 1 - 1 / v.
    They are positive. Hence XQDA's distance is the squared Euclidean distance of vectors W^T x, whose elements are
    multiplied by sqrt(1 - 1 / v).

    The authors' program has the left singular vectors of I^-1 E in place of the eigenvectors. On VIPeR the difference
    is below half a point of rank-1. Their program has two views; here a pair is from any two cameras.

    Attributes:
        eigenvalues_: (R,) eigenvalues above 1, descending.
        components_: (D, R) columns of W, multiplied by sqrt(1 - 1 / v).
    """

    def __init__(self, regularisation: float = 0.001):
        """Store the number that is added to the diagonal of I."""
        self.regularisation = regularisation

    def fit(self, descriptors: np.ndarray, identities: np.ndarray, cameras: np.ndarray) -> "XQDA":
        """Learn the subspace and the metric.

        The covariances have the size min(D, N): they are computed in the basis Q of the QR decomposition X = Q R.

        Args:
            descriptors: (N, D).
            identities: (N,).
            cameras: (N,).

        Raises:
            UserError: If there are no images, if no identity was seen by two cameras, if there is one identity only, or
                if no eigenvalue is above 1.
        """
        if len(descriptors) == 0:
            raise UserError("XQDA needs training images with identities.")
        factor, tau = torch.geqrf(torch.from_numpy(np.ascontiguousarray(descriptors.T)))
        size = min(factor.shape)
        reduced = torch.triu(factor[:size])  # R (size, N)
        same, same_pairs = cross_camera_scatter(reduced, identities, cameras)
        every, all_pairs = cross_camera_scatter(reduced, np.zeros(len(identities), dtype=int), cameras)
        if not 0 < same_pairs < all_pairs:
            raise UserError("XQDA needs identities that two cameras have seen, and at least two identities.")
        different = (every - same) / (all_pairs - same_pairs)
        same = same / same_pairs + self.regularisation * torch.eye(size, dtype=same.dtype)
        lower = torch.linalg.cholesky(same)
        half = torch.linalg.solve_triangular(lower, different, upper=False)
        ratio = torch.linalg.solve_triangular(lower, half.T, upper=False)
        values, vectors = torch.linalg.eigh((ratio + ratio.T) / 2)
        values, vectors = values.flip(0), vectors.flip(1)
        kept = values > 1
        if not kept.any():
            raise UserError("XQDA found no direction in which identities differ more than the images of one identity.")
        directions = torch.linalg.solve_triangular(lower.T, vectors[:, kept], upper=True)
        directions *= (1 - 1 / values[kept]).sqrt()
        padded = torch.zeros(factor.shape[0], directions.shape[1], dtype=factor.dtype)
        padded[:size] = directions
        self.eigenvalues_ = values[kept].numpy()
        self.components_ = torch.ormqr(factor[:, :size].contiguous(), tau, padded).numpy()
        return self

    def transform(self, descriptors: np.ndarray) -> np.ndarray:
        """Project descriptors (N, D) -> (N, R). The squared Euclidean distance is XQDA's distance."""
        return descriptors @ self.components_


def cross_camera_scatter(columns: Tensor, groups: np.ndarray, cameras: np.ndarray) -> tuple[Tensor, int]:
    """Sum (x_i - x_j)(x_i - x_j)^T over the pairs of one group from different cameras.

    The sum is X diag(n) X^T - (S S^T - T T^T). Image i has n_i partners. S has the sums of x over each group, and T
    those over the images of each group from each camera.

    Args:
        columns: X, (D, N), one image per column.
        groups: (N,) e.g. identities.
        cameras: (N,).

    Returns:
        The sum (D, D), and the number of pairs.
    """
    _, groups = np.unique(groups, return_inverse=True)
    _, cameras = np.unique(cameras, return_inverse=True)
    _, parts = np.unique(groups * (cameras.max() + 1) + cameras, return_inverse=True)
    partners = np.bincount(groups)[groups] - np.bincount(parts)[parts]
    of_group, of_part = _sums(columns, groups), _sums(columns, parts)
    weighted = columns * torch.from_numpy(partners).to(columns.dtype)
    return weighted @ columns.T - of_group @ of_group.T + of_part @ of_part.T, int(partners.sum()) // 2


def _sums(columns: Tensor, numbers: np.ndarray) -> Tensor:
    """Sum the columns with the same number: (D, N) -> (D, max(numbers) + 1)."""
    sums = torch.zeros(len(columns), int(numbers.max()) + 1, dtype=columns.dtype)
    return sums.index_add_(1, torch.from_numpy(numbers), columns)
