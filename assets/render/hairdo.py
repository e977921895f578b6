"""Heads as different as real ones, for `--vary hair`: lengths, colours, hoods and headscarves, skin of any tone."""

from dataclasses import dataclass, replace

import numpy as np

from .colours import HAIR, SKIN, STREET
from .noise import pick, smoothstep

STYLES = {
    "female": dict(long=0.36, bob=0.2, ponytail=0.22, bun=0.09, short=0.09, curly=0.04),
    "male": dict(short=0.66, buzz=0.14, bald=0.05, curly=0.1, bob=0.03, ponytail=0.02),
}
COLOURS = dict(black=0.5, brown=0.27, blond=0.1, grey=0.08, red=0.03, dyed=0.02)
SKINS = {1: 0.26, 2: 0.24, 3: 0.2, 4: 0.13, 5: 0.1, 6: 0.07}
HATS = dict(none=0.88, cap=0.07, beanie=0.03, sunhat=0.02)
COVERS = dict(none=0.93, hood=0.035, headscarf=0.035)


@dataclass(frozen=True)
class Hairdo:
    """Colours are sRGB, places canonical."""

    hair: tuple[float, float, float]
    skin: tuple[float, float, float]
    end: float  # of hanging hair
    volume: float
    hairline: float  # how far it has moved back
    tied: float  # how high a ponytail or bun sits
    tail: float  # length of a ponytail, relative
    cover: str  # "none", "hood", "headscarf"
    cover_colour: tuple[float, float, float]
    glasses: bool


def restyle(person, own, family):
    """Identity -> Identity with another head; look-alikes often have hair of one colour."""
    tone = pick(family, SKINS)
    colour = pick(family, COLOURS)
    if own.random() < 0.5:
        tone, colour = pick(own, SKINS), pick(own, COLOURS)
    if tone > 4 and own.random() < 0.9:
        colour = "black"
    style = pick(own, STYLES[person.gender])
    hat = pick(own, HATS)
    if hat != "none" and style in ("bun", "curly"):  # they would stick out
        style = "long" if person.gender == "female" else "short"
    cover = "none"
    if hat == "none":
        cover = pick(own, COVERS)
    if cover == "hood" and (person.upper_collar != "hood" or style in ("curly", "bun", "ponytail")):
        cover = "none"
    if cover == "headscarf" and person.gender == "male":
        cover = "none"
    worn = person.outfit.upper if person.outfit and cover == "hood" else STREET[pick(own, dict.fromkeys(STREET, 1))]
    return replace(
        person,
        hair="bald" if cover == "headscarf" else "short" if cover == "hood" else style,
        hair_colour=colour if colour != "dyed" else "red",
        skin_tone=tone,
        hat=hat,
        beard=person.gender == "male" and own.random() < 0.3,
        hairdo=Hairdo(
            hair=_hair_colour(own, colour),
            skin=_skin_colour(own, tone),
            end=own.uniform(0.60, 0.645) if style == "bob" else own.uniform(0.30, 0.58),
            volume=float(np.exp(own.normal(0, 0.3))),
            hairline=own.uniform(0.01, 0.05) if person.age > 0.72 and own.random() < 0.4 else own.normal(0, 0.006),
            tied=own.uniform(-0.07, 0.05),
            tail=own.uniform(0.5, 1.6),
            cover=cover,
            cover_colour=tuple(worn),
            glasses=own.random() < 0.25,
        ),
    )


def _hair_colour(rng, name):
    if name == "dyed":
        return tuple(rng.uniform(20, 200, 3).tolist())
    colour = np.array(HAIR[name]) * np.exp(rng.normal(0, 0.22)) + rng.normal(0, 3, 3)
    return tuple(np.clip(colour, 8, 235).tolist())


def _skin_colour(rng, tone):
    """Between the tones of the palette, more or less red."""
    lighter, darker = np.array(SKIN[tone]), np.array(SKIN[min(tone + 1, 6)])
    colour = lighter + rng.uniform(-0.3, 0.7) * (darker - lighter) + np.array([1, 0, -1]) * rng.normal(0, 4)
    return tuple(np.clip(colour * np.exp(rng.normal(0, 0.04)), 30, 250).tolist())


def under_cover(points):
    """(N, 3) canonical -> (N,) 1 where a hood or headscarf lies, 0 in the opening for the face, smooth between."""
    x, y, z = points.T
    from_face = np.hypot(x / 0.064, (z - 0.688) / 0.088)
    opening = (1 - smoothstep(0.92, 1.08, from_face)) * (y < -0.04)
    return 1 - opening
