"""The null space: no scatter within identities, and the same distances as by the eigenvectors of the scatter."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from core.baselines.null_space import NullSpace, squared_distances
from core.errors import UserError


@pytest.fixture
def data():
    random = np.random.default_rng(0)
    identities = np.array(["a"] * 2 + ["b"] * 3 + ["c"] * 4 + ["d"] * 1)
    return random.normal(size=(10, 6)), identities, random.normal(size=(7, 6))


def test_images_of_an_identity_become_one_point(data):
    images, identities, _ = data
    points = NullSpace(ridge=0).fit(images, identities).transform(images)
    assert points.shape == (10, 3)
    centres = np.stack([points[identities == name].mean(axis=0) for name in np.unique(identities)])
    assert np.abs(points - centres[np.unique(identities, return_inverse=True)[1]]).max() < 1e-12
    distances = cdist(centres, centres)
    assert distances[~np.eye(4, dtype=bool)].min() > 0.1


def test_distances_against_the_definition(data):
    """Centred kernel, basis of the span, and the eigenvectors of the within-class scatter with eigenvalue 0."""
    images, identities, others = data
    fitted = NullSpace(ridge=0).fit(images, identities)
    every = np.concatenate([images, others])
    kernel = np.exp(-(cdist(every, images) ** 2) / np.mean(cdist(images, images) ** 2))
    own, count = kernel[:10], len(images)
    centring = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(centring @ own @ centring)
    basis = centring @ vectors[:, 1:] / np.sqrt(values[1:])  # orthonormal in the space of the kernel
    same = (identities[:, None] == identities) / np.array([(identities == name).sum() for name in identities])
    within = own @ basis - same @ (own @ basis)
    scatter, directions = np.linalg.eigh(within.T @ within)
    assert scatter[2] < 1e-12 < 1e-6 < scatter[3]
    expected = kernel @ basis @ directions[:, :3]
    np.testing.assert_allclose(
        cdist(fitted.transform(every), fitted.transform(every)), cdist(expected, expected), atol=1e-9
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_images_do_no_harm(data, dtype):
    images, identities, others = data[0].astype(dtype), data[1], data[2].astype(dtype)
    fitted = NullSpace().fit(np.concatenate([images, images]), np.concatenate([identities, identities]))
    once = NullSpace(ridge=0).fit(images, identities).transform(others)
    np.testing.assert_allclose(
        cdist(fitted.transform(others), fitted.transform(others)), cdist(once, once), rtol=1e-3, atol=1e-6
    )


def test_squared_distances():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(4, 3)), random.normal(size=(5, 3))
    np.testing.assert_allclose(squared_distances(first, second), cdist(first, second) ** 2)
    assert squared_distances(first, first).min() >= 0


def test_one_identity_raises(data):
    with pytest.raises(UserError, match="at least two identities"):
        NullSpace().fit(data[0], np.zeros(10))
