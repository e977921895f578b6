"""The texts about calibrated scores, computed by hand."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from app.search import texts
from app.search.calibration_panel import add_probabilities, describe, format_probability, judge_presence
from core.evaluation.calibration import Calibration, CalibrationData
from core.evaluation.verification import EDGES, ScoreCounts


def calibration() -> Calibration:
    """Top scores of absent people from 0.2 to 0.6, of present people from 0.4 to 0.8; even odds at 0.5."""
    scores = {"same": (0.3, 0.9), "different": (0.0, 0.6), "strangers": (0.2, 0.6), "own": (0.4, 0.8)}
    counts = {name: np.histogram(np.linspace(*ends, 4001), EDGES)[0] for name, ends in scores.items()}
    counts["found"] = counts["own"]
    return Calibration(
        20.0,
        -10.0,
        ScoreCounts(*(counts[one.name] for one in fields(ScoreCounts))),
        CalibrationData("made", "nobody", 100),
    )


def ranked(*scores: float) -> pd.DataFrame:
    return pd.DataFrame({"score": scores})


@pytest.mark.parametrize(("best", "verdict"), [(0.7, texts.PRESENT), (0.41, texts.ABSENT), (0.5, texts.UNDECIDED)])
def test_presence_is_judged_by_the_top_score(best, verdict):
    assert f"**{verdict}**" in judge_presence(ranked(best), 100, calibration())


def test_figures_of_the_top_score():
    """A quarter of the absent and three quarters of the present people score 0.5 or more."""
    sentence = judge_presence(ranked(0.5), 100, calibration())
    assert sentence == texts.TOP_SCORE.format(verdict=texts.UNDECIDED, best=0.5, absent="25 %", present="75 %")
    # twice as many images are two searches: 1 - 0.75 ** 2
    assert "in 44 % of searches" in judge_presence(ranked(0.5), 200, calibration())


def test_a_score_beyond_the_calibration_shows_one_small_share():
    sentence = judge_presence(ranked(0.999), 100, calibration())
    assert sentence == texts.TOP_SCORE_RARE.format(verdict=texts.PRESENT, best=0.999, absent=texts.LESS_THAN_1)


def test_a_line_marks_where_scores_fall_below_the_threshold():
    crops = [{"title": "a"}, {"title": "b"}, {"title": "c"}]
    found = add_probabilities(crops, ranked(0.7, 0.65, 0.3), calibration(), 1000, 100, True)
    assert [one.get("chance", "line") for one in found] == ["5 %", "2 %", "line", "<1 %"]
    assert found[2]["cut"] == texts.THRESHOLD_LINE.format(threshold=0.594, rate=100)
    assert found[0]["title"] == texts.PROBABILITY_TITLE.format(title="a", probability="5 %")
    assert len(add_probabilities(crops, ranked(0.7, 0.7, 0.7), calibration(), 1000, 100, True)) == 3  # none is below
    assert len(add_probabilities(crops, ranked(0.7, 0.1, 0.7), calibration(), 1000, 100, False)) == 3  # another order


def test_probabilities_are_never_certain():
    assert [format_probability(one) for one in (0.0001, 0.5, 0.99999)] == ["<1 %", "50 %", ">99 %"]


def test_the_basis_of_the_probabilities_is_described():
    assert "python -m core calibrate" in describe(None, 100, 10, False, False)
    plain = texts.CALIBRATED_ON.format(prior=100, data="made", people="nobody")
    assert describe(calibration(), 100, 50, False, False) == plain
    more = [plain, texts.EXTRAPOLATED.format(gallery=100, images=500), texts.AVERAGED, texts.REORDERED]
    assert describe(calibration(), 100, 500, True, True) == " ".join(more)
