import numpy as np
import pytest

from core.errors import UserError
from core.evaluation.ranking import Order, count_ranks, first_by_cameras

IDENTITIES = np.array(["", "distractor", "a", "b", "c", "d", "e"])  # unlabelled, distractor, and five identities


def make_data(seed, probes=40, images=60):
    """Make descriptors of small integers, so that scores are exact and often equal; cameras 0 (unknown) to 3."""
    random = np.random.default_rng(seed)
    query, gallery = (random.integers(-1, 2, (count, 3)).astype(np.float32) for count in (probes, images))
    labels = [
        random.choice(IDENTITIES, probes),
        random.integers(0, 4, probes),
        random.choice(IDENTITIES[:-1], images),
        random.integers(0, 4, images),
    ]
    return query, gallery, *labels  # the gallery has no image of "e"


def matches_by_sorting(
    query, gallery, identities, cameras, gallery_identities, gallery_cameras, include_same_camera=False
):
    """Yield [(rank, position)] of each probe's true matches by sorting the gallery."""
    for descriptor, identity, camera in zip(query, identities, cameras, strict=True):
        matches, rank = [], 0
        for position in np.argsort(-(gallery @ descriptor), kind="stable"):
            same_identity = identity not in ("", "distractor") and gallery_identities[position] == identity
            if same_identity and camera != 0 and gallery_cameras[position] == camera and not include_same_camera:
                continue
            rank += 1
            if same_identity:
                matches.append((rank, position))
        yield matches


def as_lists(ranks):
    pairs = list(zip(ranks.values.tolist(), ranks.positions.tolist(), strict=True))
    return [pairs[start:end] for start, end in zip(ranks.offsets, ranks.offsets[1:], strict=False)]


@pytest.mark.parametrize("include_same_camera", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_count_ranks_equals_stable_sort(seed, include_same_camera):
    data = make_data(seed)
    expected = list(matches_by_sorting(*data, include_same_camera))
    assert [] in expected  # probes without a true match are among them
    assert as_lists(count_ranks(*data, include_same_camera)) == expected


def test_count_ranks_by_hand():
    """Scores .9 (own camera), .8 (b), .8 (a), .7 (distractor), .6 (unlabelled), .5 (a) -> ranks 2 and 5."""
    gallery = np.array([[0.8], [0.8], [0.7], [0.5], [0.9], [0.6]], np.float32)
    identities, cameras = np.array(["b", "a", "distractor", "a", "a", ""]), np.array([1, 2, 3, 0, 1, 0])
    ranks = count_ranks(np.ones((1, 1), np.float32), gallery, np.array(["a"]), np.array([1]), identities, cameras)
    assert (ranks.values.tolist(), ranks.positions.tolist(), ranks.offsets.tolist()) == ([2, 5], [1, 3], [0, 2])


def test_chunk_size_does_not_change_ranks():
    data, calls = make_data(0), []
    whole, parts = count_ranks(*data), count_ranks(*data, chunk=7, on_progress=calls.append)
    assert as_lists(whole) == as_lists(parts)
    assert calls == [7, 7, 7, 7, 7, 5]


@pytest.mark.parametrize("block", [1, 4 * 60 * 7])
def test_score_block_bytes_limits_probes_per_block(block, monkeypatch):
    whole, calls = count_ranks(*make_data(0)), []
    monkeypatch.setattr("core.evaluation.ranking.SCORE_BLOCK_BYTES", block)  # bytes: of less than 1 probe, and of 7
    assert as_lists(count_ranks(*make_data(0), on_progress=calls.append)) == as_lists(whole)
    assert calls == ([1] * 40 if block == 1 else [7, 7, 7, 7, 7, 5])


def test_custom_order_gets_ignored_positions():
    """Sort by ascending score: a's images have scores 9 (own camera), 7 and 2, b's has 5; c is not in the gallery."""
    calls = []

    def opposite(query, gallery, ignored):
        calls.extend(positions.tolist() for positions in ignored)
        return lambda some: -query[some] @ gallery.T

    gallery = np.array([[9], [5], [7], [2]], np.float32)
    ranks = count_ranks(
        np.ones((2, 1), np.float32),
        gallery,
        ["a", "c"],
        [1, 1],
        ["a", "b", "a", "a"],
        [1, 1, 2, 3],
        order=Order(opposite, {"order": "opposite"}, "ascending score"),
    )
    assert calls == [[0], []] and ranks.values.dtype.kind == "i"
    assert as_lists(ranks) == [[(1, 3), (3, 2)], []]


def test_probes_and_hits_number_the_true_matches():
    ranks = count_ranks(*make_data(0))
    for probe, count in enumerate(ranks.counts):
        assert ranks.hits[ranks.probes == probe].tolist() == list(range(1, count + 1))


def test_no_probes_or_no_gallery():
    query, gallery, identities, cameras, gallery_identities, gallery_cameras = make_data(0)
    no_probes = count_ranks(query[:0], gallery, identities[:0], cameras[:0], gallery_identities, gallery_cameras)
    assert len(no_probes.values) == 0 and no_probes.offsets.tolist() == [0]
    no_gallery = count_ranks(query, gallery[:0], identities, cameras, gallery_identities[:0], gallery_cameras[:0])
    assert len(no_gallery.values) == 0 and no_gallery.counts.tolist() == [0] * len(query)


def test_nan_scores_rank_last():
    gallery = np.array([[np.nan], [0.5], [0.1]], np.float32)
    identities = np.array(["a", "b", "c"])
    ranks = count_ranks(np.ones((2, 1), np.float32), gallery, np.array(["a", "c"]), [1, 1], identities, [2, 2, 2])
    assert ranks.values.tolist() == [3, 2]  # NaN never ranks before a number


@pytest.mark.parametrize("include_same_camera", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_nan_descriptors_equal_stable_sort(seed, include_same_camera):
    """numpy sorts NaN last. Some NaN images are of the probe's identity, and some of its camera too."""
    data = make_data(seed)
    data[1][::4] = np.nan  # of the gallery
    data[0][::10] = np.nan  # of the probes
    assert as_lists(count_ranks(*data, include_same_camera)) == list(matches_by_sorting(*data, include_same_camera))


def test_different_numbers_of_labels_raise():
    query, gallery, identities, cameras, gallery_identities, gallery_cameras = make_data(0)
    with pytest.raises(UserError, match="gallery needs one identity and one camera; got 60 descriptors, 59 identities"):
        count_ranks(query, gallery, identities, cameras, gallery_identities[1:], gallery_cameras)
    with pytest.raises(UserError, match="query needs one identity and one camera; .* 40 identities and 39 cameras"):
        count_ranks(query, gallery, identities, cameras[1:], gallery_identities, gallery_cameras)


@pytest.mark.parametrize("seed", range(5))
def test_first_by_cameras_equals_loop(seed):
    data = make_data(seed)
    query, gallery, identities, cameras, gallery_identities, gallery_cameras = data
    table = first_by_cameras(count_ranks(*data), cameras, gallery_cameras)
    assert table.index.tolist() == table.columns.tolist() == [0, 1, 2, 3]
    for row in table.index:
        for column in table.columns:
            firsts = []
            for camera, matches in zip(cameras, matches_by_sorting(*data), strict=True):
                false_before = [
                    rank - hit
                    for hit, (rank, position) in enumerate(matches, start=1)
                    if gallery_cameras[position] == column
                ]
                if camera == row and false_before:
                    firsts.append(false_before[0] == 0)
            expected = 100 * np.mean(firsts) if firsts else np.nan
            assert table.loc[row, column] == pytest.approx(expected, nan_ok=True)


def test_first_by_cameras_ignores_other_cameras():
    """Ranking: true matches from cameras 2 and 3, a false match, a true match from camera 4. Camera 1 is ignored."""
    gallery = np.array([[0.9], [0.8], [0.7], [0.6], [0.5]], np.float32)
    identities, cameras = np.array(["a", "a", "b", "a", "a"]), np.array([2, 3, 1, 4, 1])
    ranks = count_ranks(np.ones((1, 1), np.float32), gallery, np.array(["a"]), np.array([1]), identities, cameras)
    table = first_by_cameras(ranks, np.array([1]), cameras)
    assert table.index.tolist() == [1] and table.columns.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(table.loc[1], [np.nan, 100, 100, 0])
    np.testing.assert_array_equal(first_by_cameras(ranks, [1], cameras.tolist()), table)  # lists are accepted


def test_first_by_cameras_keeps_cameras_without_true_match():
    gallery, identities = np.array([[0.9], [0.8]], np.float32), np.array(["a", "b"])
    ranks = count_ranks(np.ones((2, 1), np.float32), gallery, np.array(["a", "c"]), [1, 5], identities, [2, 3])
    table = first_by_cameras(ranks, [1, 5], [2, 3])
    assert table.index.tolist() == [1, 5] and table.columns.tolist() == [2, 3]
    np.testing.assert_array_equal(table, [[100, np.nan], [np.nan, np.nan]])
