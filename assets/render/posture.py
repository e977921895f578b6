"""What arms do because something is held."""

from dataclasses import replace

from .luggage import BENT


def carrying(person, gait):
    """The same gait with the arm bent that holds a phone, a book, a cup or an umbrella."""
    luggage = person.identity.luggage
    if luggage is None or luggage.held not in BENT:
        return gait
    how = "lifted" if luggage.held == "umbrella" else "bent"
    left, right = gait.arms
    return replace(gait, arms=(how, right) if luggage.hand == "L" else (left, how))
