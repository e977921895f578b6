"""The place in the tour and the answered chapters, as the link holds them: `tour=3.2` and `done=125`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.tour.chapters import CHAPTERS, Chapter, Step


@dataclass(frozen=True)
class Place:
    """A step of the tour; chapters and steps are numbered from 1."""

    chapter: int
    step: int

    def __str__(self) -> str:
        """Return the place as in a link."""
        return f"{self.chapter}.{self.step}"

    @property
    def of_chapter(self) -> Chapter:
        """Return the chapter."""
        return CHAPTERS[self.chapter - 1]

    @property
    def of_step(self) -> Step:
        """Return the step."""
        return self.of_chapter.steps[self.step - 1]

    @property
    def page(self) -> str:
        """Return the page of the step, a file of app_pages."""
        return self.of_step.page or self.of_chapter.page


PLACES = [
    Place(chapter, step) for chapter, each in enumerate(CHAPTERS, start=1) for step in range(1, len(each.steps) + 1)
]  # in the order of the tour


def find_place(text: str) -> Place | None:
    """Return the place that a link names, or None; `3` is the first step of chapter 3."""
    return next((place for place in PLACES if text in (str(place), f"{place.chapter}")), None)


def neighbours(place: Place) -> tuple[Place | None, Place | None]:
    """Return the step before and the step after a place."""
    number = PLACES.index(place)
    return PLACES[number - 1] if number else None, PLACES[number + 1] if number + 1 < len(PLACES) else None


def read_done(text: str) -> set[int]:
    """Return the answered chapters; what is no chapter is ignored."""
    return {int(digit) for digit in re.findall(r"\d", text) if 1 <= int(digit) <= len(CHAPTERS)}


def write_done(chapters: Iterable[int]) -> str:
    """Return the text of a link for answered chapters."""
    return "".join(map(str, sorted(chapters)))
