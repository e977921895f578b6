"""Surfaces of a real street or corridor, for `--vary backgrounds`: paving, gravel, grass, brick, glass, hedges, shops.

A `Surface` is drawn once for a place; a picture only shifts it. Real backgrounds are busier than people: edges of
tiles, bars, leaves and shadows fill them, and a network has to learn not to look at those.
"""

from dataclasses import dataclass

import numpy as np

from .colours import linear
from .noise import cell_noise, noise2, pick, smoothstep

GROUNDS = {
    "outdoors": dict(tiles=0.34, speckle=0.22, concrete=0.14, asphalt=0.1, grass=0.1, planks=0.03, crossing=0.07),
    "indoors": dict(tiles=0.5, speckle=0.2, checker=0.1, planks=0.1, concrete=0.1),
}
WALLS = {
    "outdoors": dict(
        masonry=0.16,
        panels=0.10,
        windows=0.14,
        shop=0.12,
        foliage=0.2,
        fence=0.08,
        plaster=0.08,
        posters=0.04,
        corrugated=0.03,
        far=0.05,
    ),
    "indoors": dict(panels=0.25, windows=0.15, shop=0.15, corridor=0.2, plaster=0.1, posters=0.1, masonry=0.05),
}


@dataclass(frozen=True)
class Surface:
    kind: str
    colours: np.ndarray  # (3, 3) linear: ground, second, joints
    size: float  # metres of a tile, a panel, a shop window
    shape: float  # of a tile: length by width
    angle: float  # radians, on the ground
    bond: float  # by how much of a tile each row is shifted
    joint: float  # share of a tile
    contrast: float
    seed: int


def draw_surface(kinds, rng):
    kind = pick(rng, kinds)
    return Surface(
        kind=kind,
        colours=np.stack([colour := _draw_colour(kind, rng), _draw_colour(kind, rng), _draw_joint(colour, rng)]),
        size=float(np.exp(rng.uniform(np.log(0.15), np.log(1.3)))),
        shape=rng.choice([1.0, 1.0, 2.0, 3.0]),
        angle=rng.choice([0, 0, np.pi / 4]) + rng.normal(0, 0.25),
        bond=rng.choice([0, 0.5, 0.33]),
        joint=rng.uniform(0.04, 0.12),
        contrast=rng.uniform(0.3, 1.0),
        seed=int(rng.integers(1000)),
    )


def _draw_colour(kind, rng):
    if kind in ("grass", "foliage"):
        return linear(np.array([70, 92, 48]) * np.exp(rng.normal(0, 0.25)) + rng.normal(0, 10, 3))
    if kind == "masonry" and rng.random() < 0.5:
        return linear(np.array([140, 88, 70]) * np.exp(rng.normal(0, 0.2)) + rng.normal(0, 8, 3))
    grey = 70 + 160 * rng.beta(2, 1.5)
    tint = rng.normal(0, 4, 3)
    if rng.random() < 0.3:  # sand, wood, terracotta
        tint += np.array([1, 0, -1]) * rng.uniform(5, 35)
    return linear(np.clip(grey + tint, 15, 240))


def _draw_joint(colour, rng):
    """Most joints are a little darker than the tiles, some much darker or brighter."""
    if rng.random() < 0.75:
        return colour * np.float32(rng.uniform(0.45, 0.85))
    return linear(rng.uniform(30, 210) * np.ones(3))


def ground_albedo(surface, u, v):
    """(N,), (N,) metres on the ground -> (N, 3)"""
    s = surface
    c, d = np.cos(s.angle), np.sin(s.angle)
    u, v = (c * u - d * v).astype(np.float32), (d * u + c * v).astype(np.float32)
    base = np.repeat(s.colours[:1], len(u), 0)
    stains = 0.75 + 0.5 * noise2(u, v, 0.7, s.seed)
    match s.kind:
        case "tiles" | "checker":
            i, j, joint = _tiles(s, u, v)
            chosen = (i + j) % 2 == 1 if s.kind == "checker" else cell_noise(i, j, s.seed) < 0.25 * s.contrast
            base[chosen] = s.colours[1] if s.kind == "checker" else 0.7 * s.colours[0] + 0.3 * s.colours[1]
            base = base * (1 + 0.6 * s.contrast * (cell_noise(i, j, s.seed + 1) - 0.5))[:, None]
            base[joint] = s.colours[2]
        case "speckle":  # gravel, granite, terrazzo
            grain = noise2(u, v, 22 + 30 * s.contrast, s.seed) + 0.6 * (noise2(u, v, 60, s.seed + 2) - 0.5)
            base = base * (0.25 + 1.5 * grain * s.contrast + 0.75 * (1 - s.contrast))[:, None]
        case "grass":
            blades = noise2(u, v * 0.6, 30, s.seed) * noise2(u, v, 6, s.seed + 1)
            base = base * (0.3 + 2.6 * blades)[:, None]
            bare = smoothstep(0.62, 0.75, noise2(u, v, 0.6, s.seed + 2))[:, None]
            base = base * (1 - bare) + s.colours[2] * bare
        case "planks":
            i = np.floor(u / 0.14).astype(int)
            base = base * (0.7 + 0.6 * cell_noise(i, i, s.seed))[:, None]
            base[u / 0.14 % 1 < 0.1] *= 0.4
        case "asphalt" | "crossing":
            base = 0.45 * base * (0.55 + 0.9 * noise2(u, v, 45, s.seed))[:, None]
            painted = v / 0.5 % 2 < 1 if s.kind == "crossing" else np.abs(v % 5 - 2.5) < 0.08
            base[painted & (np.abs(u % 14 - 7) < 2.5)] = 0.6
        case _:
            cracks = np.abs(noise2(u, v, 1.2, s.seed + 1) - 0.5) < 0.008
            base[cracks] *= 0.6
            base = base * (0.8 + 0.4 * noise2(u, v, 16, s.seed))[:, None]
    return (base * stains[:, None]).astype(np.float32)


def wall_albedo(surface, u, z):
    """(N,), (N,) metres along and up -> (N, 3)"""
    s = surface
    u, z = u.astype(np.float32), z.astype(np.float32)
    base = np.repeat(s.colours[:1], len(u), 0)
    match s.kind:
        case "masonry":
            tall = 0.08 + 0.2 * s.contrast
            j = np.floor(z / tall).astype(int)
            along = u / (2.6 * tall) + 0.5 * (j % 2)
            base = base * (0.65 + 0.7 * cell_noise(np.floor(along).astype(int), j, s.seed))[:, None]
            base[(along % 1 < 0.07) | (z / tall % 1 < 0.15)] = s.colours[2]
            base[(u % 6 < 1.1) & (z < 2.2)] = 0.25 * s.colours[1]  # doors
        case "windows" | "panels":
            wide, tall = 0.8 + 1.4 * s.size, 0.7 + 1.3 * s.contrast
            i, j = np.floor(u / wide).astype(int), np.floor(z / tall).astype(int)
            tone = cell_noise(i, j, s.seed)
            if s.kind == "windows":
                mirrored = noise2(u, z, 1.7, s.seed)
                base = (0.03 + 0.55 * (tone**2 * mirrored)[:, None] * (0.5 + s.colours[1])).astype(np.float32)
            else:
                base = base * (0.75 + 0.4 * tone)[:, None]
            base[(u / wide % 1 < s.joint) | (z / tall % 1 < s.joint)] = s.colours[2]
        case "shop" | "posters":
            pane = 1.2 + 2 * s.size
            i = np.floor(u / pane).astype(int)
            j = np.floor(z / (0.1 + 0.4 * s.contrast)).astype(int)
            goods_i = np.floor(u / (0.07 + 0.3 * cell_noise(i, j, s.seed + 5))).astype(int)
            goods = np.stack([cell_noise(goods_i, j, s.seed + c) for c in range(3)], -1)
            goods = 0.8 * goods.mean(1, keepdims=True) + 0.2 * goods
            lit = 0.1 + 0.9 * cell_noise(i, i, s.seed + 4)[:, None]
            inside = (u / pane % 1 > s.joint) & (z > 0.4) & (z < 2.6)
            base[inside] = ((0.02 + goods**2) * lit)[inside]
            sign = (z > 2.75) & (z < 3.5)
            letters = noise2(u, z, 7, s.seed) > 0.56
            base[sign] = np.where(letters[:, None], 0.7, s.colours[1])[sign]
        case "foliage":
            leaves = noise2(u, z, 11, s.seed) * 0.6 + noise2(u, z, 26, s.seed + 1) * 0.4
            masses = noise2(u, z, 1.6, s.seed + 2)
            base = base * (0.05 + 3.4 * np.clip(leaves + 0.8 * masses - 0.62, 0, 1))[:, None]
            base[leaves - 0.4 * masses > 0.52] = 0.9  # the sky shines through
        case "fence" | "corrugated":
            period = 0.13 if s.kind == "fence" else 0.3
            base = base * (0.25 + 0.75 * noise2(u, z, 4, s.seed))[:, None]
            bars = u / period % 1 < 0.25
            base[bars & (z < 1.2) | (np.abs(z - 1.2) < 0.04)] = s.colours[2]
        case "corridor":
            base = base * (0.8 + 0.2 * (np.abs(u % 3 - 1.5) < 0.9))[:, None]
            base[(np.abs(u % 4 - 2) < 0.5) & (z < 2.1)] = s.colours[1]  # doors
            base[(z > 2.5) & (u % 2 < 1.2) & (z < 2.8)] = 2.5  # lamps
            base[z < 0.12] *= 0.4
        case _:
            base = base * (0.7 + 0.6 * noise2(u, z, 1.1, s.seed))[:, None]
            base[(u % 3.1 < 0.04) | (z % 1.5 < 0.03)] *= 0.6
    return base.astype(np.float32)


def _tiles(surface, u, v):
    """-> whole numbers of the tile (N,), (N,), whether a point lies in a joint (N,)"""
    s = surface
    vv = v / s.size
    j = np.floor(vv).astype(int)
    uu = u / (s.size * s.shape) + s.bond * (j % 3)
    return np.floor(uu).astype(int), j, (uu % 1 < s.joint / s.shape) | (vv % 1 < s.joint)
