"""The colour of every point of a person, as a function of its place on the canonical body.

Hems, sleeves, collars, stripes, prints, straps and the hairline are all decided here, subpixel by subpixel, so
their borders are sharp and lie at the same place on every figure. Colours are linear albedos, (N, 3).
"""

import numpy as np

from .body import Part
from .colours import CLOTH, HAIR, SKIN, STREET, linear
from .emblem import draw_emblem, stamped
from .hairdo import under_cover
from .head import above_hairline, above_hat, is_ear
from .luggage import paint_held, paint_worn
from .noise import noise3, rng_for
from .tailor import COATS, Tailored


class Materials:
    """`materials(parts, attributes)`: (N,), (N, 5) -> albedo (N, 3)."""

    def __init__(self, person):
        self.person, self.identity, self.cut = person, person.identity, person.cut
        a = self.identity
        rng = rng_for(a.seed, "materials")

        palette = CLOTH | STREET if a.outfit else STREET | CLOTH  # a bag may have a street colour all the same

        def dye(name):  # a little off the palette, but the same in all pictures of an identity
            return linear(np.clip(np.array(palette[name]) * rng.normal(1, 0.05) + rng.normal(0, 1.5, 3), 3, 250))

        self.upper, self.upper_second = dye(a.upper_colour), dye(a.upper_second_colour)
        self.lower, self.lower_second = dye(a.lower_colour), dye(a.lower_second_colour)
        self.bag, self.hat, self.shoe = dye(a.bag_colour), dye(a.hat_colour), dye(a.shoe_colour)
        self.hair = linear(np.array(HAIR[a.hair_colour]) * rng.uniform(0.85, 1.15))
        self.skin = linear(np.array(SKIN[a.skin_tone]) * rng.uniform(0.95, 1.04))
        self.tights = dye("black") if a.tights else self.skin
        self.sock = linear((205, 205, 200)) if rng.random() < 0.5 else linear((40, 40, 44))
        self.sole = linear((210, 210, 205)) if rng.random() < 0.5 else self.shoe * 0.5
        self.frequency = rng.uniform(0.7, 1.3)  # of stripes and the like
        self.print_size, self.yoke = rng.uniform(0.8, 1.25), rng.uniform(0.27, 0.40)
        self.opening = rng.uniform(0.03, 0.06)  # half the width of an open jacket's gap
        self.emblem = draw_emblem(rng)
        if a.hairdo:
            self.hair, self.skin = linear(a.hairdo.hair), linear(a.hairdo.skin)
            self.tights = self.tights if a.tights else self.skin
            self.cover = linear(a.hairdo.cover_colour)
        if a.luggage:
            self.bag = linear(a.luggage.worn_colour)
        self.tailored = None
        if a.outfit:
            self.tailored = Tailored(a)
            self.scarf = linear(a.outfit.scarf or a.outfit.upper)
            self.upper, self.lower, self.shoe = (linear(c) for c in (a.outfit.upper, a.outfit.lower, a.outfit.shoe))

    def __call__(self, parts, attributes):
        a = self.identity
        points, arm, on_arm = attributes[:, :3], attributes[:, 3], attributes[:, 4] > 0.5
        albedo = np.empty((len(parts), 3), np.float32)
        painters = {
            Part.SUIT: lambda i: self._suit(points[i], arm[i], on_arm[i]),
            Part.HEAD: lambda i: self._head(points[i]),
            Part.HAND: lambda i: self.skin,
            Part.EYE: lambda i: self._eye(points[i]),
            Part.SKIRT: lambda i: self.tailored.skirt(points[i]) if self.tailored else self._lower(points[i]),
            Part.HAIR: lambda i: self._strands(points[i]),
            Part.TIED_HAIR: lambda i: self._strands(points[i]),
            Part.BAG: lambda i: self._bag(points[i]),
            Part.HAT: lambda i: self.hat * 0.9,
            Part.HOOD: lambda i: self.upper * 0.92,
            Part.HELD: lambda i: paint_held(a.luggage, points[i]),
            Part.SCARF: lambda i: self.scarf * (0.8 + 0.4 * (points[i, 2] * 4 % 1 > 0.4))[:, None],
        }
        for part in np.unique(parts):
            where = np.nonzero(parts == part)[0]
            albedo[where] = painters[Part(part)](where)
        return albedo

    def _suit(self, points, arm, on_arm):
        a, cut, z = self.identity, self.cut, points[:, 2]
        out = np.repeat(self.skin[None], len(points), 0)
        upper = np.where(on_arm, arm < cut.sleeve, (z > cut.hem) & (z < self._collar(points)))
        i = np.nonzero(upper)[0]
        out[i] = self._upper(points[i], arm[i], on_arm[i])
        if a.hairdo and a.hairdo.cover == "headscarf":
            out[~on_arm & (z > 0.48)] = self.cover
        elif a.hair == "long":
            out[~on_arm & (z > 0.50) & (points[:, 1] > 0) & (np.abs(points[:, 0]) < 0.07)] = self.hair * 0.8
        below = ~on_arm & (z <= cut.hem)
        if a.lower_kind == "skirt":
            # The skirt's colour is painted on the legs too: the helper's front opens in mid-stride.
            out[below] = self.tights
            i = np.nonzero(below & (z > cut.skirt_end + 0.02))[0]
        else:
            i = np.nonzero(below & (z > cut.lower_end))[0]
            sock = below & (z < -0.72) & (z < cut.lower_end)
            out[sock] = self.sock
        out[i] = self._lower(points[i])
        if self.tailored and a.outfit.kind in COATS:
            under_coat = below & (z > cut.skirt_end + 0.02)
            if a.outfit.kind == "open_coat":
                under_coat &= points[:, 1] > 0.03
            i = np.nonzero(under_coat)[0]
            out[i] = self.tailored.skirt(points[i])
        shoe = below & (z < cut.shoe_top)
        out[shoe] = self.shoe
        out[shoe & (z < -0.806)] = self.sole
        return out

    def _collar(self, points):
        """(N,) height of the collar. It rises away from the neck, or shirts would be off the shoulder."""
        x, y, _ = points.T
        collar = self.identity.upper_collar
        z = np.interp(y, [-0.09, -0.03, 0.04, 0.08], [0.492, 0.53, 0.563, 0.565])
        z = z + 1.6 * np.maximum(np.abs(x) - 0.05, 0)
        if collar == "vneck":
            z = np.where(y < -0.03, np.minimum(z, 0.41 + 1.6 * np.abs(x)), z)
        return z + 0.02 if collar in ("shirt", "hood") else z

    def _upper(self, points, arm, on_arm):
        x, y, z = points.T
        if self.tailored:
            out = self.tailored.upper(points, arm, on_arm)
        else:
            out = self._pattern(points, np.where(on_arm, 0.47 - arm * 0.26, z), arm, on_arm)
        strap = self.person.strap
        if strap == "backpack":
            out[~on_arm & (np.abs(np.abs(x) - 0.105) < 0.020) & (z > 0.20) & (y < 0.05)] = self.bag
        elif strap in ("left", "right"):
            slope = 1.25 if strap == "left" else -1.25
            out[~on_arm & (np.abs(z - 0.30 + slope * x) < 0.030)] = self.bag
        elif strap in ("left shoulder", "right shoulder"):
            side = 1 if strap == "left shoulder" else -1
            out[~on_arm & (np.abs(side * x - 0.115) < 0.018) & (z > 0.16)] = self.bag
        elif strap == "waist":
            out[~on_arm & (np.abs(z - 0.11) < 0.022)] = self.bag
        if self.identity.upper_collar == "shirt" and not self.tailored:
            out[~on_arm & (z > self._collar(points) - 0.018)] *= 1.25 if self.upper.mean() < 0.2 else 0.75
        return out

    def _pattern(self, points, height, arm, on_arm):
        """height (N,) runs on down the sleeves, so that stripes do."""
        a, f, second = self.identity, self.frequency, self.upper_second
        x, y, z = points.T
        front, back = (y < -0.02) & ~on_arm, (y > -0.01) & ~on_arm
        out = np.repeat(self.upper[None], len(points), 0)
        match a.upper_pattern:
            case "horizontal_stripes":
                out[(height * 9 * f) % 1 < 0.42] = second
            case "vertical_stripes":
                out[(x * 16 * f) % 1 < 0.35] = second
            case "plaid":
                bands = 0.5 * ((height * 8 * f) % 1 < 0.4) + 0.5 * ((np.where(on_arm, y, x) * 9 * f + 0.2) % 1 < 0.4)
                out += bands[:, None].astype(np.float32) * (second - out)
            case "yoke":
                out[height > self.yoke] = second
            case "raglan":
                out[on_arm & (arm > -0.1)] = second
            case "chest_band":
                out[(np.abs(z - 0.30) < 0.04) & ~on_arm] = second
            case "chest_print":
                u, v = x / (0.19 * self.print_size) + 0.5, (z - 0.19) / (0.20 * self.print_size)
                out[front & stamped(self.emblem, u, v)] = second
            case "back_print":
                u, v = x / (0.24 * self.print_size) + 0.5, (z - 0.14) / (0.26 * self.print_size)
                out[back & stamped(self.emblem, u, v)] = second
            case "dots":
                out[np.hypot((height * 14 * f) % 1 - 0.5, (x * 14 * f) % 1 - 0.5) < 0.28] = second
            case "side_panels":
                out[~on_arm & (np.abs(x) > 0.115)] = second
            case "open_jacket":
                half = self.opening + 0.05 * np.clip(0.42 - z, 0, 1)
                out[front & (np.abs(x) < half) & (z < 0.52)] = second
                out[front & (np.abs(np.abs(x) - half) < 0.010)] *= 0.45
            case "plain" if a.upper_collar == "shirt":
                out[front & (np.abs(x) < 0.006)] *= 0.6  # the line of buttons
        return out

    def _lower(self, points):
        a = self.identity
        if self.tailored:
            return self.tailored.lower(points)
        x, y, z = points.T
        out = np.repeat(self.lower[None], len(points), 0)
        if "denim" in a.lower_colour:  # worn thighs
            worn = np.exp(-(((np.abs(x) - 0.11) / 0.05) ** 2)) * (y < -0.02) * np.exp(-(((z + 0.2) / 0.16) ** 2))
            out = out * (0.92 + 0.5 * worn)[:, None]
        if a.lower_pattern == "side_stripe":
            outside = np.interp(z, [-0.75, -0.35, 0.05], [0.177, 0.135, 0.10]) + 0.035
            out[(np.abs(x) > outside) & (np.abs(y + 0.01) < 0.03)] = self.lower_second
        elif a.lower_pattern == "plaid":
            bands = ((z * 11) % 1 < 0.35) * 1.0 + ((x * 13) % 1 < 0.35)
            out = out * (1 - 0.3 * bands)[:, None] + self.lower_second * (0.22 * bands)[:, None]
        out[np.abs(z - 0.085) < 0.013] *= 0.5  # belt
        return out

    def _head(self, points):
        a = self.identity
        x, y, z = points.T
        out = np.repeat(self.skin[None], len(points), 0)
        face = y < -0.06
        eye_x, eye_z = self.person.body.eyes[:, 0], self.person.body.eyes[:, 2]
        aside = np.minimum(np.abs(x - eye_x[0]), np.abs(x - eye_x[1]))
        out[face & (np.hypot(aside / 1.5, z - eye_z[0]) < 0.012)] *= 0.45
        out[face & (aside < 0.02) & (np.abs(z - eye_z[0] - 0.022) < 0.006)] *= 0.35  # eyebrows
        lips = face & (np.abs(x) < 0.024) & (np.abs(z - 0.645) < 0.010) & (y < -0.11)
        out[lips] *= np.array([0.85, 0.5, 0.5], np.float32)
        if a.beard:
            beard = (z < 0.672) & (z > 0.59) & (y < -0.03) & ~lips
            out[beard] = out[beard] * 0.35 + self.hair * 0.65
        if a.hair != "bald":
            hairy = (above_hairline(points, a.hairdo) > 0.006 * np.sin(x * 260)) & ~is_ear(points)
            if a.hair in ("long", "bob"):
                hairy |= y > -0.02  # skin must not shine through between the strands
            i = np.nonzero(hairy)[0]
            dense = 0.7 if a.hair == "buzz" else 1.0
            shade = 0.8 + 0.4 * noise3(points[i] * [1, 1, 0.35], 90, 3)
            out[i] = out[i] * (1 - dense) + self.hair * dense * shade[:, None]
        out[above_hat(points, a.hat) > 0.002] = self.hat
        if a.hairdo:
            if a.hairdo.glasses:
                frame = np.abs(np.hypot(aside / 1.3, z - eye_z[0]) - 0.017) < 0.004
                out[(y < -0.02) & (frame | ((np.abs(z - eye_z[0] - 0.004) < 0.003) & (y > -0.1)))] = 0.02
            if a.hairdo.cover != "none":
                i = np.nonzero(under_cover(points) > 0.5)[0]
                out[i] = self.cover * (0.8 + 0.4 * noise3(points[i] * [1, 1, 0.4], 30, 8))[:, None]
        return out

    def _eye(self, points):
        iris = np.abs(np.abs(points[:, 0]) - self.person.body.eyes[0, 0]) < 0.007
        return np.where(iris[:, None], 0.02, 0.35)

    def _strands(self, points):
        return self.hair * (0.75 + 0.5 * noise3(points * [1, 1, 0.3], 60, 5))[:, None]

    def _bag(self, points):
        """Here the points lie on the bag's unit shape."""
        if self.identity.luggage:
            return paint_worn(self.identity.luggage, points)
        x, y, z = points.T
        out = np.repeat(self.bag[None], len(points), 0)
        if self.identity.bag == "backpack":
            out[(np.abs(z - 0.25) < 0.045) | (np.abs(z + 0.25) < 0.02)] *= 0.55
            out[(z < 0.1) & (z > -0.75) & (np.abs(x) < 0.72) & (y > 0.8)] *= 1.35
        else:
            out[np.abs(z - 0.35) < 0.07] *= 0.5
        return out
