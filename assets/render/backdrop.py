"""What is behind a person: a plane of ground and a plane of wall with procedural textures, and some boxes.

Kinds of ground and wall are shared among cameras, so that a background does not give away the camera; colours
and places vary from picture to picture.
"""

from dataclasses import dataclass

import numpy as np

from .colours import linear
from .noise import noise2, smoothstep
from .trace import HEIGHT, WIDTH

GROUNDS = dict(
    asphalt=(104, 104, 105),
    paving=(138, 132, 124),
    floor=(142, 138, 130),
    grass=(92, 104, 70),
    tiles=(132, 133, 135),
    carpet=(104, 106, 114),
)
WALLS = dict(
    brick=(126, 92, 78),
    shop=(120, 118, 116),
    panel=(176, 172, 162),
    hedge=(66, 82, 54),
    concrete=(142, 141, 138),
    glass=(112, 120, 124),
)


@dataclass(frozen=True)
class Backdrop:
    ground: str
    ground_colour: np.ndarray
    wall: str
    wall_colour: np.ndarray
    wall_y: float  # metres from the camera
    shift: tuple[float, float]  # of the textures
    boxes: int
    seed: int


def draw_backdrop(camera, rng, person_y, boxes=0.9):
    ground, wall = camera.kind.places[rng.choice(3, p=(0.5, 0.3, 0.2))].split()
    return Backdrop(
        ground=ground,
        ground_colour=linear(GROUNDS[ground]) * np.float32(rng.uniform(0.86, 1.14)),
        wall=wall,
        wall_colour=linear(WALLS[wall]) * (rng.uniform(0.8, 1.15) * rng.normal(1, 0.03, 3)).astype(np.float32),
        wall_y=person_y + camera.kind.wall * rng.uniform(0.5, 1.1),
        shift=(rng.uniform(-40, 40), rng.uniform(-20, 20)),
        boxes=int(rng.poisson(boxes)),
        seed=camera.texture_seed,
    )


def look(camera, window):
    """-> (H, W, 3) the rays of all pixels, of length 1 along the camera's axis"""
    left, top, du, dv = window
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32) + 0.5
    return camera.forward + camera.right * (left + columns * du)[..., None] + camera.up * (top - rows * dv)[..., None]


def draw_boxes(backdrop, rng, person_y):
    """Bins, cars, benches, doors ...: a list of (x, y, half the width, height, colour, planks a metre)."""
    boxes = []
    for _ in range(backdrop.boxes):
        nearest = person_y + 0.6
        x, y = rng.uniform(-3, 3), rng.uniform(nearest, max(backdrop.wall_y - 0.2, nearest + 0.4))
        half_width, height = rng.uniform(0.2, 1.1), rng.uniform(0.5, 1.9)
        colour = linear(rng.integers(25, 190, 3) * 0.08 + rng.integers(25, 170) * 0.92)
        boxes.append((x, y, half_width, height, colour, rng.uniform(2, 5)))
    return boxes


def paint_backdrop(backdrop, boxes, camera, window, sunlit, open_sky):
    """-> (H, W, 3) linear light. sunlit, open_sky (H, W) are the person's shadows on the ground."""
    ray = look(camera, window)
    to_ground = np.where(ray[..., 2] < -1e-3, -camera.kind.height / np.minimum(ray[..., 2], -1e-3), 1e9)
    to_wall = backdrop.wall_y / ray[..., 1]
    is_wall = to_wall < to_ground
    point = camera.origin + ray * np.minimum(to_ground, to_wall)[..., None]

    albedo = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    on_wall, on_ground = point[is_wall], point[~is_wall]  # textures only where they are seen
    if len(on_ground):
        u, v = on_ground[:, 0] + backdrop.shift[0], on_ground[:, 1] + backdrop.shift[1]
        albedo[~is_wall] = ground_texture(backdrop, u, v)
    if len(on_wall):
        albedo[is_wall] = wall_texture(backdrop, on_wall[:, 0] + backdrop.shift[0], np.clip(on_wall[:, 2], 0, 50))
    light_ground = camera.sun_colour * max(camera.sun[2], 0) * sunlit[..., None]
    light_ground = light_ground + camera.sky_colour * open_sky[..., None]
    light_wall = camera.sun_colour * max(-camera.sun[1], 0) * 0.8 + camera.sky_colour * 0.7
    near_wall = 0.45 + 0.55 * smoothstep(0, 0.8, np.abs(backdrop.wall_y - point[..., 1]))
    near_floor = 0.6 + 0.4 * smoothstep(0, 0.5, point[..., 2])
    light = np.where(is_wall[..., None], light_wall * near_floor[..., None], light_ground * near_wall[..., None])
    image = albedo * light

    for x, y, half_width, height, colour, planks in boxes:
        at = camera.origin + ray * (y / np.maximum(ray[..., 1], 1e-3))[..., None]
        z = at[..., 2]
        inside = (np.abs(at[..., 0] - x) < half_width) & (z > 0) & (z < height) & (y < backdrop.wall_y)
        shade = (0.7 + 0.3 * z / height) * (0.7 + 0.3 * ((z * planks) % 1 > 0.2))
        image = np.where(inside[..., None], colour * light_wall * shade[..., None], image)
    return image.astype(np.float32)


def ground_texture(backdrop, u, v):
    """(N,), (N,) metres -> (N, 3) albedo"""
    s, kind = backdrop.seed, backdrop.ground
    out = backdrop.ground_colour * (0.72 + 0.3 * noise2(u, v, 0.5, s) + 0.16 * noise2(u, v, 5, s + 1))[:, None]
    if kind == "asphalt":
        out = out * (0.85 + 0.3 * noise2(u, v, 22, s))[:, None]
        line = (np.abs((v + 1) % 6 - 3) < 0.07) & (u % 2.4 < 1.5)
        out[line] = 0.55
    elif kind in ("paving", "tiles", "floor"):
        size = dict(paving=0.5, tiles=0.8, floor=1.2)[kind]
        uu, vv = u / size, v / size
        if kind == "paving":
            uu = uu + 0.5 * (np.floor(vv) % 2)
        out = out * (0.82 + 0.36 * noise2(np.floor(uu) * 7.3, np.floor(vv) * 5.1, 1, s))[:, None]
        out[(uu % 1 < 0.05) | (vv % 1 < 0.05)] *= 0.68
    elif kind == "grass":
        grass = smoothstep(0.3, 0.5, noise2(u * 0.35, v * 0.2, 0.8, s + 4))[:, None]
        path = linear((158, 144, 116)) * (0.8 + 0.3 * noise2(u, v, 9, s))[:, None]
        out = out * (0.7 + 0.6 * noise2(u, v, 14, s))[:, None] * grass + path * (1 - grass)
    elif kind == "carpet":
        out[(u // 1.1 + v // 1.1) % 2 != 0] *= 0.78
    return out


def wall_texture(backdrop, u, z):
    """(N,), (N,) metres along and up -> (N, 3) albedo"""
    s, kind = backdrop.seed + 9, backdrop.wall
    out = backdrop.wall_colour * (0.8 + 0.35 * noise2(u, z, 0.9, s))[:, None]
    if kind == "brick":
        vv = z / 0.11
        uu = u / 0.3 + 0.5 * (np.floor(vv) % 2)
        out = out * (0.7 + 0.6 * noise2(np.floor(uu) * 3.1, np.floor(vv) * 4.7, 1, s))[:, None]
        out[(uu % 1 < 0.06) | (vv % 1 < 0.15)] = linear((150, 144, 136))
        out[(u % 5 < 1.2) & (z < 2.2)] = linear((52, 62, 66))  # doors
    elif kind in ("shop", "glass"):
        width = 2.2 if kind == "shop" else 1.4
        tint = _muted_tint(np.floor(u / width), s)
        pane = (u / width % 1 > 0.06) & (z > (0.45 if kind == "shop" else 0)) & (z < 2.7)
        mirrored = noise2(u, z, 2.3, s + 3)[:, None]
        out = np.where(pane[:, None], 0.04 + 0.30 * tint * (0.25 + mirrored), out)
        out = np.where(((z > 2.75) & (z < 3.4))[:, None], 0.06 + 0.5 * tint, out)  # the sign
    elif kind == "hedge":
        out = out * (0.35 + 1.5 * noise2(u, z, 9, s) * noise2(u, z, 3, s + 1))[:, None]
    else:
        width = 1.6 if kind == "panel" else 2.5
        out[(u % width < 0.03) | (z % 1.25 < 0.025)] *= 0.6
        cell, across = np.floor(u / (2 * width)), u / (2 * width) % 1
        door = (noise2(cell * 5.3, cell, 1, s) > 0.55) & (across > 0.3) & (across < 0.62) & (z < 2.1)
        out = np.where(door[:, None], 0.04 + 0.35 * _muted_tint(cell, s), out)
    return out


def _muted_tint(cell, seed):
    """(N,) -> (N, 3) a colour for each cell, mostly grey: walls in full colours look like toys."""
    rgb = np.stack([noise2(cell * 3.7 + c, cell * 1.3 + c, 1, seed + c) for c in range(3)], -1)
    return 0.75 * rgb.mean(-1, keepdims=True) + 0.25 * rgb
