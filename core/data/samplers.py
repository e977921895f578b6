"""Samplers: endless batches of image indices.

The seed determines all batches. A run resumes by skipping the batches that it has used.
"""

from collections.abc import Iterator

import numpy as np

from core.errors import UserError


def label_shuffled_batches(identities: np.ndarray, batch_size: int, cap: int, seed: int) -> Iterator[np.ndarray]:
    """Yield batches like those of the authors' label shuffling layer.

    The identities are visited in random order. Each visit takes at most `cap` images of the identity and then shuffles
    its images. The first visit takes them in the order of the data. Each batch is full, so that the images of a visit
    may be divided between two batches.

    Args:
        identities: (N,), the identity of each image.
        batch_size: Number of images of a batch.
        cap: Largest number of images that a visit takes.
        seed: Seed of all random choices.

    Yields:
        (batch_size,), indices of images.
    """
    random = np.random.default_rng(seed)
    images = _by_identity(identities)
    batch: list[int] = []
    while True:
        for person in random.permutation(len(images)):
            taken = images[person][:cap].tolist()
            images[person] = random.permutation(images[person])
            batch += taken
            while len(batch) >= batch_size:
                yield np.array(batch[:batch_size])
                batch = batch[batch_size:]


def identity_batches(identities: np.ndarray, people: int, images: int, seed: int) -> Iterator[np.ndarray]:
    """Yield batches of P identities with K images each.

    An identity is drawn again only after all others have been drawn. Its images are drawn without repetition if it has
    K or more. Identities with a single image have no positive pair and are never drawn.

    Args:
        identities: (N,), the identity of each image.
        people: P, the number of identities of a batch.
        images: K, the number of images of an identity.
        seed: Seed of all random choices.

    Yields:
        (P K,), indices of images.

    Raises:
        UserError: If fewer than P identities have two or more images.
    """
    random = np.random.default_rng(seed)
    groups = [group for group in _by_identity(identities) if len(group) > 1]
    if len(groups) < people:
        raise UserError(
            f"Batches of {people} identities need at least {people} identities with two or more images; "
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
    """Draw `count` images. An image is drawn again only after all others of the group."""
    rounds = [random.permutation(group) for _ in range(-(-count // len(group)))]
    return np.concatenate(rounds)[:count]
