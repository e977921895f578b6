"""Heads: the hairline, the thickness of hair and hats on the scalp, the long hair that hangs down.

A hat begins above a tilted plane, hair above the hairline. The same functions move the vertices here and choose
the colours in `materials.py`, so the border of the colour lies on the border of the shape.
"""

import numpy as np

from .body import Part
from .hairdo import under_cover
from .noise import noise3, smoothstep

HAIR_THICKNESS = dict(short=0.014, buzz=0.004, bald=0, curly=0.036, long=0.014, ponytail=0.008, bun=0.008, bob=0.014)
HAT_PLANE = dict(cap=0.762, beanie=0.738, sunhat=0.765)


def above_hairline(points, hairdo=None):
    """(N, 3) canonical -> (N,) metres above the hairline, negative on the face and the neck."""
    y = [-0.15, -0.09, -0.05, -0.02, 0.0, 0.03, 0.06]
    height = points[:, 2] - np.interp(points[:, 1], y, [0.775, 0.765, 0.735, 0.70, 0.68, 0.635, 0.61])
    return height if hairdo is None else height - hairdo.hairline * (points[:, 1] < -0.02)


def above_hat(points, hat):
    """(N, 3) canonical -> (N,) metres above the rim, which is lower at the back; all below without a hat."""
    if hat == "none":
        return np.full(len(points), -1.0)
    return points[:, 2] - HAT_PLANE[hat] + 0.25 * (points[:, 1] + 0.04)


def is_ear(points):
    """(N, 3) canonical -> (N,) bool"""
    x, y, z = points.T
    return (np.abs(x) > 0.070) & (y > -0.07) & (y < 0.02) & (z < 0.735)


def thicken_scalp(person, vertices, normals, points):
    """Push the scalp out to the surface of the hair or the hat; (N, 3) -> (N, 3)."""
    covered = smoothstep(-0.005, 0.03, above_hairline(points, person.hairdo)) * ~is_ear(points)
    lumps = noise3(points, 40 if person.hair == "curly" else 22, person.seed)
    top = 1 + 0.35 * smoothstep(0.78, 0.84, points[:, 2])
    thickness = HAIR_THICKNESS[person.hair] * covered * top * (0.75 + 0.6 * lumps)
    if person.hairdo:
        thickness = thickness * person.hairdo.volume
        if person.hairdo.cover != "none":
            thickness = np.maximum(thickness * 0.5, 0.016 * under_cover(points))
    if person.hat != "none":
        under_hat = smoothstep(-0.004, 0.012, above_hat(points, person.hat))
        dome = 0.012 * smoothstep(0.79, 0.83, points[:, 2]) if person.hat == "beanie" else 0
        hat = np.maximum(thickness * 0.5, 0.016 * under_hat + dome)
        thickness = np.where(under_hat > 0, hat, np.minimum(thickness, 0.01))
    return vertices + normals * thickness[:, None]


def hanging_hair(body, person, rng):
    """The faces of MakeHuman's long hair that this person has, (F, 3)."""
    faces = body.faces[Part.HAIR]
    corners = body.canonical[faces]  # (F, 3 corners, 3)
    x, y, z = corners.mean(1).T
    end = 0.615 if person.hair == "bob" else rng.uniform(0.36, 0.52)
    if person.hairdo:
        end = person.hairdo.end
    over_face = (y < -0.05) & (np.abs(x) < 0.072) & (z < 0.775)
    over_chest = (y < -0.02) & (z < 0.60)
    keep = (corners[..., 2] > end).all(1) & ~over_face & ~over_chest
    if person.hat != "none":  # a hat and the hair helper would intersect
        keep &= above_hat(corners.mean(1), person.hat) < -0.03
    return faces[keep]


def shape_hanging_hair(person, vertices, normals, points):
    """Strands, and a little air between the hair and the back; (N, 3) -> (N, 3)."""
    off_back = 0.012 * smoothstep(0.62, 0.5, points[:, 2]) * (points[:, 1] > 0)
    strands = (noise3(points, 25, person.seed) - 0.2) * 0.012
    return vertices + np.array([0, 1, 0]) * off_back[:, None] + normals * strands[:, None]
