"""Bodies and poses against facts one can check on any person."""

from dataclasses import replace

import numpy as np
import pytest

from assets.render.body import Part, read_body
from assets.render.hairdo import under_cover
from assets.render.identities import sample_identities
from assets.render.luggage import BENT, HELD, Luggage
from assets.render.noise import rng_for
from assets.render.person import build_person
from assets.render.pose import ARMS, Gait, pose, rotation
from assets.render.posture import carrying, draw_gait


@pytest.fixture(scope="module")
def people():
    return [build_person(read_body(), identity) for identity in sample_identities(6, 4, "train")]


def test_the_canonical_body_has_its_landmarks():
    """Every hem, collar and hairline is a number on this body, so it must not move."""
    body = read_body()
    skin = body.canonical[:13380]
    assert skin[:, 2].min() == pytest.approx(-0.82, abs=0.01)
    assert skin[:, 2].max() == pytest.approx(0.81, abs=0.01)
    for bone, z in (("lowerleg01.L", -0.35), ("foot.L", -0.75), ("upperarm01.L", 0.47), ("head", 0.66)):
        assert body.head_of(bone)[2] == pytest.approx(z, abs=0.02), bone
    assert body.eyes.mean(0) == pytest.approx([0, -0.12, 0.697], abs=0.01)
    assert body.head_of("wrist.L")[0] > 0, "left is +x"


def test_grown_people_are_as_tall_as_people(people):
    for person in people:
        assert 1.4 < np.ptp(person.vertices[person.is_suit][:, 2]) / 0.85 < 2.2


def test_a_rotation_by_plus_x_moves_a_hanging_limb_backwards():
    assert rotation(np.array([1, 0, 0]), 90) @ [0, 0, -1] == pytest.approx([0, 1, 0])


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.75])
def test_a_posed_person_stands_on_the_ground(people, phase):
    for person in people:
        vertices, normals = pose(person, Gait(phase, 1.0, (10, -5)))
        assert vertices[:, 2].min() == pytest.approx(0, abs=1e-5)
        assert 1.4 < vertices[:, 2].max() < 2.2
        lengths = np.linalg.norm(normals[person.is_suit], axis=1)
        assert lengths == pytest.approx(np.ones(len(lengths)), abs=1e-3)


def test_opposite_phases_mirror_the_feet(people):
    person = people[0]
    left, right = person.attributes[:, 0] > 0.05, person.attributes[:, 0] < -0.05
    foot = person.is_suit & (person.attributes[:, 2] < -0.75)
    ahead = []
    for phase in (0.0, 0.5):
        vertices, _ = pose(person, Gait(phase, 1.0, (0, 0)))
        ahead.append(vertices[foot & right, 1].mean() - vertices[foot & left, 1].mean())
    assert ahead[0] > 0.3, "at phase 0 the left heel strikes: it is in front, towards -y"
    assert ahead[1] == pytest.approx(-ahead[0], abs=0.03)


def test_only_worn_parts_are_in_the_mesh(people):
    worn = [
        (one.lower_kind == "skirt", one.bag != "none", one.hair in ("long", "bob"))
        for one in (person.identity for person in people)
    ]
    assert all(set(column) == {True, False} for column in zip(*worn, strict=True))
    for person in people:
        parts = set(np.unique(person.face_part))
        identity = person.identity
        assert (Part.SKIRT in parts) == (identity.lower_kind == "skirt")
        assert (Part.BAG in parts) == (identity.bag != "none")
        assert (Part.HAIR in parts) == (identity.hair in ("long", "bob"))
        assert {Part.SUIT, Part.HEAD, Part.HAND, Part.EYE} <= parts


@pytest.mark.parametrize("held", list(HELD))
def test_what_is_held_hangs_from_the_hand(people, held):
    luggage = Luggage("one_strap", (9, 9, 9), (9, 9, 9), held, (99, 9, 9), size=1.0, side=1, hand="R")
    person = build_person(read_body(), replace(people[0].identity, luggage=luggage))
    vertices, _ = pose(person, carrying(person, Gait(0.2, 0.8, (0, 0))))
    things = np.unique(person.faces[person.face_part == Part.HELD])
    assert (len(things) > 0) == (held != "none")
    hand = vertices[person.is_suit][:, 2].max() * np.array([0.3, 0.8])
    if held in BENT:
        assert vertices[things, 2].mean() > hand[0]
    if held == "umbrella":
        assert vertices[things, 2].max() > hand[1]
    assert vertices[:, 2].min() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("arms", list(ARMS))
def test_whatever_the_arms_do_hands_stay_near_the_body(people, arms):
    person = people[1]
    vertices, _ = pose(person, Gait(0.4, 0.1, (0, 0), (arms, arms)))
    hands = vertices[np.unique(person.faces[person.face_part == Part.HAND])]
    trunk = vertices[person.is_suit & (person.attributes[:, 4] < 0.1)]
    assert np.abs(hands[:, 0]).max() < np.abs(trunk[:, 0]).max() + 0.3
    assert 0.5 < hands[:, 2].mean() < vertices[:, 2].max()
    left, right = hands[hands[:, 0] > 0], hands[hands[:, 0] < 0]
    assert left[:, 1].mean() == pytest.approx(right[:, 1].mean(), abs=0.15), "both do the same"
    if arms in ("ear", "crossed", "bent"):
        assert hands[:, 1].mean() < trunk[:, 1].mean() - 0.05, "before the body"


def test_gaits_are_drawn_with_both_arms_doing_something_known(people):
    gaits = [draw_gait(people[0], rng_for("gait", i)) for i in range(300)]
    assert {arm for gait in gaits for arm in gait.arms} >= set(ARMS) - {"lifted"}
    assert 0.1 < np.mean([gait.amplitude < 0.2 for gait in gaits]) < 0.4


def test_hoods_and_headscarves_leave_the_face_open():
    face, nape, crown = np.array([[0, -0.13, 0.69]]), np.array([[0, 0.06, 0.62]]), np.array([[0, -0.02, 0.80]])
    assert under_cover(face) == 0 and under_cover(nape) == 1 and under_cover(crown) == 1
