"""True matches, false matches and ignored images."""

from pathlib import Path

import numpy as np
import pytest

from app.shared import texts, true_matches
from core.data.records import Record
from core.search.gallery import Gallery

PROBE = Record(Path("/data/probe.jpg"), "0002", 1)


def gallery() -> Gallery:
    angles = np.radians([10, 20, 30, 40, 50])
    return Gallery(
        np.stack([np.cos(angles), np.sin(angles)], axis=1),
        [f"/data/{letter}.jpg" for letter in "abcde"],
        ["0002", "0007", "0002", "distractor", "0002"],
        [1, 2, 2, 3, 3],
    )


def test_true_matches_by_hand():
    """The rule ignores a: b c d e are ranks 1 to 4, true at 2 and 4, so average precision is (1/2 + 2/4) / 2."""
    ranking = gallery().search(np.array([1.0, 0.0]), 5, None, true_matches.asked_for(PROBE, True))
    found = true_matches.find_true_matches(gallery(), ranking, PROBE, True, [])
    assert list(found.counted["rank"]) == [2, 4]
    assert [Path(path).name for path in found.excluded["path"]] == ["a.jpg"]
    assert found.sentence == texts.FIRST_TRUE_MATCH.format(rank=2, count=2, precision=0.5)


def test_without_the_rule_nothing_is_ignored():
    ranking = gallery().search(np.array([1.0, 0.0]), 5, None, true_matches.asked_for(PROBE, False))
    found = true_matches.find_true_matches(gallery(), ranking, PROBE, False, [])
    assert list(found.counted["rank"]) == [1, 3, 5] and found.excluded.empty


def test_cameras_that_are_not_searched_have_no_true_matches():
    ranking = gallery().search(np.array([1.0, 0.0]), 5, [3], true_matches.asked_for(PROBE, True))
    found = true_matches.find_true_matches(gallery(), ranking, PROBE, True, [3])
    assert list(found.counted["rank"]) == [2] and found.excluded.empty
    ranking = gallery().search(np.array([1.0, 0.0]), 5, [1], true_matches.asked_for(PROBE, True))
    assert true_matches.find_true_matches(gallery(), ranking, PROBE, True, [1]).sentence == texts.NO_TRUE_MATCH


def test_results_are_marked():
    unnamed, distractor = Record(Path("x")), Record(Path("x"), "distractor", 1)
    assert true_matches.verdict("0002", PROBE) == "right"
    assert true_matches.verdict("distractor", PROBE) == true_matches.verdict("0007", PROBE) == "wrong"
    assert {true_matches.verdict("0002", probe) for probe in (None, unnamed, distractor)} == {"unknown"}
    assert true_matches.verdict("", PROBE) == "unknown"


def test_ranking_as_csv():
    ranking = gallery().search(np.array([1.0, 0.0]), 2)
    lines = true_matches.as_csv(ranking, Path("/data")).decode().splitlines()
    header, *rows = (line.split(",") for line in lines)
    assert header == ["rank", "score", "path", "identity", "camera"]
    assert [[rank, *rest] for rank, _, *rest in rows] == [["1", "a.jpg", "0002", "1"], ["2", "b.jpg", "0007", "2"]]
    assert [len(score) for _, score, *_ in rows] == [len("0.123456")] * 2
    assert [float(score) for _, score, *_ in rows] == pytest.approx(np.cos(np.radians([10, 20])), abs=2e-6)
