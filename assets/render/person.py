"""A person in the rest pose: body, clothes, hair and props joined into one mesh."""

from dataclasses import dataclass

import numpy as np

from .body import Body, Part
from .clothes import Cut, draw_cut, dress, shape_skirt, wear_skirt
from .head import hanging_hair, shape_hanging_hair, thicken_scalp
from .identities import Identity
from .noise import rng_for
from .props import carried
from .shapes import HANG


@dataclass
class Person:
    """One mesh of N vertices and F triangles.

    attributes (N, 5): canonical x, y, z (on props: the unit shape), place along the arm, weight of the arm;
    weights (N, U) over the bones (U,) that move anything, the virtual one included; heads (B, 3).
    """

    body: Body
    identity: Identity
    cut: Cut
    heads: np.ndarray
    strap: str | None
    bag_hand: str | None
    vertices: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    attributes: np.ndarray
    is_suit: np.ndarray
    is_held: np.ndarray  # no box is drawn around an umbrella
    face_part: np.ndarray
    weights: np.ndarray
    used_bones: np.ndarray


def vertex_normals(vertices, faces):
    """(N, 3), (F, 3) -> (N, 3) unit normals, faces weighted by their area."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    total = np.stack(
        [sum(np.bincount(faces[:, k], normal[:, axis], len(vertices)) for k in range(3)) for axis in range(3)],
        1,
    )
    return (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)).astype(np.float32)


class _Mesh:
    """Collects pieces; rows of all lists stay in step."""

    def __init__(self, body):
        self.body, self.count = body, 0
        self.vertices, self.faces, self.points, self.weights, self.parts, self.arms = [], [], [], [], [], []

    def add(self, vertices, faces, points, weights, part, arms):
        self.vertices.append(vertices.astype(np.float32))
        self.faces.append(faces + self.count)
        self.points.append(points)
        self.weights.append(np.pad(weights, ((0, 0), (0, len(self.body.bones) + 1 - weights.shape[1]))))
        self.parts.append(np.full(len(vertices), part, np.int8))
        self.arms.append(arms)
        self.count += len(vertices)

    def add_skin(self, rest, faces, part, move):
        """Faces of the body's own mesh; `move(vertices, normals, points, faces, index)`
        -> where they are in the end, and their canonical places."""
        body = self.body
        index, inverse = np.unique(faces, return_inverse=True)
        local = inverse.reshape(-1, 3).astype(np.int32)
        vertices, points = rest[index], body.canonical[index]
        moved, points = move(vertices, vertex_normals(vertices, local), points, local, index)
        arms = np.stack([body.arm[index], body.arm_weight[index]], 1)
        self.add(moved, local, points, body.weights[index], part, arms)

    def add_prop(self, shape, bones, part):
        vertices, faces, unit = shape
        weights = np.zeros((len(vertices), len(self.body.bones) + 1), np.float32)
        for bone, weight in bones.items():
            weights[:, -1 if bone == HANG else self.body.bone_index[bone]] = weight
        self.add(vertices, faces, unit, weights, part, np.zeros((len(vertices), 2), np.float32))


def build_person(body, identity):
    """Dress a body: Body, Identity -> Person."""
    rng = rng_for(identity.seed, "build")
    cut = draw_cut(identity, rng)
    rest = body.rest_vertices(identity)
    heads = body.bone_heads(rest)
    scale = np.ptp(rest[:13380, 2]) / np.ptp(body.canonical[:13380, 2])
    mesh = _Mesh(body)
    mesh.add_skin(
        rest, body.faces[Part.SUIT], Part.SUIT, lambda v, n, c, f, i: dress(body, identity, cut, heads, v, n, f, i)
    )
    clothed = mesh.vertices[0]
    mesh.add_skin(rest, body.faces[Part.HEAD], Part.HEAD, lambda v, n, c, f, i: (thicken_scalp(identity, v, n, c), c))
    mesh.add_skin(rest, body.faces[Part.HAND], Part.HAND, lambda v, n, c, f, i: (v + n * 0.001, c))
    mesh.add_skin(rest, body.faces[Part.EYE], Part.EYE, lambda v, n, c, f, i: (v, c))
    if identity.hair in ("long", "bob"):
        mesh.add_skin(
            rest,
            hanging_hair(body, identity, rng),
            Part.HAIR,
            lambda v, n, c, f, i: (shape_hanging_hair(identity, v, n, c), c),
        )
    if cut.skirt_end is not None:
        skirt = wear_skirt(body, cut, identity.outfit)
        mesh.add_skin(rest, skirt, Part.SKIRT, lambda v, n, c, f, i: (shape_skirt(cut, v, n, c), c))
    torso = clothed[mesh.arms[0][:, 1] < 0.3]
    props, strap, bag_hand = carried(body, identity, heads, torso, scale, rng)
    for shape, bones, part in props:
        mesh.add_prop(shape, bones, part)

    vertices, faces = np.concatenate(mesh.vertices), np.concatenate(mesh.faces).astype(np.int32)
    weights, part = np.concatenate(mesh.weights), np.concatenate(mesh.parts)
    used = weights.sum(0) > 0
    return Person(
        body=body,
        identity=identity,
        cut=cut,
        heads=heads,
        strap=strap,
        bag_hand=bag_hand,
        vertices=vertices,
        normals=vertex_normals(vertices, faces),
        faces=faces,
        attributes=np.concatenate([np.concatenate(mesh.points), np.concatenate(mesh.arms)], 1).astype(np.float32),
        is_suit=part == Part.SUIT,
        is_held=part == Part.HELD,
        face_part=part[faces[:, 0]],
        weights=np.ascontiguousarray(weights[:, used]),
        used_bones=np.nonzero(used)[0],
    )
