"""Separation of identities: the scores of pairs, and how strongly descriptors cluster by identity and by camera."""

from dataclasses import dataclass

import numpy as np

MAX_IMAGES = 3000  # images whose pairs are counted; a sample is drawn from more


@dataclass(frozen=True)
class Separation:
    """The separation of identities by descriptors.

    Attributes:
        nodes: The scores of the histograms, from -1 to 1.
        positive: Histogram of the scores of pairs of the same identity, with sum 1.
        negative: Histogram of the scores of pairs of different identities, with sum 1.
        confusion: The histogram loss: the probability that a negative pair scores as high as a positive pair.
        silhouettes: Mean silhouettes by "person" (identity) and by "camera", from -1 to 1. A high value means that
            images are closer to their own group than to the nearest other one.
    """

    nodes: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    confusion: float
    silhouettes: dict[str, float]


def measure_separation(
    descriptors: np.ndarray, identities: np.ndarray, cameras: np.ndarray, nodes: int = 201, seed: int = 0
) -> Separation | None:
    """Measure the separation of identities, with the histograms of the histogram loss.

    Args:
        descriptors: Unit descriptors (N, D).
        identities: Their identities (N,), all known.
        cameras: Their cameras (N,).
        nodes: Number of nodes of the histograms.
        seed: Seed of the sample, which is drawn from more than 3,000 images.

    Returns:
        The separation, or None if there are no positive or no negative pairs. A silhouette is omitted where it is not
        defined: with one group, or with one image in every group.

    Source:
        Silhouettes: Rousseeuw (1987).
    """
    import torch

    from core.losses.histogram import histogram_loss, soft_histogram
    from core.losses.pairs import pair_similarities

    if len(descriptors) > MAX_IMAGES:
        sample = np.random.default_rng(seed).choice(len(descriptors), MAX_IMAGES, replace=False)
        descriptors, identities, cameras = descriptors[sample], identities[sample], cameras[sample]
    by_identity = np.unique(identities, return_inverse=True)[1]
    vectors, labels = torch.tensor(descriptors, dtype=torch.float32), torch.from_numpy(by_identity)
    positive, negative = pair_similarities(vectors, labels)
    if not len(positive) or not len(negative):
        return None
    groups = {"person": by_identity, "camera": np.unique(cameras, return_inverse=True)[1]}
    return Separation(
        np.linspace(-1, 1, nodes),
        soft_histogram(positive, nodes).numpy(),
        soft_histogram(negative, nodes).numpy(),
        float(histogram_loss(vectors, labels, nodes)),
        {name: value for name, group in groups.items() if (value := silhouette(descriptors, group)) is not None},
    )


def silhouette(descriptors: np.ndarray, groups: np.ndarray) -> float | None:
    """Compute the mean silhouette of unit descriptors (N, D) in groups (N,) by cosine distance; None if not defined."""
    from sklearn.metrics import silhouette_score  # the import takes a second

    if not 1 < len(np.unique(groups)) < len(groups):
        return None
    return float(silhouette_score(descriptors, groups, metric="cosine"))
