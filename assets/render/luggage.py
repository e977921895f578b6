"""What people carry, for `--vary carried`: worn bags of all sizes and colours, and things held in a hand.

An identity carries the same in all pictures; the view alone hides it.
"""

from dataclasses import dataclass, replace

import numpy as np

from .body import Part
from .colours import STREET, linear
from .noise import pick
from .shapes import HANG, superellipsoid

COLOURS = dict(
    black=0.40,
    charcoal=0.09,
    navy=0.09,
    grey=0.06,
    brown=0.07,
    red=0.06,
    beige=0.05,
    blue=0.05,
    pink=0.03,
    green=0.025,
    olive=0.02,
    yellow=0.015,
    white=0.03,
    purple=0.015,
    orange=0.01,
)
WORN = dict(none=0.42, backpack=0.26, one_strap=0.03, shoulder_bag=0.13, crossbody=0.13, waist=0.02)
HELD = dict(none=0.66, handbag=0.07, shopping=0.09, suitcase=0.025, umbrella=0.02, book=0.055, phone=0.05, cup=0.03)
BENT = ("umbrella", "book", "phone", "cup")  # held before the body; the rest hangs from the hand


@dataclass(frozen=True)
class Luggage:
    worn: str
    worn_colour: tuple[float, float, float]
    trim: tuple[float, float, float]  # pockets, straps
    held: str
    held_colour: tuple[float, float, float]
    size: float
    side: int  # +1 left, -1 right, of what is worn
    hand: str  # "L", "R"

    @property
    def strap(self):
        """Where a strap is painted on the shirt: see `Materials._upper`."""
        side = "left" if self.side > 0 else "right"
        names = dict(backpack="backpack", waist="waist", crossbody=side, shoulder_bag=f"{side} shoulder")
        return names.get(self.worn, f"{side} shoulder" if self.worn == "one_strap" else None)


def pack(person, own, family):
    """Identity -> Identity with other things to carry."""
    female = person.gender == "female"
    worn = pick(own, WORN | dict(shoulder_bag=0.2 if female else 0.07))
    held = pick(own, HELD | dict(handbag=0.13 if female else 0.03))
    name, other = pick(own, COLOURS), pick(own, COLOURS)

    def dye(colour):
        jittered = np.array(STREET[colour]) * np.exp(own.normal(0, 0.15)) + own.normal(0, 5, 3)
        return tuple(np.clip(jittered, 9, 246).tolist())

    bright = dict(shopping="white", book="white", cup="white", umbrella=other)
    luggage = Luggage(
        worn=worn,
        worn_colour=dye(name),
        trim=dye(pick(own, COLOURS)) if own.random() < 0.3 else tuple(0.6 * np.array(dye(name))),
        held=held,
        held_colour=dye(bright.get(held, other) if own.random() < 0.6 else other),
        size=float(np.exp(own.normal(0, 0.18))),
        side=1 if own.random() < 0.5 else -1,
        hand="L" if own.random() < 0.5 else "R",
    )
    bag = worn if worn != "none" else held
    return replace(person, luggage=luggage, bag=bag, bag_colour=name if worn != "none" else other)


def shapes(luggage, bone, torso_between, scale):
    """List of (shape, {bone: weight}, Part). bone(name) -> (3,); torso_between(low, high) -> y of the torso there."""
    s = luggage
    return _worn(s, bone, torso_between, scale * s.size) + _held(s, bone("finger3-1." + s.hand), scale)


def _worn(s, bone, torso_between, size):
    if s.worn in ("backpack", "one_strap"):
        tall, wide, deep = 0.22 * size, 0.145 * size, 0.075 * size
        z = bone("spine01")[2] + 0.06 - tall * 0.75
        x = 0 if s.worn == "backpack" else s.side * 0.06
        y = torso_between(z - 0.1, z + 0.15).max() + deep * 0.7
        bag = superellipsoid([x, y, z], [wide, deep, tall], 0.45)
        pocket = superellipsoid([x, y + deep * 0.8, z - tall * 0.35], [wide * 0.75, deep * 0.45, tall * 0.45], 0.45)
        weights = dict(spine01=0.5, spine03=0.5)
        return [(bag, weights, Part.BAG), (pocket, weights, Part.BAG)]
    if s.worn in ("crossbody", "shoulder_bag"):
        low = s.worn == "crossbody"
        z = bone("upperleg01.L")[2] + (0.02 if low else 0.16)
        out = 0.20 if low else 0.22
        tall, long = (0.09, 0.12) if low else (0.13, 0.16)
        shape = superellipsoid([s.side * (out + 0.02), 0.02, z], [0.055 * size, long * size, tall * size], 0.4)
        return [(shape, dict(spine05=0.7, spine03=0.3), Part.BAG)]
    if s.worn == "waist":
        y = torso_between(0.06, 0.16).min() - 0.03
        return [(superellipsoid([0, y, 0.11], [0.11, 0.045, 0.05], 0.5), dict(spine05=1.0), Part.BAG)]
    return []


def _held(s, hand, scale):
    x, y, z = hand
    wrist, hang, held = {"wrist." + s.hand: 1.0}, {HANG: 1.0}, Part.HELD
    if s.held in ("handbag", "shopping"):
        tall, long = (0.11, 0.14) if s.held == "handbag" else (0.19, 0.15)
        tall, long = tall * s.size, long * s.size
        power = 0.4 if s.held == "handbag" else 0.65
        bag = superellipsoid([x, y, z - tall - 0.09], [0.05 * s.size, long, tall], power)
        handle = superellipsoid([x, y, z - 0.06], [0.008, 0.05, 0.08], 0.8, 6, 6)
        return [(bag, hang, held), (handle, hang, held)]
    if s.held == "suitcase":
        case = superellipsoid([x + np.sign(x) * 0.12, y + 0.42, z - 0.38 * scale], [0.20, 0.12, 0.28], 0.35)
        bar = superellipsoid([x, y + 0.2, z - 0.06], [0.012, 0.22, 0.02], 0.6, 6, 6)
        return [(case, hang, held), (bar, hang, held)]
    if s.held == "umbrella":
        canopy = superellipsoid([x * 0.4, y + 0.05, z + 0.62 * scale], [0.5, 0.5, 0.13], 1.2, 16, 8)
        stick = superellipsoid([x, y, z + 0.3], [0.008, 0.008, 0.36], 0.8, 6, 6)
        return [(canopy, hang, held), (stick, hang, held)]
    sizes = dict(book=(0.02, 0.11, 0.14), phone=(0.008, 0.035, 0.07), cup=(0.035, 0.035, 0.06))
    if s.held in sizes:
        return [(superellipsoid([x, y - 0.03, z + 0.01], sizes[s.held], 0.4 if s.held != "cup" else 0.9), wrist, held)]
    return []


def paint_worn(luggage, points):
    """(N, 3) on the unit shape of a bag -> albedo (N, 3): its flap, seams and edges have the colour of the trim."""
    x, _, z = points.T
    out = np.repeat(linear(luggage.worn_colour)[None], len(points), 0)
    out[(np.abs(z - 0.45) < 0.05) | (np.abs(z + 0.3) < 0.03) | (np.abs(x) > 0.93)] = linear(luggage.trim)
    return out


def paint_held(luggage, points):
    """Likewise of a thing in the hand: ribs, a label, the panels of an umbrella."""
    x, y, z = points.T
    out = np.repeat(linear(luggage.held_colour)[None], len(points), 0)
    if luggage.held == "umbrella":
        out *= (0.75 + 0.25 * np.cos(8 * np.arctan2(y, x)))[:, None]
    elif luggage.held == "suitcase":
        out[(np.abs(y * 3 % 1 - 0.5) < 0.1) | (np.abs(x) > 0.9)] *= 0.6
    elif luggage.held in ("shopping", "book", "cup"):
        out[(np.abs(z) < 0.35) & (np.abs(y) < 0.5)] = linear(luggage.trim)
    else:
        out[np.abs(z - 0.4) < 0.08] *= 0.5
    return out
