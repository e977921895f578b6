"""XQDA: the covariances against a loop over the pairs, and the metric against the dense eigenproblem."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.linalg import eigh

from core.baselines.xqda import XQDA, cross_camera_scatter
from core.errors import UserError


def draw(dimensions: int, cameras: int = 2, seed: int = 0):
    """Draw 24 images of 6 identities, whose centres are further apart than their images."""
    random = np.random.default_rng(seed)
    identities = np.repeat(np.arange(6), 4)
    centres = random.normal(size=(6, dimensions))
    images = centres[identities] + 0.3 * random.normal(size=(24, dimensions))
    return images, identities, random.permutation(np.tile(np.arange(1, cameras + 1), 24 // cameras))


def covariances(images, identities, cameras):
    same, different = [], []
    for i, j in combinations(range(len(images)), 2):
        if cameras[i] != cameras[j]:
            difference = images[i] - images[j]
            (same if identities[i] == identities[j] else different).append(np.outer(difference, difference))
    return np.mean(same, axis=0), np.mean(different, axis=0), len(same)


@pytest.mark.parametrize("cameras", [2, 3])
def test_scatter_against_a_loop(cameras):
    images, identities, seen = draw(5, cameras)
    expected, _, pairs = covariances(images, identities, seen)
    scatter, count = cross_camera_scatter(torch.from_numpy(images.T.copy()), identities, seen)
    assert count == pairs
    np.testing.assert_allclose(scatter.numpy() / count, expected)


@pytest.mark.parametrize("dimensions", [5, 40])  # fewer and more than images
def test_distance_against_the_dense_eigenproblem(dimensions):
    """W has the generalised eigenvectors above 1, and M = (W^T I W)^-1 - (W^T E W)^-1."""
    images, identities, cameras = draw(dimensions)
    same, different, _ = covariances(images, identities, cameras)
    same += 0.001 * np.eye(dimensions)
    values, vectors = eigh(different, same)
    subspace = vectors[:, values > 1]
    metric = np.linalg.inv(subspace.T @ same @ subspace) - np.linalg.inv(subspace.T @ different @ subspace)
    fitted = XQDA().fit(images, identities, cameras)
    np.testing.assert_allclose(fitted.eigenvalues_, values[values > 1][::-1], rtol=1e-6)
    for other in np.random.default_rng(1).normal(size=(5, dimensions)):
        projected = (images[0] - other) @ subspace
        one, two = fitted.transform(np.stack([images[0], other]))
        assert ((one - two) ** 2).sum() == pytest.approx(projected @ metric @ projected)


def test_equal_images_do_no_harm():
    images, identities, cameras = draw(40)
    twice = [np.concatenate([each, each]) for each in (images, identities, cameras)]
    once, fitted = XQDA().fit(images, identities, cameras), XQDA().fit(*twice)
    np.testing.assert_allclose(fitted.eigenvalues_, once.eigenvalues_, rtol=1e-6)


def test_float32():
    images, identities, cameras = draw(40)
    exact = XQDA().fit(images, identities, cameras)
    rounded = XQDA().fit(images.astype(np.float32), identities, cameras)
    assert rounded.components_.dtype == np.float32
    np.testing.assert_allclose(rounded.eigenvalues_, exact.eigenvalues_, rtol=1e-3)


def test_unsuitable_data_raise():
    images, identities, cameras = draw(5)
    with pytest.raises(UserError, match="identities that two cameras have seen"):
        XQDA().fit(images, identities, np.ones(24, dtype=int))
    with pytest.raises(UserError, match="at least two identities"):
        XQDA().fit(images, np.zeros(24), cameras)
    with pytest.raises(UserError, match="no direction"):
        XQDA(regularisation=1e6).fit(images, identities, cameras)
    with pytest.raises(UserError, match="training images"):
        XQDA().fit(images[:0], identities[:0], cameras[:0])
