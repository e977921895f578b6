"""Trustworthiness of a map: compare neighbours on the map with neighbours among the descriptors."""

import numpy as np

MAX_POINTS = 3000  # points that are compared with each other; a sample is drawn from more
ROWS_AT_A_TIME = 500  # points whose distances from all others are held in memory
MIN_LENGTH = 1e-12  # of a descriptor that is divided by its length


def measure_trustworthiness(
    descriptors: np.ndarray, coordinates: np.ndarray, neighbours: int = 15, seed: int = 0
) -> dict[str, float]:
    """Measure the trustworthiness and the neighbourhood overlap of a map.

    Trustworthiness is reduced by points that are neighbours on the map but not among the descriptors, and more so the
    farther apart their descriptors are. The overlap is the mean share of a point's nearest neighbours among the
    descriptors that are also its nearest neighbours on the map. Distances are one minus cosine for descriptors, and
    Euclidean on the map. With more than 3,000 points, a sample is drawn and the neighbours are those in the sample.

    Args:
        descriptors: The descriptors (N, D).
        coordinates: Their coordinates on the map, (N, 2) or (N, 3).
        neighbours: Number of nearest neighbours, at most (N - 1) / 2.
        seed: Seed of the sample.

    Returns:
        `trustworthiness` and `overlap`, each from 0 to 1 (best); an empty dictionary if there are too few points.

    Source:
        Venna and Kaski, "Neighborhood preservation in nonlinear projection methods" (2001). scikit-learn has the same
        function, which the tests compare with; its import alone takes two seconds.
    """
    if len(descriptors) > MAX_POINTS:
        sample = np.random.default_rng(seed).choice(len(descriptors), MAX_POINTS, replace=False)
        descriptors, coordinates = descriptors[sample], coordinates[sample]
    count = len(descriptors)
    neighbours = min(neighbours, (count - 1) // 2)  # trustworthiness is not defined for more
    if neighbours < 1:
        return {}
    intruding = shared = 0
    for start in range(0, count, ROWS_AT_A_TIME):
        rows = slice(start, start + ROWS_AT_A_TIME)
        distances = _without_own(_cosine_distances(descriptors, rows), start)
        on_map = nearest_others(_squared_distances(coordinates, rows), start, neighbours)
        to_neighbours = np.take_along_axis(distances, on_map, axis=1)
        of_neighbours = 1 + (distances[:, None] < to_neighbours[:, :, None]).sum(-1)  # ranks, from 1 to N - 1
        intruding += int(np.maximum(of_neighbours - neighbours, 0).sum())
        shared += int((of_neighbours <= neighbours).sum())
    worst = count * neighbours * (2 * count - 3 * neighbours - 1) / 2
    return {"trustworthiness": 1 - intruding / worst, "overlap": shared / (count * neighbours)}


def nearest_others(distances: np.ndarray, first: int, count: int) -> np.ndarray:
    """Return the indices of the nearest other points, (M, count), in any order.

    Args:
        distances: The distances of M points, number `first` and following, from all N points, (M, N).
        first: The number of the first of the M points.
        count: The number of nearest points.
    """
    return np.argpartition(_without_own(distances, first), count - 1, axis=1)[:, :count]


def _without_own(distances: np.ndarray, first: int) -> np.ndarray:
    """Set the distance of each point from itself to infinity, in place."""
    own = np.arange(len(distances))
    distances[own, first + own] = np.inf
    return distances


def _cosine_distances(points: np.ndarray, rows: slice) -> np.ndarray:
    unit = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), MIN_LENGTH)
    return 1 - unit[rows] @ unit.T


def _squared_distances(points: np.ndarray, rows: slice) -> np.ndarray:
    return ((points[rows, None] - points[None]) ** 2).sum(-1)
