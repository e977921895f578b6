"""How well descriptors tell people apart: similarities of pairs, and whether they gather by person or by camera."""

from dataclasses import dataclass

import numpy as np

MAX_IMAGES = 3000  # images whose pairs are counted; of more a sample is drawn


@dataclass(frozen=True)
class Separation:
    """Histograms over `nodes` similarities from -1 to 1, each summing to 1.

    positive: of pairs of the same person; negative: of pairs of different people.
    confusion: the histogram loss, i.e. the probability that a negative pair is as similar as a positive one.
    silhouettes: by "person" and by "camera", -1..1: how much nearer an image is to its own group than to the next.
    """

    nodes: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    confusion: float
    silhouettes: dict[str, float]


def measure_separation(
    descriptors: np.ndarray, identities: np.ndarray, cameras: np.ndarray, nodes: int = 201, seed: int = 0
) -> Separation | None:
    """Unit descriptors (N, D) of known people (N,) before cameras (N,) -> Separation, by the histograms of the loss.

    None if there is no pair of one kind. Silhouettes (Rousseeuw, 1987) are of cosine distance; one that is not defined,
    because there is one group or each image is its own, is left out.
    """
    import torch

    from core.losses.histogram import histogram_loss, soft_histogram
    from core.losses.pairs import pair_similarities

    if len(descriptors) > MAX_IMAGES:
        sample = np.random.default_rng(seed).choice(len(descriptors), MAX_IMAGES, replace=False)
        descriptors, identities, cameras = descriptors[sample], identities[sample], cameras[sample]
    people = np.unique(identities, return_inverse=True)[1]
    vectors, labels = torch.tensor(descriptors, dtype=torch.float32), torch.from_numpy(people)
    positive, negative = pair_similarities(vectors, labels)
    if not len(positive) or not len(negative):
        return None
    groups = {"person": people, "camera": np.unique(cameras, return_inverse=True)[1]}
    return Separation(
        np.linspace(-1, 1, nodes),
        soft_histogram(positive, nodes).numpy(),
        soft_histogram(negative, nodes).numpy(),
        float(histogram_loss(vectors, labels, nodes)),
        {name: value for name, group in groups.items() if (value := silhouette(descriptors, group)) is not None},
    )


def silhouette(descriptors: np.ndarray, groups: np.ndarray) -> float | None:
    """Mean silhouette of unit descriptors (N, D) in groups (N,), by cosine distance; None where it is not defined."""
    from sklearn.metrics import silhouette_score  # takes a second to import

    if not 1 < len(np.unique(groups)) < len(groups):
        return None
    return float(silhouette_score(descriptors, groups, metric="cosine"))
