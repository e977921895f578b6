"""Find suspicious labels: images that may have a wrong identity, and identities that may be one person.

Scores of one camera are higher than scores across cameras, so a score s(i, j) is first scaled for the kind of the pair,
same camera or other cameras:

    u(i, j) = (s(i, j) - m0) / (m1 - m0)

m1 is the mean score of all pairs of that kind with one identity, m0 of those with different identities. So 1 is usual
for one identity, and 0 for different identities. Then

    c(i, b) = median of u(i, j) over the images j of the identity b, without i itself
    g(a, b) = mean of c(i, b) over the images i of the identity a

FAR, "same identity, far apart": an image i of the identity a has the score  max over b of c(i, b)  -  c(i, a).
NEAR, "different identities, near": two identities that are each other's nearest have the score
min(g(a, b), g(b, a)) - (g(a, a) + g(b, b)) / 2 + NEAR_MARGIN.

Both scores are positive for suspicious labels.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from core.data.records import DISTRACTOR

FAR, NEAR = "far", "near"
NEAR_MARGIN = 0.1  # two labels of one person are about as near as the images of one label; other people are farther
BLOCK_BYTES = 64_000_000  # of scores in one block
USUAL = 1.0  # g(a, a) of an identity with one image
CLOSEST = 1e-6  # smallest m1 - m0


@dataclass(frozen=True)
class Suspicion:
    """Two images whose labels may be wrong. Images are positions in the arrays that were checked.

    Attributes:
        kind: FAR: `image` may not show the identity that it shares with `other`. NEAR: the identities of `image` and
            `other` may be one person.
        image: The suspicious image. For NEAR, the most typical image of the first identity.
        other: The image to compare with: the most typical other image of the identity. For NEAR, the most typical image
            of the second identity.
        score: How suspicious the labels are, from 0; an exchanged label has about 1.
        nearest: For FAR, the most similar image of the nearest other identity; otherwise -1.
        own: For FAR, c(i, a); for NEAR, (g(a, a) + g(b, b)) / 2.
        across: For FAR, the largest c(i, b); for NEAR, min(g(a, b), g(b, a)).
    """

    kind: str
    image: int
    other: int
    score: float
    nearest: int
    own: float
    across: float


@dataclass(frozen=True)
class _Scale:
    """The mean scores by kind of pair, each (2,): first pairs of other cameras, then of the same camera."""

    different: np.ndarray  # m0
    same: np.ndarray  # m1

    def apply(self, scores: np.ndarray, same_camera: np.ndarray) -> np.ndarray:
        """Scale scores: (B, N), (B, N) bool -> (B, N)."""
        gain = 1 / np.maximum(self.same - self.different, CLOSEST)
        (gain_across, gain_within), (shift_across, shift_within) = gain.tolist(), (-self.different * gain).tolist()
        return np.where(same_camera, scores * gain_within + shift_within, scores * gain_across + shift_across)


def find_label_errors(
    descriptors: np.ndarray, identities: np.ndarray, cameras: np.ndarray, only_cameras: Collection[int] = ()
) -> list[Suspicion]:
    """List suspicious labels, the worst first.

    Unlabelled images and distractors are not used. Scores are computed in blocks of BLOCK_BYTES. The camera 0, which
    means unknown, counts as one camera.

    Args:
        descriptors: Unit descriptors, (N, D).
        identities: (N,) identities, "" if unknown.
        cameras: (N,) cameras, 0 if unknown.
        only_cameras: List only suspicions with an image of one of these cameras. All images are compared.
    """
    labelled = np.flatnonzero((identities != "") & (identities != DISTRACTOR))
    order = labelled[np.argsort(identities[labelled], kind="stable")]  # images of one identity are neighbours
    _, groups = np.unique(identities[order], return_inverse=True)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    if len(starts) < 2:
        return []
    vectors, own_cameras = np.asarray(descriptors[order], np.float32), cameras[order]
    found = _compare(vectors, groups, own_cameras, starts)
    suspicions = [*_far(found, vectors, groups, starts), *_near(found, starts)]
    if only_cameras:
        wanted = np.isin(own_cameras, list(only_cameras))
        suspicions = [one for one in suspicions if wanted[one.image] or wanted[one.other]]
    suspicions.sort(key=lambda one: -one.score)
    return [
        Suspicion(
            one.kind,
            int(order[one.image]),
            int(order[one.other]),
            round(one.score, 4),
            int(order[one.nearest]) if one.nearest >= 0 else -1,
            round(one.own, 4),
            round(one.across, 4),
        )
        for one in suspicions
    ]


def describe_suspicion(suspicion: Suspicion, identities: np.ndarray) -> str:
    """Return one sentence that says why the labels are suspicious."""
    first, second = identities[suspicion.image], identities[suspicion.other]
    if suspicion.kind == NEAR:
        return (
            f"The identities {first} and {second} may be one person: the similarity between them is "
            f"{suspicion.across:.2f}, within them {suspicion.own:.2f}."
        )
    return (
        f"The image may not show identity {first}: its similarity to {first} is {suspicion.own:.2f}, to "
        f"{identities[suspicion.nearest]} {suspicion.across:.2f}."
    )


def mean_scores(descriptors: np.ndarray, groups: np.ndarray, cameras: np.ndarray) -> _Scale:
    """Compute the mean score of the pairs of each kind, (N, D) -> m0 and m1, without computing the scores.

    The sum of the scores of all pairs of a group is the squared length of the sum of its descriptors. Where a kind has
    no pair, the mean over both kinds is used.
    """
    vectors = descriptors.astype(np.float64)
    _, cameras = np.unique(cameras, return_inverse=True)
    tracks = groups * (cameras.max() + 1) + cameras
    everything, camera, identity, track = (
        _pair_sums(vectors, labels) for labels in (np.zeros_like(groups), cameras, groups, tracks)
    )
    itself = np.array([np.sum(vectors**2), len(vectors)])
    same = np.stack([identity - track, track - itself])  # (2 kinds, sum and count)
    different = np.stack([everything - camera - identity + track, camera - track])
    return _Scale(_means(different), _means(same))


@dataclass(frozen=True)
class _Comparison:
    """For N images: c(i, a), the largest c(i, b), that b. For I identities: g(a, a), the largest g(a, b), that b."""

    own: np.ndarray
    across: np.ndarray
    nearest: np.ndarray
    within: np.ndarray
    between: np.ndarray
    neighbours: np.ndarray


def _compare(vectors: np.ndarray, groups: np.ndarray, cameras: np.ndarray, starts: np.ndarray) -> _Comparison:
    """Compare all images, sorted by identity, with all identities: (N, D) -> (N,) and (I,)."""
    scale, count = mean_scores(vectors, groups, cameras), len(vectors)
    sizes = np.diff(starts, append=count)
    own, across, nearest = np.full(count, USUAL), np.empty(count), np.empty(count, int)
    between, neighbours = np.empty(len(starts)), np.empty(len(starts), int)
    unfinished = np.zeros(len(starts))  # sum of c(i, b) over the images of an identity that the last block has begun
    for rows in _blocks(count):
        scaled = scale.apply(vectors[rows] @ vectors.T, cameras[rows, None] == cameras)  # (B, N)
        medians = _medians(scaled, starts, sizes)  # (B, I)
        in_block = groups[rows]
        for row, (values, group) in enumerate(zip(scaled, in_block, strict=True), start=rows.start):
            if sizes[group] > 1:
                others = np.delete(values[starts[group] : starts[group] + sizes[group]], row - starts[group])
                own[row] = np.median(others)
        medians[np.arange(len(in_block)), in_block] = -np.inf
        nearest[rows] = medians.argmax(1)
        across[rows] = medians.max(1)
        sums = np.add.reduceat(medians, np.flatnonzero(np.diff(in_block, prepend=-1)), axis=0).astype(np.float64)
        if rows.start and groups[rows.start - 1] == in_block[0]:
            sums[0] += unfinished
        unfinished = sums[-1]
        own_groups = np.unique(in_block)
        neighbours[own_groups] = sums.argmax(1)  # the next block corrects the last one, if it continues
        between[own_groups] = sums.max(1) / sizes[own_groups]
    return _Comparison(own, across, nearest, np.add.reduceat(own, starts) / sizes, between, neighbours)


def _far(found: _Comparison, vectors: np.ndarray, groups: np.ndarray, starts: np.ndarray) -> Iterator[Suspicion]:
    sizes = np.diff(starts, append=len(groups))
    for image in np.flatnonzero((found.across > found.own) & (sizes[groups] > 1)).tolist():
        first, last = starts[groups[image]], starts[groups[image]] + sizes[groups[image]]
        others = np.delete(np.arange(first, last), image - first)
        near = starts[found.nearest[image]]
        scores = vectors[near : near + sizes[found.nearest[image]]] @ vectors[image]
        own, across = float(found.own[image]), float(found.across[image])
        other = int(others[found.own[others].argmax()])
        yield Suspicion(FAR, image, other, across - own, int(near + scores.argmax()), own, across)


def _near(found: _Comparison, starts: np.ndarray) -> Iterator[Suspicion]:
    ends = np.append(starts[1:], len(found.own))
    typical = [int(first + found.own[first:last].argmax()) for first, last in zip(starts, ends, strict=True)]
    for one, two in enumerate(found.neighbours.tolist()):
        if one < two and found.neighbours[two] == one:
            own = float(found.within[one] + found.within[two]) / 2
            across = float(min(found.between[one], found.between[two]))
            if across - own + NEAR_MARGIN > 0:
                yield Suspicion(NEAR, typical[one], typical[two], across - own + NEAR_MARGIN, -1, own, across)


def _blocks(count: int) -> Iterator[slice]:
    size = max(1, BLOCK_BYTES // (4 * count))
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _medians(scaled: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Compute the median over the columns of each identity: (B, N) -> (B, I). Identities of one size are one array."""
    medians = np.empty((len(scaled), len(starts)), np.float32)
    for size in np.unique(sizes):
        chosen = np.flatnonzero(sizes == size)
        columns = starts[chosen, None] + np.arange(size)  # (identities of this size, size)
        ordered = np.sort(scaled[:, columns], axis=2)  # twice as fast as np.median
        medians[:, chosen] = (ordered[:, :, (size - 1) // 2] + ordered[:, :, size // 2]) / 2
    return medians


def _pair_sums(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the sum of the scores of all ordered pairs with one label, each image with itself too, and their count."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums = np.add.reduceat(vectors[order], starts)  # (labels, D)
    sizes = np.diff(starts, append=len(labels))
    return np.array([np.sum(sums**2), np.sum(sizes.astype(np.float64) ** 2)])


def _means(sums: np.ndarray) -> np.ndarray:
    """Divide sums by counts: (2 kinds, sum and count) -> (2,)."""
    total, count = sums.sum(0)
    overall = total / count if count else 0.0
    return np.where(sums[:, 1] > 0, sums[:, 0] / np.maximum(sums[:, 1], 1), overall)
