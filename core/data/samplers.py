"""Endless batches of image numbers. A seed fixes them all, so a run resumes by skipping those it has seen."""

from collections.abc import Iterator

import numpy as np

from core.errors import UserError


def label_shuffled_batches(identities: np.ndarray, batch_size: int, cap: int, seed: int) -> Iterator[np.ndarray]:
    """(N,) identities -> batches (batch_size,) of indices, as the authors' label shuffling layer makes them.

    Identities are walked in random order; each gives at most `cap` of its images in a row and is then reshuffled
    (its first turn is in the order of the data). A batch is filled exactly, so an identity may straddle two.
    """
    random = np.random.default_rng(seed)
    images = _by_identity(identities)
    batch: list[int] = []
    while True:
        for person in random.permutation(len(images)):
            turn = images[person][:cap].tolist()
            images[person] = random.permutation(images[person])
            batch += turn
            while len(batch) >= batch_size:
                yield np.array(batch[:batch_size])
                batch = batch[batch_size:]


def identity_batches(identities: np.ndarray, people: int, images: int, seed: int) -> Iterator[np.ndarray]:
    """(N,) identities -> batches (people * images,) of indices: P identities with K images each.

    An identity comes again when all others have had their turn; its images are drawn without repetition if it has
    enough of them. Identities with a single image are never drawn: they hold no positive pair.
    Raises UserError if fewer than `people` identities have two images.
    """
    random = np.random.default_rng(seed)
    groups = [group for group in _by_identity(identities) if len(group) > 1]
    if len(groups) < people:
        raise UserError(
            f"Batches of {people} identities need as many identities with two or more images; "
            f"the training data has {len(groups)}."
        )
    while True:
        order = random.permutation(len(groups))
        for start in range(0, len(order) - people + 1, people):
            drawn = [_draw(groups[person], images, random) for person in order[start : start + people]]
            yield np.concatenate(drawn)


def _by_identity(identities: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(identities == identity) for identity in np.unique(identities)]


def _draw(group: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """`count` images; each is drawn again only after all others of the group."""
    rounds = [random.permutation(group) for _ in range(-(-count // len(group)))]
    return np.concatenate(rounds)[:count]
