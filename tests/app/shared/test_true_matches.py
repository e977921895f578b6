"""What is known about each answer."""

from pathlib import Path

import numpy as np
import pytest

from app.shared import true_matches
from core.data.records import Record
from core.search.gallery import Gallery

PROBE = Record(Path("/data/probe.jpg"), "0002", 1)


def gallery() -> Gallery:
    angles = np.radians([10, 20, 30, 40, 50])
    return Gallery(
        np.stack([np.cos(angles), np.sin(angles)], axis=1),
        [f"/data/{letter}.jpg" for letter in "abcde"],
        ["0002", "0007", "0002", "0000", "0002"],
        [1, 2, 2, 3, 3],
    )


def test_right_answers_by_hand():
    """With the rule a is left out: b c d e are ranks 1 to 4, right at 2 and 4, so precision is (1/2 + 2/4) / 2."""
    ranking = gallery().search(np.array([1.0, 0.0]), 5, None, true_matches.asked_for(PROBE, True))
    answers = true_matches.right_answers(gallery(), ranking, PROBE, True, [])
    assert list(answers.counted["rank"]) == [2, 4]
    assert [Path(path).name for path in answers.excluded["path"]] == ["a.jpg"]
    assert answers.sentence == "**First right answer at rank 2**; 2 right answers, average precision 50%"


def test_without_the_rule_nothing_is_left_out():
    ranking = gallery().search(np.array([1.0, 0.0]), 5, None, true_matches.asked_for(PROBE, False))
    answers = true_matches.right_answers(gallery(), ranking, PROBE, False, [])
    assert list(answers.counted["rank"]) == [1, 3, 5] and answers.excluded.empty


def test_cameras_that_are_not_searched_hold_no_answers():
    ranking = gallery().search(np.array([1.0, 0.0]), 5, [3], true_matches.asked_for(PROBE, True))
    answers = true_matches.right_answers(gallery(), ranking, PROBE, True, [3])
    assert list(answers.counted["rank"]) == [2] and answers.excluded.empty
    ranking = gallery().search(np.array([1.0, 0.0]), 5, [1], true_matches.asked_for(PROBE, True))
    assert "None of the images" in true_matches.right_answers(gallery(), ranking, PROBE, True, [1]).sentence


def test_verdicts():
    unnamed, distractor = Record(Path("x")), Record(Path("x"), "0000", 1)
    assert true_matches.verdict("0002", PROBE) == "right"
    assert true_matches.verdict("0000", PROBE) == true_matches.verdict("0007", PROBE) == "wrong"
    assert {true_matches.verdict("0002", probe) for probe in (None, unnamed, distractor)} == {"unknown"}
    assert true_matches.verdict("", PROBE) == "unknown"


def test_ranking_as_a_file():
    ranking = gallery().search(np.array([1.0, 0.0]), 2)
    lines = true_matches.as_csv(ranking, Path("/data")).decode().splitlines()
    header, *rows = (line.split(",") for line in lines)
    assert header == ["rank", "score", "path", "identity", "camera"]
    assert [[rank, *rest] for rank, _, *rest in rows] == [["1", "a.jpg", "0002", "1"], ["2", "b.jpg", "0007", "2"]]
    assert [len(score) for _, score, *_ in rows] == [len("0.123456")] * 2
    assert [float(score) for _, score, *_ in rows] == pytest.approx(np.cos(np.radians([10, 20])), abs=2e-6)
