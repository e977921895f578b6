"""Lifted points: unit length, and scores that rank by the Euclidean distance."""

import numpy as np
from scipy.spatial.distance import cdist

from core.inference import lifting


def draw(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(count, 4)) * random.uniform(0.1, 3, size=(count, 1))


def test_a_lifted_point_has_unit_length_and_can_be_computed_again():
    points = draw(20, 0)
    descriptors = lifting.lift(points)
    assert descriptors.dtype == np.float32 and descriptors.shape == (20, 5)
    np.testing.assert_allclose(np.linalg.norm(descriptors, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(lifting.points_of(descriptors), points, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(lifting.points_of(3 * descriptors), points, rtol=1e-5, atol=1e-6)


def test_scores_are_those_of_the_euclidean_distance():
    probes, gallery = draw(5, 1), draw(30, 2)
    scores = lifting.probes(lifting.lift(probes)) @ lifting.rows(lifting.lift(gallery)).T
    np.testing.assert_allclose(scores, 1 - cdist(probes, gallery) ** 2 / 2, atol=1e-4)


def test_the_cosine_of_lifted_points_alone_ranks_in_another_way():
    probes, gallery = draw(5, 1), draw(30, 2)
    cosines = lifting.lift(probes) @ lifting.lift(gallery).T
    assert (np.argsort(-cosines) != np.argsort(cdist(probes, gallery))).any()
