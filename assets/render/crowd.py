"""Streets are full, for `--vary occlusion`: groups walking together, passers-by before and behind, things in the way.

Never more than half of the person is hidden: a box without its person would teach the wrong thing.
"""

import numpy as np

from .backdrop import look
from .clutter import draw_thing
from .foreground import lay_over, place_companion
from .noise import pick
from .trace import HEIGHT, WIDTH

THINGS = dict(pole=0.22, railing=0.2, bicycle=0.16, box=0.14, planter=0.12, pillar=0.08, bench=0.08)
MOST_HIDDEN = 0.5


def crowd_behind(image, companions, rng):
    """Up to three others: far behind, or beside the person in a group. (H, W, 3) -> (H, W, 3)"""
    for _ in range(pick(rng, {0: 0.5, 1: 0.28, 2: 0.14, 3: 0.08}) if companions else 0):
        layer = companions[rng.integers(len(companions))]
        if rng.random() < 0.45:
            beside = rng.choice([-1, 1]) * rng.uniform(0.32, 0.65)
            image = lay_over(image, place_companion(layer, rng, True, beside))
        else:
            image = lay_over(image, place_companion(layer, rng, False))
    return image


def crowd_before(image, person, camera, window, person_y, companions, rng):
    """Others who walk across, and things. person (H, W, 4) is the layer that must stay visible."""
    if companions and rng.random() < 0.2:
        layer = companions[rng.integers(len(companions))]
        before = place_companion(layer, rng, True, rng.choice([-1, 1]) * rng.uniform(0.3, 0.75))
        if _hidden(person, before[..., 3]) < MOST_HIDDEN:
            image = lay_over(image, before)
    if rng.random() < 0.22:
        mask, albedo = _thing_before(camera, window, person_y, rng)
        if _hidden(person, mask) < MOST_HIDDEN:
            light = camera.sky_colour * 0.9 + camera.sun_colour * rng.uniform(0.1, 0.6)
            image = np.where(mask[..., None], albedo * light, image).astype(np.float32)
    return image


def _thing_before(camera, window, person_y, rng):
    """-> mask (H, W), albedo (H, W, 3) of something upright between the camera and the person"""
    ray = look(camera, window)
    name = pick(rng, THINGS)
    y = person_y * rng.uniform(0.6, 0.93)
    distance = y / np.maximum(ray[..., 1], 1e-3)
    across, z = ray[..., 0] * distance, camera.kind.height + ray[..., 2] * distance
    left, right = across[HEIGHT // 2, 0], across[HEIGHT // 2, -1]
    wide = right - left
    if name in ("pole", "railing"):
        x = rng.uniform(left, right)
    else:  # beside the middle
        x = rng.choice([left, right]) + rng.normal(0, 0.2) * wide
    ground = z - rng.uniform(0, 0.3) if name != "pole" else z
    mask, albedo = draw_thing(name, (across - x).astype(np.float32), np.maximum(ground, -1).astype(np.float32), rng)
    return mask & (ground >= 0), albedo


def _hidden(person, cover):
    """Share of the person's layer that `cover` (H, W) hides."""
    return float((person[..., 3] * cover).sum() / max(person[..., 3].sum(), HEIGHT * WIDTH / 1000))
