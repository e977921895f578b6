"""Random generators with names, and smooth value noise: all chance in a rendering comes from here."""

import hashlib

import numpy as np

_TABLE = np.random.default_rng(7).random((64, 64, 64), dtype=np.float32)


def rng_for(*key):
    """A generator that depends on the key alone, e.g. `rng_for(seed, "picture", 12, 3)`.

    Nothing is ever drawn from the clock or from the order of work; that is what makes the bytes of a picture
    the same for any number of processes.
    """
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "little"))


def pick(rng, weights):
    """One key of a dict {value: weight}; the weights need not sum to 1."""
    p = np.array(list(weights.values()), float)
    return list(weights)[rng.choice(len(p), p=p / p.sum())]


def smoothstep(low, high, x):
    """0 below `low`, 1 above `high`, smooth in between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise3(points, frequency=1.0, seed=0):
    """(..., 3) -> (...) trilinear value noise in [0, 1], with a period of 64 cells."""
    points = np.asarray(points, np.float32) * frequency + np.float32(seed % 61) * np.float32(1.37)
    low = np.floor(points).astype(np.int32)
    t = points - low
    t = t * t * (3 - 2 * t)
    low &= 63
    high = (low + 1) & 63
    # One index into the flat table is far faster than three: all textures come through here.
    x0, y0, z0 = low[..., 0] << 12, low[..., 1] << 6, low[..., 2]
    x1, y1, z1 = high[..., 0] << 12, high[..., 1] << 6, high[..., 2]
    tx, ty, tz = t[..., 0], t[..., 1], t[..., 2]
    table, sx = _TABLE.reshape(-1), 1 - tx
    a = table.take(x0 + y0 + z0) * sx + table.take(x1 + y0 + z0) * tx
    b = table.take(x0 + y1 + z0) * sx + table.take(x1 + y1 + z0) * tx
    c = table.take(x0 + y0 + z1) * sx + table.take(x1 + y0 + z1) * tx
    d = table.take(x0 + y1 + z1) * sx + table.take(x1 + y1 + z1) * tx
    return (a * (1 - ty) + b * ty) * (1 - tz) + (c * (1 - ty) + d * ty) * tz


def cell_noise(i, j, seed=0):
    """(...), (...) whole numbers -> (...) a number in [0, 1) for each cell, without any likeness of neighbours."""
    return _TABLE[i & 63, j & 63, seed & 63]


def noise2(u, v, frequency=1.0, seed=0):
    """(...), (...) -> (...) a slice through `noise3`, another one for every seed."""
    points = np.stack([u, v, np.full_like(u, seed * 0.731 + 0.5)], -1)
    return noise3(points * np.array([frequency, frequency, 1], np.float32))
