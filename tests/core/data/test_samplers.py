from itertools import islice

import numpy as np
import pytest

from core.data.samplers import identity_batches, label_shuffled_batches
from core.errors import UserError

IDENTITIES = np.repeat(np.arange(6), [1, 2, 3, 4, 12, 30])


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


def test_too_few_identities_raise():
    with pytest.raises(UserError, match="Batches of 6 identities .* has 5"):
        next(identity_batches(IDENTITIES, people=6, images=4, seed=0))


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
        lambda seed: label_shuffled_batches(IDENTITIES, 16, 10, seed),
    ],
)
def test_seed_determines_all_batches(batches):
    one, two, other = (np.stack(take(batches(seed), 20)) for seed in (0, 0, 1))
    assert (one == two).all() and (one != other).any()
