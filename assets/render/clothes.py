"""Clothes: where garments end, and how far their cloth stands off the body.

The surface of a dressed person is MakeHuman's `tights`, moved outwards where something is worn. There are no
layers, hence nothing that could poke through. `Cut` says where garments end on the canonical body; `materials.py`
paints by the same numbers.
"""

from dataclasses import dataclass

import numpy as np

from .body import Part
from .noise import noise3, smoothstep
from .tailor import lift_from_chest

HEMS = dict(hip=0.035, waist=0.10, thigh=-0.06)


@dataclass(frozen=True)
class Cut:
    """Heights z on the canonical body, and `sleeve` in the unit of `Body.arm`."""

    hem: float  # lower end of the upper garment
    sleeve: float
    lower_end: float  # of trousers or shorts
    skirt_end: float | None
    skirt_flare: float
    shoe_top: float


def draw_cut(person, rng):
    if person.outfit:
        return _cut_of(person)
    short, shorts = rng.uniform(0.55, 0.85), rng.uniform(-0.36, -0.22)
    skirt, flare = rng.uniform(-0.45, -0.22), rng.uniform(0, 0.22)
    return Cut(
        hem=HEMS[person.upper_length],
        sleeve=1.97 if person.upper_sleeves == "long" else short,
        lower_end=dict(trousers=-0.745, shorts=shorts, skirt=0)[person.lower_kind],
        skirt_end=skirt if person.lower_kind == "skirt" else None,
        skirt_flare=flare,
        shoe_top=-0.60 if person.shoes == "boots" else -0.755,
    )


def _cut_of(person):
    o = person.outfit
    return Cut(
        hem=o.hem,
        sleeve=o.sleeve,
        lower_end=o.lower_end,
        skirt_end=o.skirt_end,
        skirt_flare=o.flare,
        shoe_top=-0.60 if person.shoes == "boots" else -0.755,
    )


def dress(body, person, cut, heads, vertices, normals, faces, index):
    """The naked tights -> the clothed surface, (N, 3), and its canonical coordinates, (N, 3).

    index (N,) says which of the body's vertices these are; faces (F, 3) count within them; heads (B, 3).
    """
    points, arm = body.canonical[index], body.arm[index]
    z, on_arm, foot = points[:, 2], body.arm_weight[index] > 0.5, body.foot_weight[index]
    loose = person.upper_looseness
    bulk = 0.006 + 0.022 * loose
    if person.outfit:
        bulk = person.outfit.bulk * (0.5 + loose) + lift_from_chest(person.outfit, points) * ~on_arm
    elif person.upper_pattern == "open_jacket" or person.upper_collar == "hood":
        bulk += 0.012
    wrinkles = (noise3(points * [1, 1, 0.55], 22, person.seed) - 0.5) * (0.005 + 0.012 * loose)

    # The cloth of the torso fades out over 4.5 cm below the hem: a step there looks torn, as the mesh's
    # edges do not run level.
    profile = np.interp(z, [-0.1, cut.hem, 0.2, 0.38, 0.47, 0.52], [1.15, 1.15, 1.05, 0.7, 0.35, 0.1])
    torso = (0.006 + bulk * profile + wrinkles) * smoothstep(cut.hem - 0.045, cut.hem, z) * ~on_arm * (z < 0.50)
    sleeve = on_arm & (arm < cut.sleeve) & (arm > -0.5)
    offset = np.where(sleeve, 0.004 + bulk * (0.75 + 0.35 * np.clip(arm, 0, 1)) + wrinkles, torso)
    legs = ~on_arm & (z <= cut.hem) & (z > cut.lower_end) & (foot < 0.5)
    trousers = person.lower_kind != "skirt"
    if trousers:
        wide = person.lower_looseness
        folds = (noise3(points * [1, 1, 0.5], 14, person.seed + 5) - 0.5) * 0.010 * (0.3 + wide)
        offset = np.where(legs, np.maximum(0.006 + 0.01 * wide + folds, offset), offset)

    # Smoothing shakes x a little to and fro; the canonical x is shaken alike, so that straps and prints stay straight.
    cloth = ~on_arm & (z < 0.50) & (z > -0.12)
    smooth = _bridge_hollows(np.concatenate([vertices, points], 1), faces, cloth, 4 + int(9 * loose))
    vertices, painted = smooth[:, :3], smooth[:, 3:]
    level = normals * [1, 1, 0.35]
    vertices = vertices + level / np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-6) * offset[:, None]
    if trousers:
        scale = _scale(body, vertices, index)
        for side, sign in (("L", 1), ("R", -1)):
            leg = legs & (z < -0.10) & (points[:, 0] * sign > 0.004)
            joints = np.stack([body.head_of(b + side, heads) for b in ("upperleg01.", "lowerleg01.", "foot.")])
            vertices[leg] = _widen_leg(person, vertices[leg], points[leg], joints, scale)
    return _put_on_shoes(vertices, normals, foot > 0.5, z), painted


def wear_skirt(body, cut, outfit=None):
    """Faces of MakeHuman's skirt helper between its hem and the shirt's, (F, 3). It is tucked under the shirt."""
    z = body.canonical[body.faces[Part.SKIRT]][..., 2]
    keep = (z > cut.skirt_end).all(1) & (z < cut.hem + 0.012).all(1)
    if outfit and outfit.kind == "open_coat":
        x, y, _ = np.moveaxis(body.canonical[body.faces[Part.SKIRT]].mean(1), 1, 0)
        keep &= (y > 0) | (np.abs(x) > outfit.opening + 0.03)
    return body.faces[Part.SKIRT][keep]


def shape_skirt(cut, vertices, normals, points):
    """Flare and pleats, (N, 3) -> (N, 3)."""
    down = np.clip((cut.hem - points[:, 2]) / 0.5, 0, 1)
    vertices = vertices.copy()
    vertices[:, :2] *= (0.98 + cut.skirt_flare * down + 0.04 * smoothstep(0, 0.08, down))[:, None]
    pleats = np.sin(np.arctan2(points[:, 1], points[:, 0]) * 14)
    return vertices + normals * (0.002 + 0.010 * down * pleats)[:, None]


def _bridge_hollows(vertices, faces, where, steps):
    """Laplacian smoothing of (N, 6), places and canonical places: without it shirts look like body paint.

    Only x and y move. The two triangles of a quad give neighbours of uneven number, so smoothing z would make
    a zigzag of every hem and stripe.
    """
    edges = np.unique(np.sort(faces[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), 1), axis=0)
    a, b = np.concatenate([edges, edges[:, ::-1]]).T
    neighbours = np.bincount(a, minlength=len(vertices))
    flat, values = [0, 1, 3, 4], vertices.copy()
    for _ in range(steps):
        mean = np.stack([np.bincount(a, values[b, k], len(values)) / neighbours for k in flat], 1)
        values[np.ix_(where, flat)] = (0.4 * values[:, flat] + 0.6 * mean)[where]
    return values


def _widen_leg(person, vertices, points, joints, scale):
    """Straight or wide trousers: a least radius around the line hip - knee - ankle."""
    joints = joints[::-1]  # np.interp wants rising z
    axis_x = np.interp(vertices[:, 2], joints[:, 2], joints[:, 0])
    axis_y = np.interp(vertices[:, 2], joints[:, 2], joints[:, 1]) + 0.012 * scale
    dx, dy = vertices[:, 0] - axis_x, vertices[:, 1] - axis_y
    radius = np.hypot(dx, dy) + 1e-6
    wide = 0.052 + 0.045 * person.lower_looseness**1.5
    least = np.interp(points[:, 2], [-0.76, -0.40, -0.15], [wide, wide + 0.008, 0.07]) * scale
    least = least + (noise3(points * [1, 1, 0.6], 9, person.seed + 9) - 0.5) * 0.012
    # A soft maximum, with the power 8: a hard one leaves a crease where the leg meets the tube.
    grown = (radius**8 + least**8) ** (1 / 8) / radius
    return np.stack([axis_x + dx * grown, axis_y + dy * grown, vertices[:, 2]], 1)


def _put_on_shoes(vertices, normals, shoe, z):
    vertices[shoe] += normals[shoe] * np.array([0.008, 0.01, 0.006])
    vertices[shoe & (z < -0.79), 2] = vertices[:, 2].min() - 0.014  # a flat sole
    return vertices


def _scale(body, vertices, index):
    return np.ptp(vertices[:, 2]) / np.ptp(body.canonical[index][:, 2])
