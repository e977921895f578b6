"""The place in the tour and the answered chapters in a link."""

from itertools import pairwise

import pytest

from app.search import start
from app.tour.chapters import CHAPTERS, QUESTION, READ
from app.tour.progress import PLACES, find_place, neighbours, read_done, write_done
from app.tour.questions import QUESTIONS


@pytest.mark.parametrize("done", [set(), {3}, {1, 2, 5}, set(range(1, 8))])
def test_answered_chapters_round_trip(done):
    assert read_done(write_done(done)) == done


def test_what_is_no_chapter_is_ignored():
    assert read_done("x9310") == {1, 3}


def test_places_round_trip():
    assert [find_place(str(place)) for place in PLACES] == PLACES
    assert find_place("3") == find_place("3.1") and find_place("9.1") is None and find_place("") is None


def test_the_steps_follow_each_other():
    assert all(neighbours(one)[1] == other and neighbours(other)[0] == one for one, other in pairwise(PLACES))
    assert neighbours(PLACES[0])[0] is None and neighbours(PLACES[-1])[1] is None


def test_every_chapter_has_an_idea_a_question_a_hint_and_a_sentence():
    assert len(CHAPTERS) == len(QUESTIONS) == start.TOUR_CHAPTERS
    for chapter in CHAPTERS:
        kinds = [step.kind for step in chapter.steps]
        assert kinds[0] == READ and kinds.count(QUESTION) == 1
        assert (
            chapter.hint
            and chapter.sentence
            and all(step.paragraphs or step.kind == QUESTION for step in chapter.steps)
        )
