"""What people do while they pass: walk, stand, turn, look down, telephone, fold their arms, hold things."""

from dataclasses import replace

from .luggage import BENT
from .noise import pick
from .pose import Gait

PACES = dict(walks=0.56, strolls=0.2, stands=0.24)
ARMS_DO = dict(nothing=0.62, pocket=0.1, pockets=0.06, ear=0.04, reading=0.07, crossed=0.04, behind=0.02, bent=0.05)


def draw_gait(person, rng):
    """Gait of one picture, for `--vary poses`."""
    pace = pick(rng, PACES)
    stride = dict(walks=rng.uniform(0.75, 1.1), strolls=rng.uniform(0.35, 0.7), stands=rng.uniform(0.0, 0.15))[pace]
    amplitude = stride * (0.6 + 0.4 * person.identity.stride)
    doing = pick(rng, ARMS_DO)
    idle = "hanging" if pace == "stands" else "swing"
    arms = {
        "nothing": (idle, idle),
        "pockets": ("pocket", "pocket"),
        "crossed": ("crossed", "crossed"),
        "behind": ("behind", "behind"),
        "reading": ("reading", "reading"),
    }.get(doing, (doing, idle))
    if rng.random() < 0.5:
        arms = arms[::-1]
    looks_down = doing == "reading" or rng.random() < 0.15
    yaw = rng.normal(0, 16) if rng.random() < 0.8 else rng.uniform(-55, 55)
    pitch = -rng.uniform(12, 35) if looks_down else rng.normal(-4, 7)
    turning = rng.normal(0, 16) if rng.random() < 0.25 else rng.normal(0, 4)
    return Gait(rng.random(), amplitude, (float(yaw), float(pitch)), arms, float(turning), float(rng.normal(1.5, 3)))


def carrying(person, gait):
    """The same gait with the arm bent that holds a phone, a book, a cup or an umbrella, or hanging with a bag."""
    luggage = person.identity.luggage
    hand = person.bag_hand
    if hand is None:
        return gait
    how = "swing"  # which pose.py keeps quiet when a bag hangs there
    if luggage and luggage.held in BENT:
        how = "lifted" if luggage.held == "umbrella" else "bent"
    left, right = gait.arms
    return replace(gait, arms=(how, right) if hand == "L" else (left, how))
