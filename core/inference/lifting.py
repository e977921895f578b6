"""Points as unit descriptors, so that vectors that are compared by their Euclidean distance can be stored and searched.

A point p of R values becomes the descriptor (p, 1) / sqrt(|p|^2 + 1). It has unit length, and p can be computed from it
again. No unit descriptor of finite length gives the Euclidean distance by its cosine: the cosine of two lifted points
is 1 - |p - q|^2 / 2 plus terms of the fourth order in p and q. So `rows` and `probe` make the vectors whose scalar
product is 1 - |p - q|^2 / 2.
"""

import numpy as np


def lift(points: np.ndarray) -> np.ndarray:
    """Convert points (N, R) to unit descriptors, float32 (N, R + 1)."""
    lifted = np.concatenate([points, np.ones((len(points), 1), points.dtype)], axis=1)
    return (lifted / np.linalg.norm(lifted, axis=1, keepdims=True)).astype(np.float32)


def points_of(descriptors: np.ndarray) -> np.ndarray:
    """Convert lifted descriptors (N, R + 1) of any length to points, float32 (N, R)."""
    descriptors = np.asarray(descriptors, dtype=np.float32)
    return descriptors[:, :-1] / descriptors[:, -1:]


def rows(descriptors: np.ndarray) -> np.ndarray:
    """Return (q, 1 - |q|^2 / 2, 1) for each lifted descriptor of a gallery: (N, R + 1) -> (N, R + 2)."""
    points = points_of(descriptors)
    halves = (points**2).sum(axis=1, keepdims=True) / 2
    return np.concatenate([points, 1 - halves, np.ones_like(halves)], axis=1)


def probes(descriptors: np.ndarray) -> np.ndarray:
    """Return (p, 1, -|p|^2 / 2) for each lifted descriptor of a probe: (N, R + 1) -> (N, R + 2)."""
    points = points_of(descriptors)
    halves = (points**2).sum(axis=1, keepdims=True) / 2
    return np.concatenate([points, np.ones_like(halves), -halves], axis=1)
