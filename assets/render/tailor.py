"""Sewn garments, for `--vary clothes`: fabrics cut and put together with openings, prints, trims, seams and folds."""

import numpy as np

from .colours import linear
from .fabrics import Fabric, folds
from .noise import rng_for, smoothstep

COATS = ("coat", "open_coat", "dress")  # what continues below as MakeHuman's skirt


class Tailored:
    """Albedo of an outfit's upper and lower garment, (N, 3) canonical points -> (N, 3)."""

    def __init__(self, identity):
        self.outfit, self.seed = identity.outfit, identity.seed
        self.collar = identity.upper_collar
        o, rng = self.outfit, rng_for(identity.seed, "tailor")
        self.cloth = Fabric(o.weave, o.upper, o.second, o.third, rng)
        self.under = Fabric(o.under_weave, o.under, o.third, o.second, rng)
        self.trousers = Fabric(o.lower_weave, o.lower, o.second, o.third, rng)
        self.second, self.third, self.below = linear(o.second), linear(o.third), linear(o.under)
        self.contrasting = self.second if rng.random() < 0.4 else 0.55 * linear(o.upper)  # trims
        self.chest, self.back = draw_print(rng), draw_print(rng)
        self.has_chest, self.has_back = rng.random() < 0.85, rng.random() < 0.3
        self.size, self.place = rng.uniform(0.08, 0.26), rng.uniform(0.20, 0.32)
        self.block = rng.choice(["yoke", "sleeves", "half", "sides", "band"])
        self.height = rng.uniform(0.22, 0.4)
        self.worn = rng.uniform(0, 0.7)  # thighs of jeans
        self.v_shaped = rng.uniform(-0.06, 0.10)  # of the opening

    def upper(self, points, arm, on_arm):
        o = self.outfit
        x, y, z = points.T
        along = np.where(on_arm, 0.47 - arm * 0.26, z)
        around = np.where(on_arm, y, np.arctan2(x, -y - 0.01) * 0.13)
        out = self.cloth(points, along, around)
        front, back = (y < -0.02) & ~on_arm, (y > -0.01) & ~on_arm
        if o.weave == "blocks":
            out[self._block(x, along, arm, on_arm)] = self.second
        if o.weave == "print":
            self._stamp(out, front & self.has_chest, self.chest, x, z)
            self._stamp(out, back & (self.has_back or not self.has_chest), self.back, -x, z)
        if o.kind == "down":  # quilts
            out *= (0.62 + 0.5 * np.abs(np.sin(along * 52)) ** 0.6)[:, None]
        self._trim(out, x, y, z, along, arm, on_arm)
        if o.opening:
            out = self._open(out, points, front)
        elif o.kind in ("shirt", "jacket", "coat", "hoodie", "down") and o.trim != "zip":
            out[front & (np.abs(x) < 0.005)] *= 0.6
        if o.layer and o.kind not in COATS:
            out[~on_arm & (z < o.hem + o.layer)] = self.below
        bends = np.where(on_arm, np.exp(-(((arm - 1) / 0.25) ** 2)), np.exp(-(((z - 0.10) / 0.09) ** 2)))
        return out * folds(points, o.crumpled, self.seed % 1000, bends)[:, None]

    def lower(self, points):
        o = self.outfit
        x, y, z = points.T
        around = np.arctan2(np.abs(x) - 0.10, -y) * 0.08
        out = self.trousers(points, z, around)
        if o.lower_weave == "denim":
            thigh = np.exp(-(((np.abs(x) - 0.11) / 0.05) ** 2)) * (y < -0.02) * np.exp(-(((z + 0.22) / 0.17) ** 2))
            out *= (1 + self.worn * thigh)[:, None]
        outside = np.interp(z, [-0.75, -0.35, 0.05], [0.177, 0.135, 0.10]) + 0.03
        out[(np.abs(x) > outside) & (np.abs(y + 0.01) < 0.006)] *= 0.7  # the seam
        out[(np.abs(np.abs(x) - 0.075) < 0.045) & (y > 0.05) & (np.abs(z - 0.0) < 0.05)] *= 0.88  # pockets
        if o.belt:
            out[np.abs(z - 0.085) < 0.016] = 0.03
        bends = np.exp(-(((z + 0.36) / 0.08) ** 2)) + np.exp(-(((z + 0.70) / 0.06) ** 2)) + (z > -0.08)
        return out * folds(points, o.crumpled, self.seed % 997, np.minimum(bends, 1))[:, None]

    def skirt(self, points):
        o = self.outfit
        if o.kind not in COATS:
            return self.lower(points)
        x, y, z = points.T
        out = self.cloth(points, z, np.arctan2(x, -y - 0.01) * 0.13)
        if o.weave == "blocks" and self.block in ("yoke", "half"):
            out[z < -0.1] = self.second
        return out * folds(points, o.crumpled, self.seed % 1000)[:, None]

    def _block(self, x, along, arm, on_arm):
        match self.block:
            case "yoke":
                return along > self.height
            case "sleeves":
                return on_arm & (arm > -0.1)
            case "half":
                return along < self.height - 0.1
            case "sides":
                return ~on_arm & (np.abs(x) > 0.11)
        return ~on_arm & (np.abs(along - self.height) < 0.05)

    def _stamp(self, out, where, emblem, x, z):
        rows, columns = emblem.shape
        tall = self.size * rows / columns
        u, v = x / self.size + 0.5, (self.place + tall / 2 - z) / tall
        i, j = (v * rows).astype(int), (u * columns).astype(int)
        inside = np.nonzero(where & (u >= 0) & (u < 1) & (v >= 0) & (v < 1))[0]
        ink = emblem[i[inside], j[inside]]
        out[inside[ink == 1]] = self.third
        out[inside[ink == 2]] = self.second

    def _trim(self, out, x, y, z, along, arm, on_arm):
        o = self.outfit
        match o.trim:
            case "cuffs":
                out[(on_arm & (arm > o.sleeve - 0.10)) | (~on_arm & (z < o.hem + 0.03))] = self.contrasting
            case "zip":
                out[~on_arm & (y < 0) & (np.abs(x) < 0.008)] = self.contrasting
            case "sleeve_stripe":
                out[on_arm & (np.abs(y - 0.01) < 0.012)] = self.contrasting
            case "pocket":
                pocket = ~on_arm & (y < -0.05) & (np.abs(np.abs(x) - 0.075) < 0.035)
                out[pocket & (np.abs(z - 0.10) < 0.006)] *= 0.4
                out[pocket & (x > 0) & (np.abs(z - 0.33) < 0.004)] *= 0.5
        if self.collar == "shirt":
            out[~on_arm & (z > 0.52) & (y < 0.05)] *= 1.2 if out.mean() < 0.2 else 0.82

    def _open(self, out, points, front):
        """What is worn under an open jacket, and the shadow along its edges."""
        x, _, z = points.T
        half = opening(self.outfit, z) + self.v_shaped * np.clip(z - 0.25, 0, 0.25)
        i = np.nonzero(front & (np.abs(x) < half) & (z < 0.54))[0]
        out[i] = self.under(points[i], z[i], x[i])
        if self.outfit.under_weave == "print":
            self._stamp(out, front & (np.abs(x) < half), self.chest, x, z)
        out[front & (np.abs(np.abs(x) - half) < 0.008)] *= 0.55
        return out


def opening(outfit, z):
    """(N,) half the width of the gap of an open garment at height z; wider towards the hem."""
    return outfit.opening + 0.07 * np.clip(0.40 - z, 0, 1)


def draw_print(rng):
    """A bitmap of 0 cloth, 1 and 2 ink: an emblem, a badge, letters, or a picture of blobs."""
    kind = rng.choice(["emblem", "letters", "badge", "blobs"])
    if kind == "emblem":
        half = rng.random((6, 4)) < 0.55
        return np.concatenate([half, half[:, ::-1]], 1).astype(int)
    if kind == "letters":
        letters = np.zeros((5 * (lines := int(rng.integers(1, 4))), 24), int)
        for line in range(lines):
            word = rng.random((3, 24)) < 0.62
            word[:, 3::4] = False
            letters[5 * line + 1 : 5 * line + 4] = word
        return letters
    y, x = np.mgrid[-1:1:16j, -1:1:16j]
    if kind == "badge":
        distance = np.hypot(x, y)
        return np.where(distance < rng.uniform(0.3, 0.7), 2, np.where(distance < 1, 1, 0))
    waves = sum(np.sin(rng.normal(0, 3) * x + rng.normal(0, 3) * y + rng.uniform(0, 6)) for _ in range(4))
    return np.where(waves > 0.9, 1, np.where(waves < -0.9, 2, 0))


def lift_from_chest(outfit, points):
    """(N, 3) -> (N,) metres by which an open jacket stands off what is worn below; 0 within the gap."""
    x, y, z = points.T
    if not outfit.opening:
        return np.zeros(len(points))
    return 0.014 * smoothstep(0, 0.025, np.abs(x) - opening(outfit, z)) * (y < 0)
