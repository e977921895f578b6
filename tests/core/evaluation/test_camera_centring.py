"""Camera centring: means compared with a loop, and cameras that shift their descriptors."""

import numpy as np
import pytest

from core.evaluation import camera_centring
from core.evaluation.camera_centring import PRIOR_IMAGES, Centring


def units(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("rows", [camera_centring.ROWS_PER_BLOCK, 7])
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_centring_equals_loop(monkeypatch, rows, kind):
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
    centred = found.transform(descriptors, cameras)
    assert centred.dtype == np.float32
    np.testing.assert_allclose(centred, units(np.array(expected)), atol=1e-5)


def test_unknown_and_unseen_cameras_use_the_mean_of_all():
    descriptors = units(np.random.default_rng(1).standard_normal((9, 4)))
    found = Centring().fit(descriptors, np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    assert set(found.means_) == {1, 2}
    np.testing.assert_allclose(
        found.transform(descriptors[:2], np.array([0, 7])), units(descriptors[:2] - descriptors.mean(0)), atol=1e-6
    )


def test_centring_improves_matching_between_cameras():
    """Each of two cameras adds a shift to all its descriptors; both see each of 200 people once."""
    random = np.random.default_rng(2)
    people, shifts = random.standard_normal((200, 20)), 3 * random.standard_normal((2, 20))
    images = [units(people + shift + 0.5 * random.standard_normal(people.shape)) for shift in shifts]
    cameras = np.repeat([1, 2], 200)
    centred = Centring().fit(np.concatenate(images), cameras).transform(np.concatenate(images), cameras)
    found = [
        (first @ second.T).argmax(1) == np.arange(200) for first, second in (images, (centred[:200], centred[200:]))
    ]
    assert found[1].mean() > found[0].mean() + 0.2


def test_no_descriptors():
    nothing = np.empty((0, 4), np.float32)
    assert Centring().fit(nothing, np.empty(0, int)).transform(nothing, np.empty(0, int)).shape == (0, 4)
