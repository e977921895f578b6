"""Who there is: the attributes of every identity, drawn in families of look-alikes.

Members of a family share the main colours and the kind of lower garment, and differ in pattern, print, bag,
hair and sleeves. Without families a histogram of colours would tell everybody apart.
"""

from dataclasses import MISSING, dataclass, fields

import numpy as np

from .figures import reshape
from .hairdo import Hairdo, restyle
from .luggage import Luggage, pack
from .noise import pick, rng_for
from .outfits import Outfit, dress_anew

UPPER_COLOURS = dict(
    black=0.19,
    white=0.15,
    grey=0.11,
    darkgrey=0.06,
    navy=0.09,
    blue=0.07,
    lightblue=0.05,
    red=0.07,
    maroon=0.03,
    green=0.04,
    olive=0.03,
    beige=0.04,
    brown=0.02,
    yellow=0.02,
    orange=0.02,
    purple=0.02,
    pink=0.03,
    teal=0.02,
)
LOWER_COLOURS = dict(
    black=0.28,
    denim=0.22,
    lightdenim=0.08,
    darkgrey=0.09,
    grey=0.07,
    navy=0.09,
    beige=0.07,
    olive=0.03,
    brown=0.03,
    white=0.03,
    red=0.01,
    blue=0.03,
)
BAG_COLOURS = dict(
    black=0.4, darkgrey=0.1, navy=0.12, brown=0.1, red=0.1, green=0.06, beige=0.05, blue=0.07, pink=0.04, yellow=0.03
)
UPPER_PATTERNS = dict(
    plain=0.24,
    horizontal_stripes=0.10,
    vertical_stripes=0.04,
    plaid=0.08,
    yoke=0.07,
    chest_print=0.12,
    back_print=0.09,
    chest_band=0.05,
    open_jacket=0.10,
    raglan=0.06,
    dots=0.02,
    side_panels=0.03,
)


@dataclass(frozen=True)
class Identity:
    """Everything that is true of a person in all pictures. Fields up to `bag_colour` are words one can see."""

    gender: str
    hair: str
    hair_colour: str
    beard: bool
    hat: str
    hat_colour: str
    upper_colour: str
    upper_pattern: str
    upper_second_colour: str  # of the pattern; of what is worn under an open jacket
    upper_sleeves: str
    upper_length: str  # where the hem is
    upper_collar: str
    lower_kind: str
    lower_colour: str
    lower_pattern: str
    lower_second_colour: str
    tights: bool  # under a skirt
    shoes: str
    shoe_colour: str
    bag: str
    bag_colour: str
    skin_tone: int  # 1 light .. 6 dark
    age: float  # MakeHuman's scale: 2/3 young adult .. 1 old
    weight: float  # MakeHuman's scales 0..1, here and below
    muscle: float
    height: float
    proportions: float
    upper_looseness: float  # 0 tight .. 1 wide
    lower_looseness: float
    stride: float
    arm_swing: float
    seed: int  # of the details: widths of stripes, the emblem on a print, wrinkles
    hairdo: Hairdo | None = None  # details of the head
    luggage: Luggage | None = None  # instead of the bag
    outfit: Outfit | None = None  # instead of the plain clothes that the words above stand for

    def visible(self):
        """{column: word} for `identities.csv`; an attribute that is not in use is the empty string."""
        more = {"upper_kind": self.outfit.kind} if self.outfit else {}
        if self.luggage:
            more["held"] = self.luggage.held if self.luggage.held != "none" else ""
        hat, bag, lower = self.hat != "none", self.bag != "none", self.lower_kind
        return {
            "gender": self.gender,
            "age": "young" if self.age < 0.7 else "middle" if self.age < 0.85 else "old",
            "build": "slim" if self.weight < 0.33 else "average" if self.weight < 0.6 else "heavy",
            "skin_tone": str(self.skin_tone),
            "hair": self.hair,
            "hair_colour": self.hair_colour if self.hair != "bald" else "",
            "beard": "yes" if self.beard else "",
            "hat": self.hat if hat else "",
            "hat_colour": self.hat_colour if hat else "",
            "upper_colour": self.upper_colour,
            "upper_pattern": self.upper_pattern,
            "upper_second_colour": self.upper_second_colour if self.upper_pattern != "plain" else "",
            "upper_sleeves": self.upper_sleeves,
            "upper_length": self.upper_length,
            "upper_collar": self.upper_collar,
            "lower_kind": lower,
            "lower_colour": self.lower_colour,
            "lower_pattern": self.lower_pattern,
            "lower_second_colour": self.lower_second_colour if self.lower_pattern != "plain" else "",
            "tights": "yes" if lower == "skirt" and self.tights else "",
            "shoes": self.shoes,
            "shoe_colour": self.shoe_colour,
            "bag": self.bag if bag else "",
            "bag_colour": self.bag_colour if bag else "",
            **more,
        }


def sample_identities(count, seed, split, vary=()):
    """`count` identities, no two with the same main attributes, in random order (families are scattered).

    vary: groups of `variety.py`; their draws touch none of the others.
    """
    people, families, order = _draw_people(count, seed, split)
    for group, redraw in _REDRAWS.items():
        if group in vary:
            people = _redrawn(people, families, redraw, (seed, group, split))
    return [people[i] for i in order]


def sample_families(count, seed, split):
    """The number of the family, from 0, of each of `sample_identities(count, seed, split)`; variety changes none."""
    _, families, order = _draw_people(count, seed, split)
    return [families[i] for i in order]


def _draw_people(count, seed, split):
    """-> people, family by family; the number of the family of each; the random order"""
    rng = rng_for(seed, "identities", split)
    people, families, seen = [], [], set()
    while len(people) < count:
        family = _draw_family(rng)
        number = len(families) and families[-1] + 1
        for _ in range(int(rng.integers(3, 8))):
            person = _draw_member(rng, family)
            look = _look(person)
            if look not in seen and len(people) < count:
                seen.add(look)
                people.append(person)
                families.append(number)
    return people, families, rng.permutation(count)


# group -> (Identity, own generator, the family's) -> Identity
_REDRAWS = {"bodies": reshape, "clothes": dress_anew, "carried": pack, "hair": restyle}


def _redrawn(people, families, redraw, key):
    """Again no two alike: who has drawn what another has, draws once more."""
    seen, result = set(), []
    for i, (person, family) in enumerate(zip(people, families, strict=True)):
        for attempt in range(20):
            new = redraw(person, rng_for(*key, i, attempt), rng_for(*key, "family", family))
            if _look(new) not in seen:
                break
        seen.add(_look(new))
        result.append(new)
    return result


def _look(person):
    return tuple(getattr(person, name) for name in _LOOK)


_LOOK = (
    "upper_colour",
    "lower_colour",
    "upper_pattern",
    "lower_kind",
    "upper_sleeves",
    "bag",
    "hat",
    "upper_second_colour",
)


def _draw_family(rng):
    return dict(
        gender="female" if rng.random() < 0.48 else "male",
        upper_colour=pick(rng, UPPER_COLOURS),
        upper_second_colour=pick(rng, UPPER_COLOURS),
        upper_sleeves=pick(rng, dict(long=0.55, short=0.45)),
        lower_colour=pick(rng, LOWER_COLOURS),
        lower_kind=pick(rng, dict(trousers=0.68, shorts=0.15, skirt=0.17)),
    )


def _draw_member(rng, family):
    """One member of a family; the order of the draws is part of the data set, so add new ones at the end."""
    a = dict(family)
    if rng.random() < 0.25:
        a["gender"] = "male" if a["gender"] == "female" else "female"
    if a["lower_kind"] == "skirt":
        a["gender"] = "female"
    female = a["gender"] == "female"
    if rng.random() < 0.25:
        a["upper_sleeves"] = pick(rng, dict(long=0.5, short=0.5))
    if rng.random() < 0.15:
        a["lower_colour"] = pick(rng, LOWER_COLOURS)
    if rng.random() < 0.15:
        a["lower_kind"] = pick(rng, dict(trousers=0.7, shorts=0.2, skirt=0.1 * female))
    a["bag"] = pick(rng, dict(none=0.42, backpack=0.24, crossbody=0.14, handbag=0.12 if female else 0.05, waist=0.04))
    a["bag_colour"] = pick(rng, BAG_COLOURS)
    patterns = dict(UPPER_PATTERNS)
    if a["bag"] == "backpack":
        del patterns["back_print"]  # it would be hidden in every picture
    a["upper_pattern"] = pick(rng, patterns)
    if a["upper_pattern"] == "open_jacket":
        a["upper_sleeves"] = "long"
    if rng.random() < 0.5:
        a["upper_second_colour"] = pick(rng, UPPER_COLOURS)
    while a["upper_second_colour"] == a["upper_colour"]:
        a["upper_second_colour"] = pick(rng, UPPER_COLOURS)
    denim = "denim" in a["lower_colour"]
    a["lower_pattern"] = "plain" if denim else pick(rng, dict(plain=0.8, side_stripe=0.12, plaid=0.08))
    white = a["lower_colour"] == "white"
    seconds = {k: p for k, p in dict(white=0.6, red=0.2, black=0.2).items() if k != a["lower_colour"]}
    a["lower_second_colour"] = "black" if white else pick(rng, seconds)
    a["hair"] = pick(
        rng,
        dict(long=0.42, ponytail=0.24, bun=0.1, bob=0.16, short=0.08)
        if female
        else dict(short=0.62, buzz=0.14, bald=0.08, curly=0.12, bun=0.04),
    )
    a["hat"] = pick(rng, dict(none=0.84, cap=0.08, beanie=0.05, sunhat=0.03))
    a["hat_colour"] = pick(rng, UPPER_COLOURS)
    if a["hat"] != "none" and a["hair"] in ("bun", "curly"):  # they would stick out of the hat
        a["hair"] = "long" if female else "short"
    a["upper_length"] = pick(rng, dict(hip=0.68, waist=0.12, thigh=0.20))
    hood = 0.15 if a["upper_sleeves"] == "long" else 0.02
    a["upper_collar"] = pick(rng, dict(crew=0.5, vneck=0.15, shirt=0.2, hood=hood))
    a["tights"] = bool(rng.random() < 0.4)
    a["shoes"] = "boots" if a["lower_kind"] == "skirt" and rng.random() < 0.3 else "shoes"
    a["shoe_colour"] = pick(rng, dict(black=0.4, white=0.28, brown=0.14, grey=0.12, red=0.06))
    a["skin_tone"] = 1 + int(rng.choice(6, p=[0.22, 0.24, 0.2, 0.14, 0.11, 0.09]))
    light = dict(black=0.45, brown=0.3, blond=0.13, red=0.03, grey=0.09)
    a["hair_colour"] = pick(rng, light if a["skin_tone"] < 4 else dict(black=0.85, brown=0.1, grey=0.05))
    a["beard"] = bool(not female and rng.random() < 0.25)
    a.update(
        age=float(np.clip(rng.normal(0.72, 0.1), 0.56, 0.98)),
        weight=float(np.clip(rng.beta(3, 3.4), 0.08, 0.95)),
        muscle=float(rng.uniform(0.3, 0.75)),
        height=float(rng.uniform(0.26, 0.48)),
        proportions=float(rng.uniform(0.35, 0.8)),
        upper_looseness=float(rng.random()),
        lower_looseness=float(rng.random()),
        stride=float(rng.uniform(0.75, 1.1)),
        arm_swing=float(rng.uniform(0.6, 1.3)),
        seed=int(rng.integers(1 << 30)),
    )
    assert a.keys() == {f.name for f in fields(Identity) if f.default is MISSING}
    return Identity(**a)
