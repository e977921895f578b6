"""Cameras differ from site to site, but mildly enough that a shirt keeps its colour."""

import numpy as np
import pytest

from assets.render.cameras import draw_camera, in_sequence
from assets.render.noise import noise3, rng_for


def test_another_seed_or_site_has_other_cameras():
    heights = {draw_camera(seed, number).kind.height for seed in (1, 2) for number in range(1, 13)}
    assert len(heights) == 24


def test_casts_are_mild():
    casts = np.array([draw_camera(seed, number).kind.cast for seed in range(30) for number in range(1, 7)])
    assert casts.min() >= 0.92 and casts.max() <= 1.09


def test_a_camera_looks_down_at_people_along_y():
    camera = draw_camera(3, 4)
    axes = np.stack([camera.right, camera.forward, camera.up])
    assert axes @ axes.T == pytest.approx(np.eye(3))
    assert camera.forward[1] > 0 > camera.forward[2]
    assert np.linalg.norm(camera.sun) == pytest.approx(1)


def test_sequences_change_the_light_and_not_the_camera():
    camera = draw_camera(1, 2)
    first, second = (in_sequence(camera, 1, 2, s) for s in (1, 2))
    assert not np.allclose(first.sun, second.sun)
    assert first.kind.height == second.kind.height == camera.kind.height
    assert first.texture_seed == camera.texture_seed


def test_chance_has_names():
    assert rng_for(1, "a").random() == rng_for(1, "a").random() != rng_for(1, "b").random()
    assert rng_for(12, 3).random() != rng_for(1, 23).random()


def test_noise_stays_between_0_and_1_and_is_smooth():
    line = np.stack([np.linspace(-5, 70, 4000), np.full(4000, 0.3), np.full(4000, -1.7)], 1)
    values = noise3(line, 2.0, seed=5)
    assert values.min() >= 0 and values.max() <= 1 and np.ptp(values) > 0.5
    assert np.abs(np.diff(values)).max() < 0.1
