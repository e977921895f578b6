"""Histograms of pairs counted by hand, and silhouettes of constructed groups."""

import numpy as np
import pytest

from core.projection.separation import measure_separation, silhouette


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)


def test_pairs_counted_by_hand():
    """Two identities have two images each: positive pairs at 60 and 0 degrees, negative ones at 90, 90, 30 and 30."""
    found = measure_separation(at(0, 60, 90, 90), np.array(["a", "a", "b", "b"]), np.array([1, 2, 1, 2]), nodes=5)
    np.testing.assert_allclose(found.nodes, [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_allclose(found.positive, [0, 0, 0, 0.5, 0.5], atol=1e-6)
    share = (np.sqrt(3) / 2 - 0.5) / 0.5  # of node 1 in a pair at 30 degrees
    np.testing.assert_allclose(found.negative, [0, 0, 0.5, (1 - share) / 2, share / 2], atol=1e-6)
    assert found.confusion == pytest.approx((1 - share) / 2 * 0.5 + share / 2, abs=1e-5)


def test_silhouettes_by_identity_and_by_camera():
    points, people, cameras = at(0, 2, 90, 92), np.array(["a", "a", "b", "b"]), np.array([1, 2, 1, 2])
    by_person = measure_separation(points, people, cameras).silhouettes
    assert by_person["person"] > 0.9 and by_person["camera"] < 0
    by_camera = measure_separation(points, cameras.astype(str), np.array([1, 1, 2, 2])).silhouettes
    assert by_camera["camera"] > 0.9 and by_camera["person"] < 0


def test_silhouette_by_hand():
    """It is the mean of (b - a) / max(a, b), with a the own and b the nearest other group's mean distance."""
    points = at(0, 60, 180, 180)
    a = [0.5, 0.5, 0, 0]
    b = [2, 1 - np.cos(np.deg2rad(120)), (2 + 1.5) / 2, (2 + 1.5) / 2]
    expected = np.mean([(y - x) / max(x, y) for x, y in zip(a, b, strict=True)])
    assert silhouette(points, np.array([0, 0, 1, 1])) == pytest.approx(expected, abs=1e-5)
    assert silhouette(points, np.zeros(4)) is None and silhouette(points, np.arange(4)) is None


def test_separation_without_pairs_is_none():
    points = at(0, 10, 20)
    assert measure_separation(points, np.array(["a", "b", "c"]), np.ones(3)) is None
    assert measure_separation(points, np.array(["a", "a", "a"]), np.ones(3)) is None
    assert "camera" not in measure_separation(points, np.array(["a", "a", "b"]), np.ones(3)).silhouettes


def test_many_images_are_sampled(monkeypatch):
    monkeypatch.setattr("core.projection.separation.MAX_IMAGES", 10)
    random = np.random.default_rng(0)
    points = random.normal(size=(100, 4))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    found = measure_separation(points, random.integers(0, 3, 100), random.integers(0, 2, 100))
    assert found.positive.sum() == pytest.approx(1) and found.negative.sum() == pytest.approx(1)
