"""Things worn or carried, each a superellipsoid hung on a bone: bags, brims, hoods, buns and ponytails."""

import numpy as np

from .body import Part
from .luggage import shapes
from .shapes import HANG, superellipsoid


def carried(body, person, heads, torso, scale, rng):
    """What this person carries: a list of (shape, {bone: weight}, Part), and where straps are painted.

    heads (B, 3), torso (N, 3) the clothed torso, on which bags lie. The strap is None, "backpack", "waist",
    "left" or "right"; with luggage also "left shoulder" or "right shoulder".
    """

    def bone(name):
        return body.head_of(name, heads)

    def torso_between(low, high):
        near = (torso[:, 2] > low) & (torso[:, 2] < high) & (np.abs(torso[:, 0]) < 0.12)
        return torso[near, 1]

    props, strap, hand = [], None, None
    if person.luggage:
        props, strap = shapes(person.luggage, bone, torso_between, scale), person.luggage.strap
        hand = person.luggage.hand if person.luggage.held != "none" else None
    elif person.bag == "backpack":
        tall, wide, deep = (rng.uniform(*s) * scale for s in ((0.19, 0.25), (0.13, 0.165), (0.055, 0.085)))
        z = bone("spine01")[2] + 0.06 * scale - tall * 0.75
        y = torso_between(z - 0.1, z + 0.15).max() + deep * 0.75
        shape = superellipsoid([0, y, z], [wide, deep, tall], 0.45)
        props.append((shape, dict(spine01=0.5, spine03=0.5), Part.BAG))
        strap = "backpack"
    elif person.bag == "crossbody":
        side = 1 if rng.random() < 0.5 else -1
        z = bone("upperleg01.L")[2] + 0.02
        shape = superellipsoid([side * (0.20 * scale + 0.03), 0.01, z], [0.055, 0.13 * scale, 0.10 * scale], 0.4)
        props.append((shape, dict(spine05=1.0), Part.BAG))
        strap = "left" if side > 0 else "right"
    elif person.bag == "waist":
        y = torso[np.abs(torso[:, 2] - 0.12) < 0.03, 1].min() - 0.03
        shape = superellipsoid([0, y, 0.11 * scale], [0.11, 0.045, 0.05], 0.5)
        props.append((shape, dict(spine05=1.0), Part.BAG))
        strap = "waist"
    elif person.bag == "handbag":
        hand = "L" if rng.random() < 0.5 else "R"
        x, y, z = bone("finger3-1." + hand)
        tall = rng.uniform(0.10, 0.16)
        bag = superellipsoid([x, y, z - tall - 0.10], [0.045, rng.uniform(0.11, 0.16), tall], 0.4)
        props.append((bag, {HANG: 1.0}, Part.BAG))
        for dy in (-0.06, 0.06):
            handle = superellipsoid([x, y + dy, z - 0.06], [0.008, 0.008, 0.08], 0.8, 6, 6)
            props.append((handle, {HANG: 1.0}, Part.BAG))

    x, y, z = bone("head")
    tied = person.hairdo.tied if person.hairdo else 0
    if person.hair == "ponytail":
        length = 0.12 * scale * (person.hairdo.tail if person.hairdo else 1)
        tail = superellipsoid([0, y + 0.135 * scale, z + tied - length + 0.12 * scale], [0.032, 0.035, length], 0.9)
        props.append((tail, dict(head=0.6, neck01=0.4), Part.TIED_HAIR))
        knot = superellipsoid([0, y + 0.12 * scale, z + 0.09 + tied], [0.03, 0.035, 0.035])
        props.append((knot, dict(head=1.0), Part.TIED_HAIR))
    if person.hair == "bun":
        bun = superellipsoid([0, y + 0.105 * scale, z + 0.15 * scale + tied], [0.045, 0.045, 0.045])
        props.append((bun, dict(head=1.0), Part.TIED_HAIR))
    if person.hat == "cap":
        brim = superellipsoid([0, y - 0.115 * scale, z + 0.122 * scale], [0.072, 0.085, 0.010], 0.8)
        props.append((brim, dict(head=1.0), Part.HAT))
    if person.hat == "sunhat":
        brim = superellipsoid([0, y + 0.005, z + 0.118 * scale], [0.165, 0.18, 0.012])
        props.append((brim, dict(head=1.0), Part.HAT))
    if person.outfit and person.outfit.scarf:
        _, y, z = bone("neck01")
        ring = superellipsoid([0, y - 0.012, z + 0.012], [0.088 * scale, 0.10 * scale, 0.05], 0.9)
        props.append((ring, dict(spine01=0.5, neck01=0.5), Part.SCARF))
    x, y, z = bone("head")
    if person.upper_collar == "hood":
        hood = superellipsoid([0, y + 0.10 * scale, z - 0.10 * scale], [0.10 * scale, 0.05, 0.065 * scale], 0.8)
        props.append((hood, dict(spine01=0.6, neck01=0.4), Part.HOOD))
    return props, strap, hand
