"""Weather and lamps, for `--vary light`: hard sun, overcast, dusk, night, halls; and who stands in the shade.

Another sequence of a camera is another hour: the sun has another place, strength and colour. Exposure is the
camera's affair; here only the balance of sun and sky matters, and their colours.
"""

from dataclasses import dataclass, replace

import numpy as np

from .noise import noise3, pick, smoothstep

OUTDOORS = dict(sunny=0.42, hazy=0.2, overcast=0.24, dusk=0.07, night=0.07)
INDOORS = dict(lamps=0.65, windows=0.35)


@dataclass(frozen=True)
class _Hour:
    elevation: tuple[float, float]  # degrees
    softness: tuple[float, float]
    sun: tuple[float, float]
    sky: tuple[float, float]
    warmth: tuple[float, float]  # of the sun; the sky has half of its opposite


HOURS = {
    "sunny": _Hour((20, 70), (0.02, 0.08), (1.3, 2.8), (0.25, 0.6), (0.0, 0.12)),
    "hazy": _Hour((25, 65), (0.15, 0.5), (0.6, 1.4), (0.5, 0.9), (-0.02, 0.08)),
    "overcast": _Hour((45, 85), (0.7, 1.0), (0.1, 0.4), (0.7, 1.1), (-0.08, 0.03)),
    "dusk": _Hour((8, 20), (0.03, 0.2), (0.6, 1.6), (0.2, 0.5), (0.12, 0.3)),
    "night": _Hour((40, 80), (0.05, 0.3), (0.7, 1.5), (0.08, 0.25), (0.0, 0.35)),
    "lamps": _Hour((60, 88), (0.3, 0.8), (0.5, 1.1), (0.3, 0.7), (-0.06, 0.18)),
    "windows": _Hour((12, 35), (0.3, 0.8), (0.6, 1.6), (0.15, 0.5), (-0.08, 0.05)),
}


def at_hour(camera, rng):
    """The same camera under another light."""
    kind = pick(rng, INDOORS if camera.kind.indoor else OUTDOORS)
    hour = HOURS[kind]
    azimuth, elevation = rng.uniform(0, 2 * np.pi), np.deg2rad(rng.uniform(*hour.elevation))
    level = np.cos(elevation)
    warmth, green = rng.uniform(*hour.warmth), rng.normal(0, 0.015)
    return replace(
        camera,
        sun=np.array([np.cos(azimuth) * level, np.sin(azimuth) * level, np.sin(elevation)]),
        sun_softness=float(rng.uniform(*hour.softness)),
        sun_colour=np.array([1 + warmth, 1 + green, 1 - warmth]) * rng.uniform(*hour.sun),
        sky_colour=np.array([1 - warmth / 2, 1 + green, 1 + warmth / 2]) * rng.uniform(*hour.sky),
    )


@dataclass(frozen=True)
class Shelter:
    """What keeps the sun off a person: nothing, a roof, or leaves."""

    roof: float = 1.0  # share of the sun that gets through
    ground: float = 1.0
    leaves: float | None = None  # where in the pattern of their spots

    def on_person(self, points):
        """(N, 3) canonical -> (N,) or a number, by which the sun is dimmed there"""
        if self.leaves is None:
            return self.roof
        return smoothstep(0.40, 0.56, noise3(points * [1, 0.4, 1] + self.leaves, 5.5))


def draw_shelter(camera, rng):
    kind = pick(rng, dict(none=0.74, roof=0.14, leaves=0.12))
    if kind == "none" or camera.kind.indoor:
        return Shelter()
    if kind == "leaves":
        return Shelter(leaves=rng.uniform(0, 9))
    roof = rng.uniform(0, 0.4)  # often those behind are in the sun, and the person is nearly a silhouette
    return Shelter(roof, roof if rng.random() < 0.5 else 1.0)
