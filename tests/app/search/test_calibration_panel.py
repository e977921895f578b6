"""The words about scores, by hand."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from app.search.calibration_panel import chance, foundation, verdict, with_meaning
from core.evaluation.calibration import About, Calibration
from core.evaluation.verification import EDGES, ScoreCounts


def calibration() -> Calibration:
    """Strangers' best scores from 0.2 to 0.6, those of people who are there from 0.4 to 0.8; even odds at 0.5."""
    scores = {"same": (0.3, 0.9), "different": (0.0, 0.6), "strangers": (0.2, 0.6), "own": (0.4, 0.8)}
    counts = {name: np.histogram(np.linspace(*ends, 4001), EDGES)[0] for name, ends in scores.items()}
    counts["found"] = counts["own"]
    return Calibration(
        20.0, -10.0, ScoreCounts(*(counts[one.name] for one in fields(ScoreCounts))), About("made", "nobody", 100)
    )


def ranked(*scores: float) -> pd.DataFrame:
    return pd.DataFrame({"score": scores})


@pytest.mark.parametrize(
    ("best", "words"),
    [(0.7, "**Probably in this gallery**"), (0.41, "**Probably not in this gallery**"), (0.5, "**Perhaps in this")],
)
def test_the_answer_for_an_open_gallery(best, words):
    assert words in verdict(ranked(best), 100, calibration())


def test_its_figures():
    """A quarter of the strangers score 0.5 or more, and three quarters of the others."""
    said = verdict(ranked(0.5), 100, calibration())
    assert "0.500, in 25 % of searches; somebody who is, in 75 %" in said
    # twice as many images are two searches: 1 - 0.75 ** 2
    assert "in 44 % of searches" in verdict(ranked(0.5), 200, calibration())


def test_a_score_beyond_the_calibration_is_not_told_by_two_small_shares():
    said = verdict(ranked(0.999), 100, calibration())
    assert said.startswith("**Probably in this gallery**") and "even somebody who is there seldom does" in said
    assert said.count("less than 1 %") == 1


def test_a_line_where_scores_fall_below_the_threshold():
    crops = [{"title": "a"}, {"title": "b"}, {"title": "c"}]
    found = with_meaning(crops, ranked(0.7, 0.65, 0.3), calibration(), 1000, 100, True)
    assert [one.get("chance", "line") for one in found] == ["5 %", "2 %", "line", "<1 %"]
    assert "below 0.594: more than 1 in 100" in found[2]["cut"]
    assert all("likely the same person" in one["title"] for one in found if "title" in one)
    assert len(with_meaning(crops, ranked(0.7, 0.7, 0.7), calibration(), 1000, 100, True)) == 3  # none is below
    assert len(with_meaning(crops, ranked(0.7, 0.1, 0.7), calibration(), 1000, 100, False)) == 3  # another order


def test_chances_are_never_certain():
    assert [chance(one) for one in (0.0001, 0.5, 0.99999)] == ["<1 %", "50 %", ">99 %"]


def test_what_the_figures_rest_on():
    assert "python -m core calibrate" in foundation(None, 100, 10, False, False)
    plain = foundation(calibration(), 100, 50, False, False)
    assert "made: nobody" in plain and "taken further" not in plain and "averaged" not in plain
    more = foundation(calibration(), 100, 500, True, True)
    assert "taken further to 500" in more and "averaged" in more and "only the order is another" in more
