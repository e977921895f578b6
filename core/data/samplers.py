"""Samplers: endless batches of image indices.

The seed determines all batches. A run resumes by skipping the batches that it has used.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from core.data.records import UNKNOWN_CAMERA
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


def identity_batches(
    identities: np.ndarray, people: int, images: int, seed: int, families: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """Yield batches of P identities with K images each.

    In each round, the identities are in random order and each is drawn at most once. Those that are left after the last
    full batch, fewer than P, are not drawn in this round. The images of an identity are drawn without repetition if it
    has K or more. Identities with a single image have no positive pair and are never drawn.

    With families, the identities of a family are drawn one after the other, so that a batch holds whole families. Only
    the first and the last family of a batch may be divided between two batches.

    Args:
        identities: (N,), the identity of each image.
        people: P, the number of identities of a batch.
        images: K, the number of images of an identity.
        seed: Seed of all random choices.
        families: (N,), the family of look-alikes of each image's identity, a number from 0.

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
        if families is not None:
            own = families[[group[0] for group in groups]]
            turn = random.permutation(own.max() + 1)  # of each family
            order = order[np.argsort(turn[own[order]], kind="stable")]
        for start in range(0, len(order) - people + 1, people):
            drawn = [_draw(groups[person], images, random) for person in order[start : start + people]]
            yield np.concatenate(drawn)


def camera_batches(
    identities: np.ndarray, cameras: np.ndarray, people: int, images: int, cameras_per_batch: int, seed: int
) -> Iterator[np.ndarray]:
    """Yield batches with the same number of images from each of several cameras, in the order of the cameras.

    A batch consists of pairs of cameras. Each pair has identities that both of its cameras have seen, and K / 2 images
    of each of them from each camera. The identities of the two cameras are the same, so that their images differ in
    what the cameras do and not in what the people wear. The batch also has positive pairs across cameras.

    All identities are visited in random order. A visit draws one of the pairs of cameras that have seen the identity,
    and other identities of this pair. An identity is drawn twice only if the pair has too few. Images without a known
    camera are never drawn, nor are identities that only one camera has seen.

    Args:
        identities: (N,), the identity of each image.
        cameras: (N,), the camera of each image.
        people: P, the number of identities of a batch, a multiple of the number of pairs.
        images: K, the number of images of an identity, an even number.
        cameras_per_batch: Number of cameras of a batch, two for each pair. A camera may be in two pairs.
        seed: Seed of all random choices.

    Yields:
        (P K,), indices of images, camera by camera.

    Raises:
        UserError: If no two cameras have seen the same two identities.
    """
    random = np.random.default_rng(seed)
    seen = [_by_camera(group, cameras) for group in _by_identity(identities)]
    found = defaultdict(list)
    for person, of_person in enumerate(seen):
        for pair in combinations(of_person, 2):
            found[pair].append(person)
    # pair of cameras -> the people that both have seen
    people_of = {pair: np.array(both) for pair, both in found.items() if len(both) > 1}
    pairs_of = [[pair for pair in combinations(of_person, 2) if pair in people_of] for of_person in seen]
    visited = np.array([person for person, pairs in enumerate(pairs_of) if pairs])
    if not len(visited):
        raise UserError(
            "Batches of cameras need at least two identities that the same two cameras have seen; the training data "
            "has none. Use batches=identities."
        )
    pairs_per_batch = cameras_per_batch // 2
    order: list[int] = []
    while True:
        drawn = []
        for _ in range(pairs_per_batch):
            order = order or random.permutation(visited).tolist()
            person = order.pop()
            pair = pairs_of[person][random.integers(len(pairs_of[person]))]
            others = people_of[pair][people_of[pair] != person]
            chosen = [person, *_draw(others, people // pairs_per_batch - 1, random)]
            drawn += [_draw(seen[one][camera], images // 2, random) for camera in pair for one in chosen]
        yield np.concatenate(drawn)


def _by_camera(group: np.ndarray, cameras: np.ndarray) -> dict[int, np.ndarray]:
    """Divide the images of an identity by their known camera."""
    known = np.unique(cameras[group]).tolist()
    return {camera: group[cameras[group] == camera] for camera in known if camera != UNKNOWN_CAMERA}


def _by_identity(identities: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(identities == identity) for identity in np.unique(identities)]


def _draw(group: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Draw `count` images. An image is drawn again only after all others of the group."""
    rounds = [random.permutation(group) for _ in range(-(-count // len(group)))]
    return np.concatenate(rounds)[:count]
