"""What stands about behind people: cars, bicycles, railings, trees, signs, strangers far away; flat, but in its place.

Each thing is a function of (metres to the side of its middle, metres up) and a generator -> mask, albedo (..., 3).
"""

import numpy as np

from .colours import STREET, linear
from .noise import noise2, pick

PAINTS = (
    [(205, 205, 205)] * 3 + [(30, 30, 32)] * 3 + [(130, 132, 135)] * 3 + [(150, 34, 34), (40, 66, 120), (60, 92, 70)]
)


def draw_things(indoor, rng):
    """Names of what stands about in a place."""
    if indoor:
        weights = dict(pillar=0.25, bench=0.15, sign=0.2, strangers=0.4, box=0.25, railing=0.1, planter=0.15)
    else:
        weights = dict(
            car=0.3,
            bicycle=0.15,
            railing=0.2,
            pole=0.2,
            tree=0.2,
            planter=0.15,
            sign=0.15,
            bench=0.1,
            strangers=0.4,
            box=0.15,
            pillar=0.1,
        )
    return tuple(pick(rng, weights) for _ in range(rng.integers(3, 7)))


def draw_thing(name, a, z, rng):
    return _THINGS[name](a, z, rng)


def _paint(rng):
    return linear(PAINTS[rng.integers(len(PAINTS))]) * np.float32(rng.uniform(0.7, 1.2))


def _plain(mask, colour):
    return mask, np.broadcast_to(np.asarray(colour, np.float32), (*mask.shape, 3)).copy()


def _segment(a, z, start, end, half):
    """Within `half` of the line from start to end."""
    (x0, z0), (x1, z1) = start, end
    t = np.clip(((a - x0) * (x1 - x0) + (z - z0) * (z1 - z0)) / ((x1 - x0) ** 2 + (z1 - z0) ** 2), 0, 1)
    return np.hypot(a - x0 - t * (x1 - x0), z - z0 - t * (z1 - z0)) < half


def _car(a, z, rng):
    half, roof, waist = rng.uniform(0.85, 2.2), rng.uniform(1.35, 1.9), 0.88
    cabin = (z >= waist) & (z < roof) & (np.abs(a) < half * 0.72 - 0.5 * (z - waist))
    body = (z > 0.18) & (z < waist) & (np.abs(a) < half)
    mask, out = _plain(body | cabin | ((z < 0.3) & (np.abs(a) < half)), _paint(rng))
    out *= (0.55 + 0.5 * z / roof)[..., None]
    glass = cabin & (z > waist + 0.05) & (z < roof - 0.08) & (np.abs(a) < half * 0.66 - 0.5 * (z - waist))
    out[glass] = 0.03 + 0.25 * (z[glass, None] - waist)
    out[(np.abs(a) < 0.03) & glass] = 0.02
    out[z < 0.2] = 0.01
    wheel = np.hypot(np.abs(a) - half * 0.62, z - 0.32)
    out[wheel < 0.32] = 0.015
    out[wheel < 0.17] = 0.3
    out[(np.abs(np.abs(a) - half * 0.88) < 0.12) & (np.abs(z - 0.65) < 0.08)] = rng.choice([0.8, 0.3])
    return mask, out


def _bicycle(a, z, rng):
    ring = np.abs(np.hypot(np.abs(a) - 0.52, z - 0.34) - 0.32) < 0.028
    frame = _segment(a, z, (-0.52, 0.34), (-0.1, 0.85), 0.025) | _segment(a, z, (-0.1, 0.3), (0.35, 0.85), 0.025)
    frame |= _segment(a, z, (-0.12, 0.78), (0.36, 0.82), 0.025) | _segment(a, z, (0.52, 0.34), (0.34, 1.02), 0.025)
    mask, out = _plain(ring | frame | ((np.abs(a + 0.12) < 0.12) & (np.abs(z - 0.95) < 0.04)), _paint(rng))
    out[ring] = 0.02
    return mask, out


def _railing(a, z, rng):
    height, period, half = rng.uniform(0.8, 1.3), rng.uniform(0.1, 0.5), rng.uniform(1, 5)
    bars = (a / period % 1 < 0.022 / period) & (z < height)
    rails = (np.abs(z - height) < 0.03) | (np.abs(z - 0.15) < 0.02) | (np.abs(z - height * 0.55) < 0.015)
    return _plain((bars | rails) & (np.abs(a) < half), linear(np.repeat(rng.uniform(15, 220), 3)))


def _pole(a, z, rng):
    return _plain((np.abs(a) < rng.uniform(0.03, 0.1)) & (z < 5), linear(np.repeat(rng.uniform(30, 170), 3)))


def _pillar(a, z, rng):
    half = rng.uniform(0.15, 0.5)
    mask, out = _plain(np.abs(a) < half, linear(np.repeat(rng.uniform(60, 220), 3)))
    return mask, out * (0.7 + 0.4 * a / half)[..., None]


def _tree(a, z, rng):
    seed, crown, bend = int(rng.integers(99)), rng.uniform(2.0, 3.2), rng.normal(0, 0.06)
    trunk = (np.abs(a - bend * z) < rng.uniform(0.07, 0.22)) & (z < crown + 0.5)
    mask, out = _plain(trunk, linear((78, 66, 54)))
    leaves = noise2(a + 9, z, 5, seed)
    crowned = leaves > 0.25 + 0.12 * np.hypot(a, 0.8 * (z - crown - 1.2)) ** 2
    out = np.where(crowned[..., None], linear((74, 98, 50)) * (0.2 + 1.6 * noise2(a, z, 16, seed))[..., None], out)
    return mask | crowned, out


def _planter(a, z, rng):
    half, top, seed = rng.uniform(0.3, 1.2), rng.uniform(0.2, 0.6), int(rng.integers(99))
    green = (np.abs(a) < half) & (z >= top) & (noise2(a + 9, z, 7, seed) > (z - top) / rng.uniform(0.5, 1.2))
    box = (np.abs(a) < half) & (z < top)
    mask, out = _plain(box | green, linear(np.repeat(rng.uniform(60, 200), 3)))
    out[green] = linear((66, 96, 48)) * (0.3 + 1.4 * noise2(a[green], z[green], 15, seed))[:, None]
    return mask, out


def _sign(a, z, rng):
    half, low, tall = rng.uniform(0.2, 0.7), rng.uniform(0.3, 2.0), rng.uniform(0.3, 1.2)
    board = (np.abs(a) < half) & (z > low) & (z < low + tall)
    mask, out = _plain(board | ((np.abs(a) < 0.03) & (z < low)), 0.2)
    colour = linear(rng.integers(20, 235, 3))
    written = (z / 0.12 % 1 < 0.5) & (noise2(a, z, 9, 3) > 0.45)
    out[board] = np.where(written[board, None], 0.75 if colour.mean() < 0.3 else 0.04, colour)
    return mask, out


def _bench(a, z, rng):
    half = rng.uniform(0.6, 1.2)
    seat = (np.abs(z - 0.45) < 0.04) | (np.abs(z - 0.75) < 0.12) & (z / 0.08 % 1 < 0.6)
    legs = (np.abs(np.abs(a) - half * 0.85) < 0.04) & (z < 0.85)
    return _plain((seat | legs) & (np.abs(a) < half), linear((104, 80, 58)) * np.float32(rng.uniform(0.4, 1.6)))


def _box(a, z, rng):
    half, top = rng.uniform(0.2, 1.1), rng.uniform(0.5, 2.1)
    mask, out = _plain((np.abs(a) < half) & (z < top), _paint(rng))
    out *= (0.7 + 0.3 * (z / 0.25 % 1 > 0.1))[..., None]
    return mask, out


def _strangers(a, z, rng):
    """One to four people far away: head, trunk, two legs."""
    mask, out = _plain(np.zeros(a.shape, bool), 0)
    dyes = list(STREET.values())
    for _ in range(rng.integers(1, 5)):
        x, tall, step = rng.normal(0, 0.7), rng.uniform(0.92, 1.08), rng.uniform(0, 0.13)
        at, up = (a - x) / tall, z / tall
        legs = (up < 0.9) & (np.abs(np.abs(at) - 0.09 - step * (0.9 - up)) < 0.075)
        trunk = (up >= 0.8) & (up < 1.48) & (np.abs(at) < 0.24 - 0.25 * np.abs(up - 1.3) ** 1.5)
        head = np.hypot(at / 0.8, up - 1.62) < 0.12
        coat, trousers = (linear(dyes[rng.integers(len(dyes))]) for _ in range(2))
        for part, colour in ((legs, trousers), (trunk, coat), (head, linear((196, 150, 120)))):
            out[part] = colour
        out[head & (up > 1.64)] = 0.02
        mask |= legs | trunk | head
    return mask, out


_THINGS = dict(
    car=_car,
    bicycle=_bicycle,
    railing=_railing,
    pole=_pole,
    pillar=_pillar,
    tree=_tree,
    planter=_planter,
    sign=_sign,
    bench=_bench,
    box=_box,
    strangers=_strangers,
)
