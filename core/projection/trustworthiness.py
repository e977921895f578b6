"""Trustworthiness of a map: compare neighbours on the map with neighbours among the descriptors."""

import numpy as np

MAX_POINTS = 3000  # points that are compared with each other; a sample is drawn from more


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
        Venna and Kaski, "Neighborhood preservation in nonlinear projection methods" (2001).
    """
    from sklearn.manifold import trustworthiness  # the import takes a second

    if len(descriptors) > MAX_POINTS:
        sample = np.random.default_rng(seed).choice(len(descriptors), MAX_POINTS, replace=False)
        descriptors, coordinates = descriptors[sample], coordinates[sample]
    neighbours = min(neighbours, (len(descriptors) - 1) // 2)  # trustworthiness is not defined for more
    if neighbours < 1:
        return {}
    in_descriptors = nearest_others(descriptors, neighbours, "cosine")
    on_map = nearest_others(coordinates, neighbours, "euclidean")
    shared = [len(np.intersect1d(*both)) for both in zip(in_descriptors, on_map, strict=True)]
    return {
        "trustworthiness": float(trustworthiness(descriptors, coordinates, n_neighbors=neighbours, metric="cosine")),
        "overlap": float(np.mean(shared)) / neighbours,
    }


def nearest_others(points: np.ndarray, count: int, metric: str) -> np.ndarray:
    """Return the indices of the nearest other points of each point, (N, count), nearest first."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=count, metric=metric).fit(points).kneighbors(return_distance=False)
