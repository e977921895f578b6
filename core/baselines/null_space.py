"""The discriminative null space (DiscrNullSpace, NFST): all training images of an identity become one point.

Source:
    Zhang, Xiang and Gong, "Learning a discriminative null space for person re-identification", CVPR 2016. The method is
    the null Foley-Sammon transform: Guo et al., "Null Foley-Sammon transform", Pattern Recognition 2006; kernelised by
    Bodesheim et al., "Kernel null space methods for novelty detection", CVPR 2013.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from core.errors import UserError


class NullSpace:
    """The kernelised null Foley-Sammon transform.

    The directions w are orthonormal in the space of the kernel, and they are in the span of the centred training
    images. The scatter within the identities is zero along them: w^T S_w w = 0. The scatter between them is not.

    So w is a function sum_i a_i k(x, x_i), with sum_i a_i = 0, that has one value t_p for each identity p. With the
    kernel matrix K and the matrix L of the identities (N, P), K a = L t + constant. For independent images this has
    the solution a = K^-1 (L t + constant), for each of P - 1 independent vectors t. This takes one Cholesky
    decomposition; the eigenvectors of K and of the scatter are not needed.

    Attributes:
        images_: (N, D) training images.
        width_: The mean squared distance of two training images. The kernel is k(x, y) = exp(-|x - y|^2 / width_), as
            in the authors' program.
        coefficients_: (N, P - 1) the numbers a of each direction.
    """

    def __init__(self, ridge: float = 1e-6):
        """Store the number that is added to the diagonal of K.

        It is above the rounding error of float32 descriptors. Without it, equal images make K singular.
        """
        self.ridge = ridge

    def fit(self, descriptors: np.ndarray, identities: np.ndarray) -> "NullSpace":
        """Learn the directions.

        Args:
            descriptors: (N, D).
            identities: (N,).

        Raises:
            UserError: If there is only one identity.
        """
        names, numbers = np.unique(identities, return_inverse=True)
        if len(names) < 2:
            raise UserError("The null space needs at least two identities.")
        self.images_ = descriptors
        squares = squared_distances(descriptors, descriptors)
        self.width_ = float(np.mean(squares, dtype=np.float64))
        kernel = np.exp(squares / -self.width_, dtype=np.float64)
        kernel[np.diag_indices_from(kernel)] += self.ridge
        members = np.eye(len(names))[numbers]  # L (N, P)
        solved = cho_solve(cho_factor(kernel, lower=True, overwrite_a=True), members)  # K^-1 L (N, P)
        inner = members.T @ solved  # (P, P); a^T K a of two directions is t^T inner t
        row = inner.sum(axis=0)
        centring = np.eye(len(names)) - row / row.sum()  # t -> t + constant, so that sum_i a_i = 0
        norms, targets = eigh(centring.T @ inner @ centring)
        targets = targets[:, 1:] / np.sqrt(norms[1:])  # without the constant t, whose norm is 0
        self.coefficients_ = solved @ (centring @ targets)
        return self

    def transform(self, descriptors: np.ndarray) -> np.ndarray:
        """Project descriptors (N, D) -> (N, P - 1), up to a shift. They are compared by their Euclidean distance."""
        kernel = np.exp(squared_distances(descriptors, self.images_) / -self.width_)
        return kernel @ self.coefficients_


def squared_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute the squared Euclidean distances (A, D), (B, D) -> (A, B)."""
    squares = first @ second.T
    squares *= -2
    squares += (first**2).sum(axis=1)[:, None]
    squares += (second**2).sum(axis=1)
    return np.maximum(squares, 0, out=squares)
