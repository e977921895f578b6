"""The texts about calibrated scores, computed by hand."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from app.search import texts
from app.search.calibration_panel import (
    add_probabilities,
    describe,
    judge_presence,
    mark_threshold,
)
from app.shared import texts as shared_texts
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


def test_presence_is_judged_by_the_top_score():
    """A quarter of the absent and three quarters of the present people score 0.5 or more."""
    sentence = judge_presence(ranked(0.3, 0.5), 100, calibration())
    assert sentence == texts.UNDECIDED.format(absent="25", present="25")
    # twice as many images are two searches: 1 - 0.75 ** 2
    assert judge_presence(ranked(0.5), 200, calibration()) == texts.UNDECIDED.format(absent="44", present="25")
    assert judge_presence(ranked(0.7), 100, calibration()) == texts.PRESENT.format(absent=texts.FEWER_THAN_1)
    assert judge_presence(ranked(0.58), 100, calibration()) == texts.PRESENT.format(absent="5")
    # 0.42 is above 5 % of the present people, whose top scores are from 0.4 to 0.8
    assert judge_presence(ranked(0.42), 100, calibration()) == texts.ABSENT.format(present="5")


CROPS = [{"title": "a"}, {"title": "b"}, {"title": "c"}]


def test_the_first_result_below_the_threshold_is_marked():
    found = mark_threshold(CROPS, ranked(0.7, 0.65, 0.3), calibration(), 100)
    assert [one["title"] for one in found] == ["a", "b", "c"]
    assert [one.get("cut") for one in found] == [None, None, texts.THRESHOLD_LINE.format(threshold=0.594, rate=100)]
    assert mark_threshold(CROPS, ranked(0.7, 0.7, 0.7), calibration(), 100) == CROPS  # none is below
    assert "cut" in mark_threshold(CROPS, ranked(0.1, 0.1, 0.1), calibration(), 100)[0]  # all are below


def test_results_have_probabilities():
    found = add_probabilities(CROPS, ranked(0.7, 0.65, 0.3), calibration(), 1000)
    assert [one["chance"] for one in found] == ["5 %", "2 %", "<1 %"]
    assert found[0]["title"] == texts.PROBABILITY_TITLE.format(title="a", probability="5 %")


def test_the_basis_of_verdict_and_probabilities_is_described():
    assert "python -m core calibrate" in describe(None, 100, 100, 10, False, False)
    plain = shared_texts.CALIBRATED_ON.format(data="made", people="nobody")
    line = texts.THRESHOLD_USED.format(threshold=0.594, rate=100)
    assert describe(calibration(), 0, 100, 50, False, False) == f"{plain} {line}"
    assert describe(calibration(), 10, 100, 50, False, False) == f"{texts.PRIOR_USED.format(prior=10)} {plain} {line}"
    more = [plain, texts.EXTRAPOLATED.format(gallery=100, images=500), texts.AVERAGED, texts.REORDERED]
    assert describe(calibration(), 0, 100, 500, True, True) == " ".join(more)


@pytest.mark.parametrize("switched_on", [{}, {"adapt": "true"}, {"expand": "2"}])
def test_the_calibration_is_transferred_to_the_gallery_with_post_processing_too(switched_on, open_app, monkeypatch):
    """The scores stay those of the gallery without post-processing."""
    monkeypatch.setattr("app.shared.calibrations.transfer", lambda own, gallery, key: calibration())
    captions = [caption.value for caption in open_app(probe="0005_c1s1_000501_01.png", **switched_on).caption]
    [shown] = [one for one in captions if shared_texts.CALIBRATED_ON.format(data="made", people="nobody") in one]
    assert (texts.REORDERED in shown) is bool(switched_on)
