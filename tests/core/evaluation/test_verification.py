"""Verification and open-set rates, compared with loops over pairs and probes."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from core.data.records import Record
from core.errors import UserError
from core.evaluation.verification import BINS, EDGES, ScoreCounts, count_scores, share_above, threshold_for


def make_data(seed=0, probes=12, images=40, people=6, cameras=3):
    """Make descriptors and records of probes and gallery; some are distractors, unlabelled, or without a camera.

    Descriptors are multiples of 1/64, so that scores are exact and fall into the same bins on all processors.
    """
    random = np.random.default_rng(seed)
    centres = random.standard_normal((people, 8))

    def some(count, name):
        identities = random.integers(0, people, count)
        found = centres[identities] + random.standard_normal((count, 8))
        found = (64 * found / np.linalg.norm(found, axis=1, keepdims=True)).round().astype(np.float32) / 64
        names = [
            "distractor" if one == 0 and name == "gallery" else "" if number % 11 == 10 else f"p{one}"
            for number, one in enumerate(identities)
        ]
        return found, [
            Record(Path(f"/{name}/{number}"), person, int(random.integers(0, cameras + 1)))
            for number, person in enumerate(names)
        ]

    return *some(probes, "query"), *some(images, "gallery")


def scores_by_loops(query, query_records, gallery, gallery_records, include_same_camera):
    """Return the scores of ScoreCounts, field by field, as lists."""
    same, different, strangers, own, found = [], [], [], [], []
    for descriptor, probe in zip(query, query_records, strict=True):
        if not probe.identity or probe.identity == "distractor":
            continue
        matches, others = [], []
        for other, record in zip(gallery, gallery_records, strict=True):
            score = float(descriptor @ other)
            if not record.identity or record.path == probe.path:
                continue
            if record.identity != probe.identity:
                others.append(score)
            elif include_same_camera or not probe.camera or record.camera != probe.camera:
                matches.append(score)
        same, different = same + matches, different + others
        strangers.append(max(others))
        own += [max(matches)] if matches else []
        found += [max(matches)] if matches and max(matches) > max(others) else []
    return same, different, strangers, own, found


@pytest.mark.parametrize("include_same_camera", [False, True])
@pytest.mark.parametrize("against_itself", [False, True])
def test_counts_equal_loops(include_same_camera, against_itself):
    query, query_records, gallery, gallery_records = make_data()
    if against_itself:
        query, query_records = gallery, gallery_records
    counts = count_scores(query, query_records, gallery, gallery_records, include_same_camera)
    loops = scores_by_loops(query, query_records, gallery, gallery_records, include_same_camera)
    for one, scores in zip(fields(counts), loops, strict=True):
        np.testing.assert_array_equal(getattr(counts, one.name), np.histogram(scores, EDGES)[0], one.name)


@pytest.mark.parametrize("block", [1, 4 * 40 * 5, 4 * 40 * 12])
def test_block_size_does_not_change_counts(block, monkeypatch):
    whole = count_scores(*make_data(), include_same_camera=False)
    monkeypatch.setattr("core.evaluation.verification.SCORE_BLOCK_BYTES", block)  # bytes: 1, 5 and all 12 probes
    for one in fields(whole):
        np.testing.assert_array_equal(getattr(count_scores(*make_data()), one.name), getattr(whole, one.name), one.name)


def test_ties_and_absent_people():
    """a has score 1 with b and itself (a tie is not rank 1) and -1 with c. z is absent and has score 0 with all."""
    query, gallery = np.eye(2, dtype=np.float32), np.array([[1, 0], [1, 0], [-1, 0]], np.float32)
    probes, images = (
        [Record(Path(f"/{person}{camera}"), person, camera) for person in people]
        for camera, people in ((1, "az"), (2, "bac"))
    )
    counts = count_scores(query, probes, gallery, images)
    binned = {
        one.name: {
            round(EDGES[index], 3): getattr(counts, one.name)[index]
            for index in np.flatnonzero(getattr(counts, one.name))
        }
        for one in fields(counts)
    }
    assert binned == {
        "same": {0.995: 1},
        "different": {-1: 1, 0: 3, 0.995: 1},
        "strangers": {0: 1, 0.995: 1},
        "own": {0.995: 1},
        "found": {},
    }


def test_empty_gallery_gives_empty_counts():
    query, records, gallery, _ = make_data()
    counts = count_scores(query, records, gallery[:0], [])
    assert not any(getattr(counts, one.name).any() for one in fields(counts))


def at(**scores: list[float]) -> ScoreCounts:
    """Count scores that are at the centres of bins."""
    return ScoreCounts(*(np.histogram(scores.get(one.name, []), EDGES)[0] for one in fields(ScoreCounts)))


def test_rates_by_hand():
    counts = at(
        same=[0.9025, 0.8025, 0.4025, 0.1025],
        different=[0.5025, 0.2025, -0.2975, -0.4975, -0.6975],
        strangers=[0.5025, 0.2025],
        own=[0.9025, 0.4025, 0.3025],
        found=[0.9025, 0.3025],
    )
    assert counts.false_match_rate(0.3) == pytest.approx(1 / 5) and counts.miss_rate(0.3) == pytest.approx(1 / 4)
    assert counts.false_alarm_rate(0.3) == pytest.approx(1 / 2) and counts.detection_rate(0.3) == pytest.approx(2 / 3)
    assert counts.detection_rate(0.5) == pytest.approx(1 / 3)
    rate, threshold = counts.equal_error_rate
    assert rate == pytest.approx(counts.miss_rate(threshold)) == pytest.approx(counts.false_match_rate(threshold))
    assert rate == pytest.approx(1 / 4) and 0.2 < threshold < 0.205  # where false matches fall from 2/5 to 1/5


def test_figures_by_hand():
    """20 of 1,000 pairs of different identities are in the bin from 0.3 to 0.305.

    So 1 % and 0.1 % of them reach the scores at 1/2 and 19/20 of its width. 4 of 10 pairs of one identity are in this
    bin as well. Both error rates are equal at 1/21 of its width: 0.4 / 21 = 0.02 (1 - 1/21). All top scores for absent
    people are in the bin from 0.2 to 0.205, and so are 2 of 4 found.
    """
    counts = at(
        same=4 * [0.3025] + 6 * [0.5025],
        different=980 * [0.1025] + 20 * [0.3025],
        strangers=10 * [0.2025],
        own=8 * [0.5025],
        found=2 * [0.2025] + 2 * [0.5025],
    )
    misses = {"misses at FMR 1 %": 100 * 0.4 / 2, "misses at FMR 0.1 %": 100 * 0.4 * 19 / 20}
    found = {"found at 1 % alarms": 100 * (2 + 2 / 100) / 8, "found at 10 % alarms": 100 * (2 + 2 / 10) / 8}
    rates = {"EER": 1.9048} | misses  # 40 / 21 in four decimals
    assert counts.figures == pytest.approx(rates | found, abs=1e-6)
    empty = np.zeros_like(counts.own)
    for searched in (replace(counts, own=empty, found=empty), replace(counts, strangers=empty)):
        assert searched.figures == pytest.approx(rates, abs=1e-6)


def test_rates_of_no_score_and_of_one_score():
    with np.errstate(all="raise"):
        assert at().false_match_rate(0) == at().detection_rate(0) == 0
    one = at(same=[0.2025], different=[0.2025], own=[0.2025], found=[0.2025])
    assert [one.detection_rate(0.2), one.false_match_rate(0.2), one.false_match_rate(-1)] == pytest.approx([1, 1, 1])
    assert [one.miss_rate(0.2), one.detection_rate(0.205), one.false_match_rate(1)] == pytest.approx([0, 0, 0])
    assert one.false_match_rate(np.array([0.201, 0.204])).tolist() == pytest.approx([4 / 5, 1 / 5])


def test_threshold_for_inverts_share_above():
    random = np.random.default_rng(1)
    counts = np.histogram(random.normal(0, 0.2, 50_000), EDGES)[0]
    for share in (0.5, 0.1, 1e-3, 1e-4):
        assert share_above(counts, threshold_for(counts, share)) == pytest.approx(share, rel=1e-9)
    assert threshold_for(counts, 1) == -1
    top = threshold_for(counts, 0)  # the upper edge of the highest bin that is not empty
    assert share_above(counts, top) == 0 and share_above(counts, top - 1e-3) > 0


def test_scores_in_the_lowest_bin_count():
    counts = at(different=[-0.9975, 0.5025])
    assert counts.false_match_rate(np.array([-1, -0.995, 0.5])).tolist() == pytest.approx([1, 1 / 2, 1 / 2])


def test_equal_error_rate_is_zero_for_separated_scores():
    rate, threshold = at(same=[0.9025], different=[0.1025]).equal_error_rate
    assert rate == 0 and 0.1 < threshold <= 0.9


def test_write_and_read(tmp_path):
    counts = count_scores(*make_data())
    counts.write(tmp_path / "kept" / "scores.csv")
    again = ScoreCounts.read(tmp_path / "kept" / "scores.csv")
    for one in fields(counts):
        np.testing.assert_array_equal(getattr(again, one.name), getattr(counts, one.name))
    both = counts + again
    assert both.same.sum() == 2 * counts.same.sum() and len(both.same) == BINS
    both.write(tmp_path / "kept" / "scores.csv")  # over the other
    np.testing.assert_array_equal(ScoreCounts.read(tmp_path / "kept" / "scores.csv").different, both.different)
    both.write(tmp_path / "a folder" / "of a folder" / "scores.csv")


def test_table_has_a_row_for_each_bin_with_scores(tmp_path):
    at(same=[0.5025, 0.503], different=[-0.9975]).write(tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text().splitlines() == [
        "score,same,different,strangers,own,found",
        "-1.0,0,1,0,0,0",
        "0.5,2,0,0,0,0",
    ]
    assert ScoreCounts.read(tmp_path / "scores.csv").different[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "score,same\n0.1,3\n",
        "score,same,different,strangers,own,found\n9,1,1,1,1,1\n",
        "score,same,different,strangers,own,found\n0.1,x,1,1,1,1\n",
        "score,same,different,strangers,own,found\n0.1,1.5,1,1,1,1\n",
        "score,same,different,strangers,own,found\n-1.005,1,1,1,1,1\n",
    ],
)
def test_read_invalid_table_raises(tmp_path, text):
    (tmp_path / "scores.csv").write_text(text)
    with pytest.raises(UserError, match="not a table of counted scores"):
        ScoreCounts.read(tmp_path / "scores.csv")
