"""Cloth seen near: weaves that repeat, prints, folds. Functions of the place on the canonical body, in metres.

`along` runs down the trunk and on down the sleeve or the leg, `around` goes round it; both (N,).
"""

import numpy as np

from .colours import linear
from .noise import noise2, noise3, smoothstep


class Fabric:
    """`fabric(points, along, around)`: (N, 3), (N,), (N,) -> albedo (N, 3)."""

    def __init__(self, weave, ground, second, third, rng):
        self.weave, self.seed = weave, int(rng.integers(1000))
        self.colours = np.stack([linear(c) for c in (ground, second, third)])
        self.period = float(np.exp(rng.uniform(np.log(0.7), np.log(1.6))))
        self.contrast = rng.uniform(0.35, 1)  # of checks, which are woven and not printed
        self.upright = rng.random() < 0.35
        self.bands = rng.choice(3, (2, 24), p=(0.62, 0.28, 0.10))

    def __call__(self, points, along, around):
        ground, second, third = self.colours
        out = np.repeat(ground[None], len(along), 0)
        across = around if self.upright else along
        match self.weave:
            case "fine_stripes":
                out[(across / (0.022 * self.period)) % 1 < 0.45] = second
            case "stripes":
                out[(across / (0.075 * self.period)) % 1 < 0.45] = second
            case "bands":
                out = self.colours[self.bands[0][(across / (0.022 * self.period)).astype(int) % 24]]
            case "checks":
                size = 0.05 * self.period
                crossing = ((along / size) % 1 < 0.5) * 0.5 + ((around / size) % 1 < 0.5) * 0.5
                out = out + (self.contrast * crossing)[:, None] * (second - out)
            case "plaid":
                size = 0.02 * self.period
                down, round_ = (self.bands[k][(c / size).astype(int) % 24] for k, c in enumerate((along, around)))
                out = 0.5 * self.colours[down] + 0.5 * self.colours[round_]
            case "blotches" | "camouflage":
                printed = self.weave == "blotches"
                level = noise3(points, (38 if printed else 14) / self.period, self.seed)
                out[level > 0.60] = second if printed else 1.7 * ground
                out[level < 0.33] = third if printed else 0.4 * ground
            case "dots":
                u, v = (along / (0.05 * self.period)) % 1 - 0.5, (around / (0.05 * self.period)) % 1 - 0.5
                out[np.hypot(u, v) < 0.27] = second
            case "marl":
                out = out + (0.35 * self.contrast * noise3(points, 90, self.seed))[:, None] * (second - out)
            case "gradient":
                out = out + smoothstep(0.1, 0.4, along)[:, None] * (second - out)
            case "denim":
                streaks = noise2(around, along * 0.15, 130, self.seed)
                out = out * (0.78 + 0.44 * streaks)[:, None]
        return out.astype(np.float32)


def folds(points, strength, seed, weight=None):
    """(N, 3) -> (N,) by how much folds brighten or darken cloth; more where `weight` (N,), at bent joints, is 1.

    They are painted, as vertices are too few for them. Soft ones run along the limb, sharp ones across.
    """
    soft = noise3(points * [1, 1, 0.45], 13, seed) - 0.5
    sharp = np.abs(noise3(points * [0.55, 0.55, 1] + 0.35 * soft[:, None], 26, seed + 3) - 0.5)
    sharp = smoothstep(0.16, 0, sharp) - 0.3
    at_joints = 0.35 if weight is None else 0.25 + 0.75 * weight
    return np.clip(1 + strength * (1.3 * soft - 0.9 * sharp * at_joints), 0.35, 1.5).astype(np.float32)
