"""Cameras: where they stand, what light falls there, and how they render colours.

A site has six cameras, drawn around six kinds. Another seed or site gives visibly other cameras, but the spread
stays mild: with strong colour casts per camera a shirt loses its colour, and the nearest picture of anybody is
somebody else before the same camera.
"""

from dataclasses import dataclass, replace

import numpy as np

from .daylight import at_hour
from .noise import rng_for
from .scenery import Place, draw_places
from .sensor import Sensor, at_another_time, calmed, draw_sensor

PER_SITE = 6
SEQUENCES = 3


@dataclass(frozen=True)
class Kind:
    height: float  # metres
    distance: tuple[float, float]  # of people
    indoor: bool
    places: tuple[str, str, str]  # "ground wall"; the first is seen most
    wall: float  # metres behind the person
    heading: float  # degrees; 0 walks towards the camera
    spread: float
    rows: tuple[int, int]  # of a person on the sensor; below 160 the picture is enlarged
    cast: tuple[float, float, float]
    saturation: float
    gain: float
    noise: float
    blur: float
    quality: int  # of the JPEG


KINDS = (
    Kind(3.2, (7, 12), False, ("asphalt brick", "paving concrete", "asphalt shop"), 9, 180, 45, (110, 220),
         (1.02, 1.0, .97), .97, 1.00, .010, .35, 84),
    Kind(4.2, (8, 14), False, ("paving shop", "tiles concrete", "paving brick"), 7, 0, 45, (100, 200),
         (.98, 1.0, 1.03), .92, 1.06, .012, .50, 76),
    Kind(2.6, (5, 9), True, ("floor panel", "tiles glass", "floor concrete"), 4, 90, 60, (120, 240),
         (1.045, 1.01, .935), 1.04, .94, .016, .45, 72),
    Kind(5.0, (9, 15), False, ("paving hedge", "asphalt concrete", "grass hedge"), 10, 200, 70, (80, 170),
         (.98, 1.015, .99), .92, 1.0, .012, .60, 68),
    Kind(3.6, (7, 12), False, ("tiles concrete", "paving glass", "asphalt brick"), 6, 20, 70, (90, 200),
         (1.0, 1.0, 1.02), 1.07, 1.08, .009, .30, 86),
    Kind(3.0, (6, 11), True, ("floor glass", "carpet panel", "tiles concrete"), 5, 270, 75, (100, 220),
         (.96, 1.01, 1.035), .95, .91, .017, .50, 74),
)  # fmt: skip


@dataclass(frozen=True)
class Camera:
    """A kind made particular. It stands at (0, 0, height) and looks along +y, down to a person's middle."""

    kind: Kind
    sun: np.ndarray  # unit vector towards it
    sun_softness: float
    sun_colour: np.ndarray
    sky_colour: np.ndarray
    gamma: float
    lift: float  # how far black is from black
    texture_seed: int
    reach: float = 2.0  # metres to the side at which people walk by
    roll: float = 0.0  # radians
    sensor: Sensor | None = None  # instead of the kind's way to render colours
    places: tuple[Place, ...] = ()  # instead of the kind's

    @property
    def origin(self):
        return np.array([0.0, 0.0, self.kind.height])

    @property
    def right(self):
        return self._rolled()[0]

    @property
    def pitch(self):
        return np.arctan2(self.kind.height - 0.9, sum(self.kind.distance) / 2)

    @property
    def forward(self):
        return np.array([0.0, np.cos(self.pitch), -np.sin(self.pitch)])

    @property
    def up(self):
        return self._rolled()[1]

    def _rolled(self):
        right, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, np.sin(self.pitch), np.cos(self.pitch)])
        if not self.roll:
            return right, up
        c, s = np.cos(self.roll), np.sin(self.roll)
        return c * right + s * up, c * up - s * right


def draw_camera(seed, number, vary=()):
    """Camera 1, 2, ... of the data set of this seed; six in a row share a site and its order of kinds.

    vary: groups of `variety.py`.
    """
    camera = _draw_shipped_camera(seed, number)
    if "cameras" in vary:
        camera = _vary_viewpoint(camera, rng_for(seed, "cameras", number))
    if "calm" in vary:
        camera = replace(camera, sensor=calmed(camera.sensor, rng_for(seed, "calm", number)))
    if "backgrounds" in vary:
        camera = replace(camera, places=draw_places(seed, number, camera.kind.indoor))
    return camera


def _draw_shipped_camera(seed, number):
    site, place = divmod(number - 1, PER_SITE)
    kinds = rng_for(seed, "site", site).permutation(PER_SITE)
    rng = rng_for(seed, "camera", number)
    kind = KINDS[kinds[place]]
    near = rng.uniform(0.85, 1.2)
    sharp = rng.uniform(0.85, 1.2)
    cast = np.clip(np.array(kind.cast) + rng.normal(0, 0.018, 3), 0.92, 1.09)
    order = rng.permutation(3) if rng.random() < 0.5 else np.arange(3)
    kind = replace(
        kind,
        height=kind.height * rng.uniform(0.82, 1.25),
        distance=(kind.distance[0] * near, kind.distance[1] * near),
        places=tuple(kind.places[i] for i in order),
        wall=kind.wall * rng.uniform(0.8, 1.3),
        heading=kind.heading + rng.normal(0, 40),
        spread=kind.spread * rng.uniform(0.8, 1.25),
        rows=(kind.rows[0] * sharp, kind.rows[1] * sharp),
        cast=tuple(cast),
        saturation=kind.saturation * rng.uniform(0.94, 1.06),
        gain=kind.gain * rng.uniform(0.94, 1.06),
        noise=kind.noise * rng.uniform(0.6, 1.2),
        blur=kind.blur * rng.uniform(0.7, 1.4),
        quality=int(kind.quality + rng.integers(-6, 7)),
    )
    warmth = rng.uniform(-0.05, 0.07)
    return Camera(
        kind=kind,
        sun=_direction(rng.uniform(0, 360), 75 if kind.indoor else rng.uniform(30, 60)),
        sun_softness=0.5 if kind.indoor else float(rng.choice([0.04, 0.12, 0.35])),
        sun_colour=_tinted(warmth) * (rng.uniform(0.5, 0.8) if kind.indoor else rng.uniform(0.9, 1.7)),
        sky_colour=_tinted(-0.6 * warmth) * rng.uniform(0.5, 0.8),
        gamma=float(rng.uniform(0.88, 1.14)),
        lift=float(rng.uniform(0, 0.035)),
        texture_seed=int(rng.integers(1000)),
    )


def _vary_viewpoint(camera, rng):
    """Anywhere from a child's height to a lamp post, near enough for a wide lens or far away."""
    height = float(np.exp(rng.uniform(np.log(1.0), np.log(6.0))))
    near = max(rng.uniform(2.5, 9), 1.3 * (height - 0.9))  # no steeper than some 38 degrees
    kind = replace(
        camera.kind,
        height=height,
        distance=(near, near * rng.uniform(1.3, 2.2)),
        heading=rng.uniform(0, 360),
        spread=rng.uniform(30, 150),
    )
    roll = np.deg2rad(rng.normal(0, 2.5))
    return replace(camera, kind=kind, reach=near * rng.uniform(0.15, 0.5), roll=roll, sensor=draw_sensor(rng))


def in_sequence(camera, seed, number, sequence, vary=()):
    """The same camera at another time: the sun has moved and dimmed or brightened, the exposure is another."""
    rng = rng_for(seed, "sequence", number, sequence)
    x, y, z = camera.sun
    azimuth, elevation = np.rad2deg(np.arctan2(y, x)), np.rad2deg(np.arcsin(z))
    turned = _direction(azimuth + rng.normal(0, 20), np.clip(elevation + rng.normal(0, 6), 25, 80))
    if "light" in vary:
        camera = at_hour(camera, rng_for(seed, "light", number, sequence))
        turned = camera.sun
    if camera.sensor:
        sensor = at_another_time(camera.sensor, rng_for(seed, "cameras", number, "sequence", sequence))
        camera = replace(camera, sensor=sensor)
    if "calm" in vary:
        scene = 0.22 * (0.8 * camera.sky_colour + camera.sun_colour * (0.25 + 0.5 * np.clip(turned[2], 0, 1)))
        return replace(camera, sun=turned, sensor=replace(camera.sensor, scene=tuple(scene.tolist())))
    return replace(
        camera,
        kind=replace(camera.kind, gain=camera.kind.gain * float(np.exp(rng.normal(0, 0.06)))),
        sun=turned,
        sun_colour=camera.sun_colour * _tinted(rng.normal(0, 0.015)) * np.exp(rng.normal(0, 0.2)),
        gamma=camera.gamma * float(np.exp(rng.normal(0, 0.03))),
    )


def _direction(azimuth, elevation):
    a, e = np.deg2rad(azimuth), np.deg2rad(elevation)
    return np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])


def _tinted(warmth):
    return np.array([1 + warmth, 1, 1 - warmth])
