import numpy as np
import pytest

from core.errors import UserError
from core.evaluation.ranking import Order, count_ranks, first_by_cameras

PEOPLE = np.array(["", "0000", "a", "b", "c", "d", "e"])  # unknown, distractor, and five people


def small_world(seed, probes=40, images=60):
    """Descriptors of few whole numbers, so that scores are exact and often equal; cameras 0 (unknown) to 3."""
    random = np.random.default_rng(seed)
    query, gallery = (random.integers(-1, 2, (count, 3)).astype(np.float32) for count in (probes, images))
    labels = [
        random.choice(PEOPLE, probes),
        random.integers(0, 4, probes),
        random.choice(PEOPLE[:-1], images),
        random.integers(0, 4, images),
    ]
    return query, gallery, *labels  # nobody answers to "e"


def sorted_answers(query, gallery, people, cameras, gallery_people, gallery_cameras, include_same_camera=False):
    """For each probe its [(rank, place)], by sorting the gallery: the definition, image by image."""
    for descriptor, person, camera in zip(query, people, cameras, strict=True):
        answers, rank = [], 0
        for place in np.argsort(-(gallery @ descriptor), kind="stable"):
            same_person = person not in ("", "0000") and gallery_people[place] == person
            if same_person and camera != 0 and gallery_cameras[place] == camera and not include_same_camera:
                continue
            rank += 1
            if same_person:
                answers.append((rank, place))
        yield answers


def listed(ranks):
    pairs = list(zip(ranks.values.tolist(), ranks.places.tolist(), strict=True))
    return [pairs[start:end] for start, end in zip(ranks.offsets, ranks.offsets[1:], strict=False)]


@pytest.mark.parametrize("include_same_camera", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_counted_ranks_equal_a_stable_sort(seed, include_same_camera):
    world = small_world(seed)
    expected = list(sorted_answers(*world, include_same_camera))
    assert [] in expected  # probes without an answer are among them
    assert listed(count_ranks(*world, include_same_camera)) == expected


def test_small_enough_to_count():
    """Scores .9 (own camera), .8 (b), .8 (right), .7 (distractor), .6 (unknown), .5 (right) -> ranks 2 and 5."""
    gallery = np.array([[0.8], [0.8], [0.7], [0.5], [0.9], [0.6]], np.float32)
    people, cameras = np.array(["b", "a", "0000", "a", "a", ""]), np.array([1, 2, 3, 0, 1, 0])
    ranks = count_ranks(np.ones((1, 1), np.float32), gallery, np.array(["a"]), np.array([1]), people, cameras)
    assert (ranks.values.tolist(), ranks.places.tolist(), ranks.offsets.tolist()) == ([2, 5], [1, 3], [0, 2])


def test_one_chunk_equals_many():
    world, told = small_world(0), []
    whole, parts = count_ranks(*world), count_ranks(*world, chunk=7, on_progress=told.append)
    assert listed(whole) == listed(parts)
    assert told == [7, 7, 7, 7, 7, 5]


@pytest.mark.parametrize("block", [1, 4 * 60 * 7])
def test_blocks_of_scores_limit_how_many_probes_are_ranked_at_a_time(block, monkeypatch):
    whole, told = count_ranks(*small_world(0)), []
    monkeypatch.setattr("core.evaluation.ranking.SCORE_BLOCK_BYTES", block)  # bytes: of less than 1 probe, and of 7
    assert listed(count_ranks(*small_world(0), on_progress=told.append)) == listed(whole)
    assert told == ([1] * 40 if block == 1 else [7, 7, 7, 7, 7, 5])


def test_another_order_is_told_what_does_not_count():
    """The least similar first: a's images have scores 9 (own camera), 7 and 2, b's has 5; c is not in the gallery."""
    told = []

    def opposite(query, gallery, barred):
        told.extend(places.tolist() for places in barred)
        return lambda some: -query[some] @ gallery.T

    gallery = np.array([[9], [5], [7], [2]], np.float32)
    ranks = count_ranks(
        np.ones((2, 1), np.float32),
        gallery,
        ["a", "c"],
        [1, 1],
        ["a", "b", "a", "a"],
        [1, 1, 2, 3],
        order=Order(opposite, {"order": "opposite"}, "the least similar first"),
    )
    assert told == [[0], []] and ranks.values.dtype.kind == "i"
    assert listed(ranks) == [[(1, 3), (3, 2)], []]


def test_probes_and_hits_number_the_answers():
    ranks = count_ranks(*small_world(0))
    for probe, count in enumerate(ranks.counts):
        assert ranks.hits[ranks.probes == probe].tolist() == list(range(1, count + 1))


def test_nothing_to_rank():
    query, gallery, people, cameras, gallery_people, gallery_cameras = small_world(0)
    no_probes = count_ranks(query[:0], gallery, people[:0], cameras[:0], gallery_people, gallery_cameras)
    assert len(no_probes.values) == 0 and no_probes.offsets.tolist() == [0]
    no_gallery = count_ranks(query, gallery[:0], people, cameras, gallery_people[:0], gallery_cameras[:0])
    assert len(no_gallery.values) == 0 and no_gallery.counts.tolist() == [0] * len(query)


def test_a_score_that_is_not_a_number_comes_last():
    gallery = np.array([[np.nan], [0.5], [0.1]], np.float32)
    people = np.array(["a", "b", "c"])
    ranks = count_ranks(np.ones((2, 1), np.float32), gallery, np.array(["a", "c"]), [1, 1], people, [2, 2, 2])
    assert ranks.values.tolist() == [3, 2]  # a broken descriptor never wins, and takes nobody's rank


@pytest.mark.parametrize("include_same_camera", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_broken_descriptors_equal_a_stable_sort(seed, include_same_camera):
    """numpy's sort puts what is not a number last; some of it is of the probe's identity, some of its camera too."""
    world = small_world(seed)
    world[1][::4] = np.nan  # of the gallery
    world[0][::10] = np.nan  # of the probes
    assert listed(count_ranks(*world, include_same_camera)) == list(sorted_answers(*world, include_same_camera))


def test_labels_that_do_not_fit_are_told():
    query, gallery, people, cameras, gallery_people, gallery_cameras = small_world(0)
    with pytest.raises(UserError, match="gallery needs one identity and one camera; got 60 descriptors, 59 identities"):
        count_ranks(query, gallery, people, cameras, gallery_people[1:], gallery_cameras)
    with pytest.raises(UserError, match="query needs one identity and one camera; .* 40 identities and 39 cameras"):
        count_ranks(query, gallery, people, cameras[1:], gallery_people, gallery_cameras)


@pytest.mark.parametrize("seed", range(5))
def test_first_by_cameras_equals_counting_probe_by_probe(seed):
    world = small_world(seed)
    query, gallery, people, cameras, gallery_people, gallery_cameras = world
    table = first_by_cameras(count_ranks(*world), cameras, gallery_cameras)
    assert table.index.tolist() == table.columns.tolist() == [0, 1, 2, 3]
    for row in table.index:
        for column in table.columns:
            firsts = []
            for camera, answers in zip(cameras, sorted_answers(*world), strict=True):
                wrong_before = [
                    rank - hit for hit, (rank, place) in enumerate(answers, start=1) if gallery_cameras[place] == column
                ]
                if camera == row and wrong_before:
                    firsts.append(wrong_before[0] == 0)
            expected = 100 * np.mean(firsts) if firsts else np.nan
            assert table.loc[row, column] == pytest.approx(expected, nan_ok=True)


def test_first_by_cameras_sets_other_cameras_aside():
    """Ranking: right from 2, right from 3, wrong, right from 4; nobody of the probe's own camera counts."""
    gallery = np.array([[0.9], [0.8], [0.7], [0.6], [0.5]], np.float32)
    people, cameras = np.array(["a", "a", "b", "a", "a"]), np.array([2, 3, 1, 4, 1])
    ranks = count_ranks(np.ones((1, 1), np.float32), gallery, np.array(["a"]), np.array([1]), people, cameras)
    table = first_by_cameras(ranks, np.array([1]), cameras)
    assert table.index.tolist() == [1] and table.columns.tolist() == [1, 2, 3, 4]
    np.testing.assert_array_equal(table.loc[1], [np.nan, 100, 100, 0])
    np.testing.assert_array_equal(first_by_cameras(ranks, [1], cameras.tolist()), table)  # of lists as well


def test_cameras_whose_probes_have_no_true_match_have_a_row_of_their_own():
    gallery, people = np.array([[0.9], [0.8]], np.float32), np.array(["a", "b"])
    ranks = count_ranks(np.ones((2, 1), np.float32), gallery, np.array(["a", "c"]), [1, 5], people, [2, 3])
    table = first_by_cameras(ranks, [1, 5], [2, 3])
    assert table.index.tolist() == [1, 5] and table.columns.tolist() == [2, 3]
    np.testing.assert_array_equal(table, [[100, np.nan], [np.nan, np.nan]])
