"""Attributes: listed when they can be seen, empty when not."""

from dataclasses import fields, replace
from types import SimpleNamespace

import pytest

from assets.render.identities import _look, sample_families, sample_identities
from assets.render.materials import Materials
from assets.render.outfits import KINDS, WEAVES
from assets.render.variety import GROUPS

PEOPLE = sample_identities(400, 3, "train")


@pytest.mark.parametrize("groups", [(), *((group,) for group in GROUPS), tuple(GROUPS)])
def test_every_colour_is_known_whatever_else_is_varied(groups):
    for person in sample_identities(150, 3, "train", groups):
        dyed = Materials(SimpleNamespace(identity=person, cut=None))
        assert all(0 <= value <= 1 for colour in (dyed.upper, dyed.lower, dyed.bag, dyed.hat) for value in colour)


@pytest.mark.parametrize(
    ("column", "used"),
    [
        ("bag_colour", lambda p: p.bag != "none"),
        ("bag", lambda p: p.bag != "none"),
        ("hat_colour", lambda p: p.hat != "none"),
        ("hat", lambda p: p.hat != "none"),
        ("hair_colour", lambda p: p.hair != "bald"),
        ("upper_second_colour", lambda p: p.upper_pattern != "plain"),
        ("lower_second_colour", lambda p: p.lower_pattern != "plain"),
        ("tights", lambda p: p.lower_kind == "skirt" and p.tights),
        ("beard", lambda p: p.beard),
    ],
)
def test_an_attribute_that_is_not_in_use_is_empty(column, used):
    assert {used(p) for p in PEOPLE} == {True, False}, "both cases should occur among 400 people"
    assert all(bool(p.visible()[column]) == bool(used(p)) for p in PEOPLE)


def test_other_attributes_always_have_a_word():
    always = ("gender", "age", "build", "hair", "upper_colour", "upper_pattern", "lower_kind", "shoe_colour")
    assert all(p.visible()[column] for p in PEOPLE for column in always)


def test_nothing_is_called_none():
    assert not any(word in ("none", "None", "False") for p in PEOPLE for word in p.visible().values())


def test_nobody_has_a_pattern_in_the_colour_of_its_ground():
    for p in PEOPLE:
        assert p.upper_second_colour != p.upper_colour and p.lower_second_colour != p.lower_colour


def test_look_alikes_exist_but_no_doubles():
    mains = [(p.upper_colour, p.lower_colour, p.lower_kind) for p in PEOPLE]
    alike = sum(mains.count(main) > 1 for main in mains)
    assert alike > len(PEOPLE) / 2
    looks = {replace(p, seed=0, age=0, weight=0, muscle=0, height=0) for p in PEOPLE}
    assert len(looks) == len(PEOPLE)


STREET_PEOPLE = sample_identities(400, 3, "train", ("clothes",))


def test_on_the_street_half_of_the_clothes_are_dark_or_grey():
    brightest = [max(p.outfit.upper) for p in STREET_PEOPLE], [max(p.outfit.lower) for p in STREET_PEOPLE]
    vivid = [max(p.outfit.upper) - min(p.outfit.upper) > 70 for p in STREET_PEOPLE]
    assert sum(b < 90 for b in brightest[0]) > 100 and sum(b < 90 for b in brightest[1]) > 160
    assert 0.05 < sum(vivid) / 400 < 0.35


def test_everything_that_is_worn_on_the_street_occurs():
    kinds = {p.outfit.kind for p in STREET_PEOPLE}
    assert kinds == {kind for season in KINDS.values() for kind in season}
    assert {p.outfit.weave for p in STREET_PEOPLE} == set(WEAVES)
    assert {p.gender for p in STREET_PEOPLE if p.lower_kind == "skirt"} == {"female"}


def test_in_other_clothes_people_are_the_same_and_still_no_two_alike():
    for plain, dressed in zip(PEOPLE, STREET_PEOPLE, strict=True):
        assert (plain.seed, plain.hair, plain.bag, plain.height) == (
            dressed.seed,
            dressed.hair,
            dressed.bag,
            dressed.height,
        )
    mains = [(p.outfit.kind, p.upper_colour, p.lower_colour) for p in STREET_PEOPLE]
    assert sum(mains.count(main) > 1 for main in mains) > 80, "look-alikes"
    assert len({_look(p) for p in STREET_PEOPLE}) == 400


@pytest.mark.parametrize("group", ["hair", "bodies", "carried"])
def test_a_group_changes_its_own_attributes_alone(group):
    own = {
        "hair": {"hair", "hair_colour", "skin_tone", "hat", "hat_colour", "beard", "hairdo"},
        "bodies": {"age", "weight", "muscle", "height", "proportions", "stride", "arm_swing"},
        "carried": {"bag", "bag_colour", "luggage"},
    }[group]
    changed = set()
    for before, after in zip(PEOPLE, sample_identities(400, 3, "train", (group,)), strict=True):
        changed |= {f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name)}
    assert changed and changed <= own


def test_families_are_those_that_the_people_were_drawn_in():
    """Members of a family mostly share their main colours; people of different families mostly do not."""
    families = sample_families(400, 3, "train")
    assert sorted(set(families)) == list(range(max(families) + 1)) and max(map(families.count, families)) <= 7
    pairs = [(i, j) for i in range(400) for j in range(i)]
    alike = {True: [], False: []}
    for i, j in pairs:
        same = PEOPLE[i].upper_colour == PEOPLE[j].upper_colour and PEOPLE[i].lower_colour == PEOPLE[j].lower_colour
        alike[families[i] == families[j]].append(same)
    assert sum(alike[True]) > 0.6 * len(alike[True]) and sum(alike[False]) < 0.1 * len(alike[False])
