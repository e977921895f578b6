"""The verdicts of a calibration, worked by hand."""

from dataclasses import fields

import numpy as np
import pytest

from core.evaluation.calibration import Calibration, CalibrationData
from core.evaluation.verdict import (
    POSSIBLY,
    PROBABLY,
    PROBABLY_NOT,
    format_probability,
    judge_pair,
    judge_presence,
)
from core.evaluation.verification import EDGES, ScoreCounts


@pytest.fixture
def calibration() -> Calibration:
    """Even odds at 0.5; scores of pairs and searches are spread evenly between two ends."""
    scores = {"same": (0.3, 0.9), "different": (0.0, 0.6), "strangers": (0.2, 0.6), "own": (0.4, 0.8)}
    counts = {name: np.histogram(np.linspace(*ends, 4001), EDGES)[0] for name, ends in scores.items()}
    counts["found"] = counts["own"]
    counted = ScoreCounts(*(counts[one.name] for one in fields(ScoreCounts)))
    return Calibration(20.0, -10.0, counted, CalibrationData("made", "nobody", 100))


@pytest.mark.parametrize(
    ("score", "prior", "odds", "word"),
    [
        (0.5, 2, 1, POSSIBLY),  # the log-likelihood ratio is 20 * 0.5 - 10 = 0, and a prior of 1 in 2 has odds of 1
        (0.7, 2, np.exp(4), PROBABLY),
        (0.3, 2, np.exp(-4), PROBABLY_NOT),
        (0.7, 100, np.exp(4) / 99, POSSIBLY),  # the same score, if 1 pair in 100 is a true match
        (0.5, 11, 1 / 10, PROBABLY_NOT),  # probability 9 %
        (0.5 + np.log(9) / 20 + 1e-9, 2, 9, PROBABLY),  # probability 90 %
    ],
)
def test_the_verdict_on_a_pair_follows_the_odds(calibration, score, prior, odds, word):
    pair = judge_pair(calibration, score, prior)
    assert pair.probability == pytest.approx(odds / (1 + odds)) and pair.word == word
    assert (pair.score, pair.prior) == (score, prior)


def test_a_pair_is_set_against_the_pairs_of_the_calibration(calibration):
    """Different identities score from 0 to 0.6 and one identity from 0.3 to 0.9: 0.45 leaves a quarter on its side."""
    pair = judge_pair(calibration, 0.45)
    assert pair.false_match_rate == pytest.approx(0.25, abs=0.01)
    assert pair.miss_rate == pytest.approx(0.25, abs=0.01)


def test_the_reasons_state_the_probability_and_its_prior(calibration):
    rare, high = judge_pair(calibration, 0.45, 1000), judge_pair(calibration, 0.95)
    assert rare.answer == "Probably not the same person." and high.answer == "Probably the same person."
    assert rare.reasons.startswith("The probability of a true match is less than 1 %, with a prior of 1 true match in ")
    assert "1 true match in 1,000 pairs" in rare.reasons and rare.reasons.count("25 %") == 2
    assert high.reasons.startswith("The probability of a true match is more than 99 %")
    assert "less than 0.01 % of the pairs of different identities" in high.reasons
    assert "more than 99.99 % of the pairs of one identity" in high.reasons


def test_presence_is_judged_by_the_top_score(calibration):
    """A quarter of the absent and three quarters of the present people score 0.5 or more."""
    word, absent, present = judge_presence(calibration, 0.5, 100)
    assert word == POSSIBLY and (absent, present) == pytest.approx((0.25, 0.25), abs=0.01)
    assert judge_presence(calibration, 0.58, 100)[0] == PROBABLY  # 5 % of the absent people score as high
    assert judge_presence(calibration, 0.42, 100)[0] == PROBABLY_NOT  # 5 % of the present people score lower


def test_probabilities_are_never_certain():
    assert [format_probability(one) for one in (0.0001, 0.5, 0.99999)] == ["<1 %", "50 %", ">99 %"]
