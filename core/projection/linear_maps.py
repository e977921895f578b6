"""Linear maps: the principal axes of descriptors, and the alignment of a map with another map of the same points."""

import numpy as np

SMALLEST = 1e-6  # a smaller deviation or extent counts as 0


def principal_axes(descriptors: np.ndarray, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute the mean and the principal axes of descriptors.

    The sign of an axis makes its largest entry positive, so that maps are not mirrored at random. Axes without variance
    are zero.

    Args:
        descriptors: The descriptors (N, D).
        dimensions: Number of axes.

    Returns:
        The mean (D,) and the orthonormal axes (D, dimensions), sorted by variance in descending order.
    """
    mean = descriptors.mean(0)
    centred = (descriptors - mean).astype(np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))  # in ascending order
    count = min(dimensions, len(variances))
    kept = axes.T[::-1][:count] * (variances[::-1][:count, None] > SMALLEST**2)
    kept = np.concatenate([kept, np.zeros((dimensions - count, descriptors.shape[1]))])
    signs = np.sign(kept[np.arange(dimensions), np.abs(kept).argmax(1)])
    return mean, (kept * np.where(signs == 0, 1, signs)[:, None]).T.astype(np.float32)


def align_map(coordinates: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Align a map with another map of the same points by orthogonal Procrustes analysis.

    Args:
        coordinates: The map to align, (N, d).
        reference: The other map, (N, d).

    Returns:
        The map, centred at 0, rotated or reflected towards the centred reference, and scaled to its size.
    """
    centred, target = coordinates - coordinates.mean(0), reference - reference.mean(0)
    left, _, right = np.linalg.svd(centred.T @ target)
    scale = np.linalg.norm(target) / max(float(np.linalg.norm(centred)), SMALLEST)
    return (centred @ left @ right * scale).astype(np.float32)
