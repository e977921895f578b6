"""Cameras centred: means against a loop, and a camera that moves its descriptors."""

import numpy as np
import pytest

from core.evaluation import camera_centring
from core.evaluation.camera_centring import PRIOR_IMAGES, Centring


def units(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("rows", [camera_centring.ROWS_PER_BLOCK, 7])
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_each_image_is_measured_from_its_cameras_mean(monkeypatch, rows, kind):
    monkeypatch.setattr(camera_centring, "ROWS_PER_BLOCK", rows)
    random = np.random.default_rng(0)
    descriptors, cameras = units(random.standard_normal((40, 5))).astype(kind), random.integers(1, 4, 40)
    found = Centring().fit(descriptors, cameras)
    wide = descriptors.astype(float)
    for camera in (1, 2, 3):
        own = wide[cameras == camera]
        mean = (own.sum(0) + PRIOR_IMAGES * wide.mean(0)) / (len(own) + PRIOR_IMAGES)
        np.testing.assert_allclose(found.means_[camera], mean, atol=1e-6)
    expected = [row - found.means_[camera] for row, camera in zip(wide, cameras, strict=True)]
    moved = found.transform(descriptors, cameras)
    assert moved.dtype == np.float32
    np.testing.assert_allclose(moved, units(np.array(expected)), atol=1e-5)


def test_unknown_and_unseen_cameras_are_measured_from_the_mean_of_all():
    descriptors = units(np.random.default_rng(1).standard_normal((9, 4)))
    found = Centring().fit(descriptors, np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    assert set(found.means_) == {1, 2}
    np.testing.assert_allclose(
        found.transform(descriptors[:2], np.array([0, 7])), units(descriptors[:2] - descriptors.mean(0)), atol=1e-6
    )


def test_people_before_two_cameras_find_themselves_again():
    """Each camera adds a look of its own to everybody; one image of each of 200 people before both."""
    random = np.random.default_rng(2)
    people, looks = random.standard_normal((200, 20)), 3 * random.standard_normal((2, 20))
    images = [units(people + look + 0.5 * random.standard_normal(people.shape)) for look in looks]
    cameras = np.repeat([1, 2], 200)
    moved = Centring().fit(np.concatenate(images), cameras).transform(np.concatenate(images), cameras)
    found = [(first @ second.T).argmax(1) == np.arange(200) for first, second in (images, (moved[:200], moved[200:]))]
    assert found[1].mean() > found[0].mean() + 0.2


def test_nothing_stays_nothing():
    nothing = np.empty((0, 4), np.float32)
    assert Centring().fit(nothing, np.empty(0, int)).transform(nothing, np.empty(0, int)).shape == (0, 4)
