"""How far a map may be trusted: neighbours on the map against neighbours among the descriptors."""

import numpy as np

MAX_POINTS = 3000  # points that are compared, all with all; of more a sample is drawn


def measure_trustworthiness(
    descriptors: np.ndarray, coordinates: np.ndarray, neighbours: int = 15, seed: int = 0
) -> dict[str, float]:
    """(N, D), (N, 2 or 3) -> trustworthiness and neighbourhood overlap, each 0..1, 1 is best; {} for too few points.

    Trustworthiness (Venna and Kaski, 2001) falls with every point that is near on the map without being near in truth,
    the more the farther away it is. The overlap is the mean share of a point's `neighbours` nearest in truth that are
    among its nearest on the map. Distance is one minus cosine among descriptors, Euclidean on the map. Of more than
    3,000 points a sample is taken, and neighbours are those in the sample.
    """
    from sklearn.manifold import trustworthiness  # takes a second to import

    if len(descriptors) > MAX_POINTS:
        sample = np.random.default_rng(seed).choice(len(descriptors), MAX_POINTS, replace=False)
        descriptors, coordinates = descriptors[sample], coordinates[sample]
    neighbours = min(neighbours, (len(descriptors) - 1) // 2)  # trustworthiness is defined below half of the points
    if neighbours < 1:
        return {}
    in_truth = nearest_others(descriptors, neighbours, "cosine")
    on_map = nearest_others(coordinates, neighbours, "euclidean")
    shared = [len(np.intersect1d(*both)) for both in zip(in_truth, on_map, strict=True)]
    return {
        "trustworthiness": float(trustworthiness(descriptors, coordinates, n_neighbors=neighbours, metric="cosine")),
        "overlap": float(np.mean(shared)) / neighbours,
    }


def nearest_others(points: np.ndarray, count: int, metric: str) -> np.ndarray:
    """(N, D) -> (N, count): the nearest others of each point, nearest first."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=count, metric=metric).fit(points).kneighbors(return_distance=False)
