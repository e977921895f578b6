from itertools import islice

import numpy as np
import pytest

from core.data.samplers import camera_batches, identity_batches, label_shuffled_batches
from core.errors import UserError

IDENTITIES = np.repeat(np.arange(6), [1, 2, 3, 4, 12, 30])
# each row: an identity, its camera, its number of images there; camera 0 is unknown
SEEN = [(0, 1, 3), (0, 2, 1), (1, 1, 4), (1, 2, 2), (1, 3, 2), (2, 2, 5), (2, 3, 2), (3, 3, 2), (3, 1, 2), (4, 1, 9)]
SEEN += [(5, 0, 4), (5, 1, 4), (6, 4, 2), (6, 5, 2)]
SEEN_IDENTITIES, SEEN_CAMERAS = (np.repeat(*np.array(SEEN)[:, [column, 2]].T) for column in (0, 1))


def take(batches, count):
    taken = list(islice(batches, count))
    assert len(taken) == count
    return taken


def test_identity_batches_have_p_identities_of_k_images():
    for batch in take(identity_batches(IDENTITIES, people=3, images=4, seed=0), 50):
        people = IDENTITIES[batch].reshape(3, 4)
        assert (people == people[:, :1]).all()
        assert len(set(people[:, 0])) == 3
        assert 0 not in people  # a single image has no positive pair


def test_identity_batches_repeat_images_only_if_there_are_too_few():
    for batch in take(identity_batches(IDENTITIES, people=5, images=4, seed=0), 20):
        for group in batch.reshape(5, 4):
            size = (IDENTITIES == IDENTITIES[group[0]]).sum()
            assert len(set(group)) == min(4, size)


def test_every_identity_is_drawn_before_any_is_repeated():
    identities = np.repeat(np.arange(9), 4)
    batches = take(identity_batches(identities, people=3, images=2, seed=0), 6)
    for round_of_three in (batches[:3], batches[3:]):
        assert set(identities[np.concatenate(round_of_three)]) == set(range(9))


def test_identities_that_fill_no_batch_are_not_drawn_in_this_round():
    identities = np.repeat(np.arange(11), 4)
    batches = take(identity_batches(identities, people=3, images=2, seed=0), 60)
    rounds = [identities[np.concatenate(batches[start : start + 3])] for start in range(0, 60, 3)]
    assert all(len(set(drawn)) == 9 for drawn in rounds) and set(np.concatenate(rounds)) == set(range(11))


def test_too_few_identities_raise():
    with pytest.raises(UserError, match="Batches of 6 identities .* has 5"):
        next(identity_batches(IDENTITIES, people=6, images=4, seed=0))


def test_camera_batches_have_the_same_identities_from_both_cameras_of_a_pair():
    pairs = set()
    for batch in take(camera_batches(SEEN_IDENTITIES, SEEN_CAMERAS, 4, 4, cameras_per_batch=4, seed=0), 100):
        cameras = SEEN_CAMERAS[batch].reshape(2, 2, 4)  # pairs, cameras of a pair, images of a camera
        assert (cameras == cameras[:, :, :1]).all()
        people = SEEN_IDENTITIES[batch].reshape(2, 2, 2, 2)  # ..., identities, images
        assert (people == people[:, :1, :, :1]).all()
        assert (people[:, 0, 0] != people[:, 0, 1]).all()
        pairs |= {tuple(pair) for pair in cameras[:, :, 0].tolist()}
        for drawn in batch.reshape(-1, 2):
            person, camera = SEEN_IDENTITIES[drawn[0]], SEEN_CAMERAS[drawn[0]]
            size = ((SEEN_IDENTITIES == person) & (SEEN_CAMERAS == camera)).sum()
            assert len(set(drawn)) == min(2, size)
    # the pair 4, 5 has one identity; identity 4 has one camera, and the other camera of identity 5 is unknown
    assert pairs == {(1, 2), (1, 3), (2, 3)}


def test_camera_batches_repeat_identities_only_if_the_pair_has_too_few():
    for batch in take(camera_batches(SEEN_IDENTITIES, SEEN_CAMERAS, 3, 2, cameras_per_batch=2, seed=0), 20):
        assert len(set(SEEN_IDENTITIES[batch])) == 2


def test_camera_batches_visit_every_identity():
    seen = np.concatenate(take(camera_batches(SEEN_IDENTITIES, SEEN_CAMERAS, 2, 2, cameras_per_batch=2, seed=0), 4))
    assert set(SEEN_IDENTITIES[seen]) == {0, 1, 2, 3}


def test_camera_batches_of_one_camera_raise():
    with pytest.raises(UserError, match="the same two cameras have seen"):
        next(camera_batches(SEEN_IDENTITIES, np.ones_like(SEEN_CAMERAS), 4, 4, cameras_per_batch=2, seed=0))


def test_label_shuffled_batches_equal_the_authors_layer():
    """Batches are full. A visit takes at most `cap` images of an identity, the first one in the order of the data."""
    stream = np.concatenate(take(label_shuffled_batches(IDENTITIES, batch_size=8, cap=10, seed=0), 30))
    turns = np.split(stream, np.flatnonzero(np.diff(IDENTITIES[stream])) + 1)
    assert all(len(batch) == 8 for batch in take(label_shuffled_batches(IDENTITIES, 8, 10, 0), 30))
    first_round = turns[:6]
    assert sorted(IDENTITIES[turn[0]] for turn in first_round) == list(range(6))
    for turn in first_round:
        person = IDENTITIES[turn[0]]
        assert turn.tolist() == np.flatnonzero(IDENTITIES == person)[:10].tolist()
    assert any(turn.tolist() != np.sort(turn).tolist() for turn in turns[6:])  # later visits are shuffled


@pytest.mark.parametrize(
    "batches",
    [
        lambda seed: identity_batches(IDENTITIES, 3, 4, seed),
        lambda seed: identity_batches(IDENTITIES, 3, 4, seed, IDENTITIES // 2),
        lambda seed: label_shuffled_batches(IDENTITIES, 16, 10, seed),
        lambda seed: camera_batches(SEEN_IDENTITIES, SEEN_CAMERAS, 4, 4, 4, seed),
    ],
)
def test_seed_determines_all_batches(batches):
    one, two, other = (np.stack(take(batches(seed), 20)) for seed in (0, 0, 1))
    assert (one == two).all() and (one != other).any()


def test_batches_of_families_hold_whole_families():
    identities, family_of = np.repeat(np.arange(12), 4), np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 3, 3])
    pairs = set()
    for batch in take(identity_batches(identities, 3, 2, seed=0, families=family_of[identities]), 80):
        people = identities[batch].reshape(3, 2)[:, 0]
        assert len(set(people)) == 3
        assert len(set(family_of[people])) == 1
        pairs |= {tuple(people)}
    assert len(pairs) == 4 * 6  # every family, its members in every order


def test_batches_of_families_divide_only_the_families_at_their_ends():
    family_of = np.repeat(np.arange(8), [1, 5, 3, 4, 2, 6, 1, 2])
    identities = np.repeat(np.arange(len(family_of)), 2)
    batches = take(identity_batches(identities, 6, 2, seed=3, families=family_of[identities]), 4)
    drawn = identities[np.concatenate(batches)][::2]
    assert sorted(drawn) == list(range(24))  # each identity once
    changes = np.count_nonzero(np.diff(family_of[drawn]))
    assert changes == 7  # each family in one piece
