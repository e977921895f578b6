"""Attributes: listed when they can be seen, empty when not."""

from dataclasses import replace

import pytest

from assets.render.identities import sample_identities

PEOPLE = sample_identities(400, 3, "train")


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
