"""Places: every kind of surface and of clutter can be painted, and nothing depends on who is there."""

import numpy as np
import pytest

from assets.render.cameras import draw_camera
from assets.render.clutter import _THINGS, draw_thing
from assets.render.noise import rng_for
from assets.render.scenery import paint_place
from assets.render.textures import GROUNDS, WALLS, draw_surface, ground_albedo, wall_albedo

SPREAD = np.linspace(-30, 30, 4000, dtype=np.float32), np.linspace(0, 9, 4000, dtype=np.float32)


@pytest.mark.parametrize(
    ("kind", "paint"),
    [(kind, ground_albedo) for where in GROUNDS for kind in GROUNDS[where]]
    + [(kind, wall_albedo) for where in WALLS for kind in WALLS[where]],
)
def test_surfaces_have_colours_that_light_can_have(kind, paint):
    for seed in range(4):
        albedo = paint(draw_surface({kind: 1}, rng_for(kind, seed)), *SPREAD)
        assert albedo.shape == (4000, 3) and albedo.dtype == np.float32
        assert np.isfinite(albedo).all() and albedo.min() >= 0 and albedo.max() < 5


@pytest.mark.parametrize("name", list(_THINGS))
def test_things_stand_on_the_ground_and_end_somewhere(name):
    a, z = np.meshgrid(np.linspace(-5, 5, 200, dtype=np.float32), np.linspace(0, 6, 100, dtype=np.float32))
    mask, albedo = draw_thing(name, a, z, rng_for("thing", name))
    assert mask.shape == a.shape and albedo.shape == (*a.shape, 3)
    assert 0 < mask.mean() < 0.7 and mask[z < 0.6].any()
    assert np.isfinite(albedo).all()


def test_a_camera_has_three_places_and_pictures_look_at_other_parts():
    camera = draw_camera(4, 2, ("backgrounds",))
    assert len(camera.places) == 3
    ones, window = np.ones((160, 80), np.float32), (-0.05, 0.1, 0.0012, 0.0012)
    first, second, again = (
        paint_place(camera.places[0], camera, window, 9.0, ones, ones, rng_for("part", part)) for part in (1, 2, 1)
    )
    assert np.array_equal(first, again) and not np.allclose(first, second)
    assert np.isfinite(first).all() and first.min() >= 0
