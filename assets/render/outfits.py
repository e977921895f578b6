"""What people really wear, for `--vary clothes`: seasons, kinds of garment, the colours of a street.

Half of all clothes are black, grey or white, and trousers are dark or denim; a network trained on a toy shop's
colours looks for them in vain. Look-alikes of a family share the season, the kinds and the main colours.
"""

from dataclasses import dataclass, replace

import numpy as np

from .colours import STREET
from .noise import pick

UPPER = dict(
    black=.30, charcoal=.11, grey=.085, lightgrey=.045, white=.105, cream=.015, navy=.10, royal=.02, blue=.03,
    lightblue=.05, denim=.02, red=.045, maroon=.03, green=.02, forest=.02, olive=.03, khaki=.02, beige=.035,
    brown=.03, pink=.03, rose=.01, purple=.015, lavender=.01, yellow=.015, orange=.012, teal=.01, mint=.01,
)  # fmt: skip
LOWER = dict(
    black=.36, charcoal=.10, indigo=.15, denim=.11, lightdenim=.06, navy=.07, grey=.06, khaki=.05, beige=.04,
    brown=.025, olive=.02, white=.03, maroon=.01, red=.008, blue=.01,
)  # fmt: skip
SHOES = dict(black=.42, white=.22, grey=.11, brown=.12, navy=.05, beige=.03, red=.03, pink=.01, blue=.01)  # fmt: skip

KINDS = {  # season -> of what is worn above; "dress" and "top" for women only
    "warm": dict(tshirt=.56, shirt=.15, top=.10, dress=.12, open_shirt=.05, hoodie=.02),
    "mild": dict(tshirt=.24, shirt=.18, sweater=.17, hoodie=.13, jacket=.12, open_jacket=.14, dress=.06),
    "cold": dict(jacket=.22, open_jacket=.18, down=.18, coat=.15, open_coat=.10, hoodie=.11, sweater=.06),
}  # fmt: skip
LOWER_KINDS = {
    "warm": dict(trousers=0.55, shorts=0.28, skirt=0.17),
    "mild": dict(trousers=0.86, shorts=0.04, skirt=0.10),
    "cold": dict(trousers=0.95, skirt=0.05),
}
OPEN = ("open_shirt", "open_jacket", "open_coat")
WEAVES = dict(
    plain=.44, print=.16, fine_stripes=.07, stripes=.05, bands=.04, checks=.06, plaid=.04, blocks=.06,
    blotches=.03, camouflage=.01, dots=.015, marl=.05, gradient=.01,
)  # fmt: skip
BULK = dict(tshirt=.008, top=.003, dress=.006, shirt=.010, open_shirt=.012, sweater=.014, hoodie=.020, jacket=.020,
            open_jacket=.022, down=.038, coat=.024, open_coat=.026)  # fmt: skip


@dataclass(frozen=True)
class Outfit:
    """What `Identity` has no word for. Colours are sRGB; places are canonical, as in `clothes.Cut`."""

    kind: str
    upper: tuple[float, float, float]
    second: tuple[float, float, float]  # of the pattern
    third: tuple[float, float, float]  # of a print
    under: tuple[float, float, float]  # what shows in the opening and below the hem
    lower: tuple[float, float, float]
    shoe: tuple[float, float, float]
    weave: str
    under_weave: str
    lower_weave: str
    trim: str  # "none", "cuffs", "zip", "sleeve_stripe", "pocket"
    bulk: float  # metres of cloth between the skin and the air
    opening: float  # half the width of an open jacket's gap; 0 if closed
    sleeve: float
    hem: float
    layer: float  # how far the under shirt hangs out below the hem
    lower_end: float
    skirt_end: float | None
    flare: float
    belt: bool
    scarf: tuple[float, float, float] | None
    crumpled: float  # strength of folds


def dress_anew(person, own, family):
    """Identity -> Identity in other clothes. own, family: generators; a family's is the same for all its members."""
    season = pick(family, dict(warm=0.45, mild=0.32, cold=0.23))
    female = person.gender == "female"
    names = {"upper": pick(family, UPPER), "lower": pick(family, LOWER), "under": pick(family, UPPER)}
    kind = _pick_kind(family, KINDS[season], female)
    lower_kind = _pick_kind(family, LOWER_KINDS[season], female)
    if own.random() < 0.3:
        kind = _pick_kind(own, KINDS[season], female)
    if own.random() < 0.2 or (lower_kind == "skirt" and not female):
        lower_kind = _pick_kind(own, LOWER_KINDS[season], female)
    for garment, palette, chance in (("upper", UPPER, 0.2), ("lower", LOWER, 0.25), ("under", UPPER, 0.5)):
        if own.random() < chance:
            names[garment] = pick(own, palette)
    names["second"] = _other(own, UPPER, names["upper"])
    names["third"] = _other(own, UPPER | dict(white=0.5, red=0.1, yellow=0.06), names["upper"])
    names["under"] = _other(own, UPPER, names["upper"]) if names["under"] == names["upper"] else names["under"]
    if kind == "dress":
        lower_kind, names["lower"] = "skirt", names["upper"]
    weave = pick(own, WEAVES)
    if kind in ("down", "coat", "open_coat") and own.random() < 0.75:
        weave = "plain"
    if "denim" in names["lower"] or names["lower"] == "indigo":
        lower_weave = "denim"
    else:
        lower_weave = pick(own, dict(plain=0.84, marl=0.06, checks=0.03, camouflage=0.02, blotches=0.02, stripes=0.03))
    tucked = kind in ("shirt", "tshirt", "top") and own.random() < 0.2
    hem = 0.10 if tucked else float(own.normal(0.02, 0.04))
    skirt_end, flare = _lower_edge(kind, lower_kind, own)
    if kind in ("coat", "open_coat"):
        hem = 0.035
    outfit = Outfit(
        kind=kind,
        **{name: _dye(own, names[name]) for name in ("upper", "second", "third", "under", "lower")},
        shoe=_dye(own, shoe := pick(own, SHOES)),
        weave=weave,
        under_weave=pick(own, dict(plain=0.7, print=0.12, fine_stripes=0.08, checks=0.1)),
        lower_weave="plain" if kind == "dress" else lower_weave,
        trim=pick(own, _trims(kind)),
        bulk=BULK[kind] * own.uniform(0.7, 1.4),
        opening=own.uniform(0.025, 0.085) if kind in OPEN else 0.0,
        sleeve=_sleeve(own, season, kind),
        hem=float(np.clip(hem, -0.08, 0.12)),
        layer=own.uniform(0.02, 0.05) if not tucked and kind != "dress" and own.random() < 0.22 else 0.0,
        lower_end=_trouser_end(own, season, lower_kind),
        skirt_end=skirt_end,
        flare=flare,
        belt=own.random() < 0.35,
        scarf=_dye(own, pick(own, UPPER)) if season == "cold" and own.random() < 0.3 else None,
        crumpled=own.uniform(0.1, 0.5),
    )
    hood = "hood" if kind == "hoodie" or (kind in ("down", "jacket") and own.random() < 0.4) else None
    collar = pick(own, dict(crew=0.7, vneck=0.3)) if kind not in ("shirt", "open_shirt", "jacket", "coat") else "shirt"
    return replace(
        person,
        outfit=outfit,
        upper_colour=names["upper"],
        upper_second_colour=names["under"] if kind in OPEN else names["second"],
        upper_pattern=kind if kind in OPEN else weave,
        upper_sleeves="none" if outfit.sleeve < 0 else "short" if outfit.sleeve < 1.1 else "long",
        upper_length="waist" if outfit.hem > 0.08 else "hip" if outfit.hem > -0.03 else "thigh",
        upper_collar=hood or collar,
        lower_kind=lower_kind,
        lower_colour=names["lower"],
        lower_pattern="plain",
        tights=season != "warm" and own.random() < 0.7 or own.random() < 0.15,
        shoes="boots" if season == "cold" and own.random() < 0.25 else "shoes",
        shoe_colour=shoe,
        upper_looseness=float(own.beta(1.6, 2)),
        lower_looseness=float(own.beta(1.2, 3.0 if female or outfit.skirt_end else 1.8)),
    )


def _pick_kind(rng, weights, female):
    return pick(rng, {k: w for k, w in weights.items() if female or k not in ("dress", "top", "skirt")})


def _other(rng, palette, name):
    return pick(rng, {k: w for k, w in palette.items() if k != name})


def _dye(rng, name):
    """No two garments have quite the same black."""
    colour = np.array(STREET[name]) * np.exp(rng.normal(0, 0.12)) + rng.normal(0, 3.5, 3)
    return tuple(np.clip(colour, 9, 246).tolist())


def _trims(kind):
    if kind in ("jacket", "down", "hoodie"):
        return dict(none=0.25, zip=0.35, cuffs=0.15, sleeve_stripe=0.1, pocket=0.15)
    return dict(none=0.7, cuffs=0.12, pocket=0.12, sleeve_stripe=0.06)


def _sleeve(rng, season, kind):
    """In the unit of `Body.arm`; negative leaves the whole arm bare."""
    if kind == "top" or (kind == "dress" and rng.random() < 0.4):
        return -1.0
    if kind in ("tshirt", "dress") or (season == "warm" and rng.random() < 0.6):
        return float(rng.uniform(0.4, 0.9))
    return float(rng.uniform(1.15, 1.6)) if rng.random() < 0.12 else 1.97


def _trouser_end(rng, season, kind):
    if kind == "shorts":
        return float(rng.uniform(-0.38, -0.14))
    if kind == "skirt":
        return 0.0
    return float(rng.uniform(-0.68, -0.45)) if season == "warm" and rng.random() < 0.2 else -0.745


def _lower_edge(kind, lower_kind, rng):
    """Where a skirt, a dress or a coat ends, and how much wider it is there."""
    if kind in ("coat", "open_coat"):
        return float(rng.uniform(-0.42, -0.12)), float(rng.uniform(0.12, 0.3))
    if lower_kind == "skirt":
        return float(rng.uniform(-0.62, -0.16)), float(rng.uniform(0, 0.3))
    return None, 0.0
