"""Places as they are, for `--vary backgrounds`: a busy ground, a wall in pieces, the sky, shadows, clutter.

A camera has three places, the same in all its pictures, as real ones have; a picture looks at another part of one.
Nothing depends on who walks there.
"""

from dataclasses import dataclass

import numpy as np

from .backdrop import look
from .clutter import draw_thing, draw_things
from .noise import noise2, rng_for, smoothstep
from .textures import GROUNDS, WALLS, Surface, draw_surface, ground_albedo, wall_albedo
from .trace import HEIGHT, WIDTH


@dataclass(frozen=True)
class Place:
    grounds: tuple[Surface, Surface]  # the second begins at a kerb, or is nowhere
    kerb: float  # metres behind the person
    walls: tuple[Surface, ...]
    piece: float  # metres of a wall until the next begins
    top: float  # of the walls; the sky is above
    away: float  # metres from the person to the wall
    things: tuple[str, ...]
    shadows: str  # "none", "leaves", "edge"
    sky: float  # its brightness
    seed: int

    @property
    def ground_colour(self):
        return self.grounds[0].colours[0]


def draw_places(seed, number, indoor):
    """The three places of a camera; the first is seen most."""
    return tuple(_draw_place(rng_for(seed, "backgrounds", number, place), indoor) for place in range(3))


def _draw_place(rng, indoor):
    where = "indoors" if indoor else "outdoors"
    return Place(
        grounds=tuple(draw_surface(GROUNDS[where], rng) for _ in range(2)),
        kerb=rng.uniform(0.3, 6) if rng.random() < 0.5 else 99.0,
        walls=tuple(draw_surface(WALLS[where], rng) for _ in range(3)),
        piece=float(np.exp(rng.uniform(np.log(0.8), np.log(6)))),
        top=99.0 if indoor else float(np.exp(rng.uniform(np.log(1.0), np.log(12)))),
        away=float(np.exp(rng.uniform(np.log(0.6), np.log(12 if indoor else 25)))),
        things=draw_things(indoor, rng),
        shadows="none" if indoor else rng.choice(["none", "leaves", "edge"]),
        sky=rng.uniform(0.6, 2.2),
        seed=int(rng.integers(1000)),
    )


def choose_place(camera, rng):
    return camera.places[rng.choice(3, p=(0.5, 0.3, 0.2))]


def paint_place(place, camera, window, person_y, sunlit, open_sky, rng):
    """-> (H, W, 3) linear light. sunlit, open_sky (H, W) are the person's shadows on the ground."""
    ray = look(camera, window)
    wall_y = person_y + place.away * rng.uniform(0.7, 1.3)
    shift = rng.uniform(-40, 40), rng.uniform(-20, 20)
    to_ground = np.where(ray[..., 2] < -1e-3, -camera.kind.height / np.minimum(ray[..., 2], -1e-3), 1e9)
    to_wall = wall_y / np.maximum(ray[..., 1], 1e-3)
    is_wall = to_wall < to_ground
    point = (camera.origin + ray * np.minimum(to_ground, to_wall)[..., None]).astype(np.float32)
    u, v = point[..., 0] + shift[0], point[..., 1] + shift[1]
    is_sky = is_wall & (point[..., 2] > place.top)
    is_wall &= ~is_sky

    sun = camera.sun_colour * max(camera.sun[2], 0)
    shade = sunlit * _cast_shadows(place, u, v)
    light_ground = sun * shade[..., None] + camera.sky_colour * open_sky[..., None]
    light_wall = camera.sun_colour * max(-camera.sun[1], 0) * 0.9 + camera.sky_colour * 0.8
    image = np.empty((HEIGHT, WIDTH, 3), np.float32)
    ground = ~is_wall & ~is_sky
    beyond = ground & (point[..., 1] > person_y + place.kerb)
    for surface, where in ((place.grounds[0], ground & ~beyond), (place.grounds[1], beyond)):
        if where.any():
            image[where] = ground_albedo(surface, u[where], v[where])
    near_wall = 0.5 + 0.5 * smoothstep(0, 0.6, wall_y - point[..., 1])
    image[ground] *= (light_ground * near_wall[..., None])[ground]
    pieces = np.floor(u / place.piece).astype(int) % len(place.walls)
    for i, surface in enumerate(place.walls):
        where = is_wall & (pieces == i)
        if where.any():
            image[where] = wall_albedo(surface, u[where], point[..., 2][where]) * light_wall
    image[is_sky] = place.sky * camera.sky_colour

    for name in place.things:
        if rng.random() < 0.5:
            _put(image, name, camera, ray, light_wall, person_y, wall_y, rng)
    return image


def _put(image, name, camera, ray, light, person_y, wall_y, rng):
    """A thing upright somewhere between the person and the wall, or right before the wall."""
    y = rng.uniform(person_y + 0.5, max(wall_y - 0.1, person_y + 0.8))
    x = rng.uniform(-0.5, 0.5) * y * 0.8 if rng.random() < 0.3 else _aim(ray, y, rng)
    distance = y / np.maximum(ray[..., 1], 1e-3)
    a = ray[..., 0] * distance - x
    z = camera.kind.height + ray[..., 2] * distance
    near = (np.abs(a) < 5) & (z >= 0)
    if near.any():
        a, z = a[near].astype(np.float32), z[near].astype(np.float32)
        mask, albedo = draw_thing(name, a, z, rng)
        rows, columns = (index[mask] for index in np.nonzero(near))
        image[rows, columns] = albedo[mask] * light


def _aim(ray, y, rng):
    """An x at depth y that lies in the picture or a little beside it."""
    left, right = (ray[HEIGHT // 2, column, 0] / ray[HEIGHT // 2, column, 1] * y for column in (0, -1))
    return rng.uniform(1.4 * left - 0.4 * right, 1.4 * right - 0.4 * left)


def _cast_shadows(place, u, v):
    """(H, W) share of the sun that reaches the ground between leaves, or before the edge of a roof."""
    if place.shadows == "leaves":
        spots = noise2(u, v, 2.2, place.seed) * 0.6 + noise2(u, v, 6, place.seed + 1) * 0.4
        return smoothstep(0.42, 0.55, spots)
    if place.shadows == "edge":
        return smoothstep(-0.05, 0.05, np.sin(u * 0.9 + 0.7 * v + place.seed))
    return np.ones_like(u)
