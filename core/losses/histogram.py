"""Histogram loss (Ustinova and Lempitsky, "Learning deep embeddings with histogram loss", NIPS 2016).

The loss estimates the probability that a random negative pair is at least as similar as a random positive pair:

    loss = sum over nodes r of  h-_r * (h+_1 + ... + h+_r)

where h+ is the histogram of the similarities of the positive pairs of a batch, and h- that of the negative pairs. The
paper trains with this loss (section 3, "Learning the model").
"""

import torch
from torch import Tensor

from core.losses.pairs import pair_similarities


def soft_histogram(similarities: Tensor, nodes: int = 201) -> Tensor:
    """Compute a histogram that is differentiable with respect to the similarities.

    The nodes are equally spaced from -1 to 1. Each similarity is shared by the two nearest nodes in linear proportion
    (equation 2 of the histogram loss paper).

    Args:
        similarities: (S,), S at least 1. Values outside -1..1 count as -1 or 1.
        nodes: Number of nodes. 201 nodes are 0.01 apart, as in the authors' code.

    Returns:
        (nodes,), with the sum 1.
    """
    step = 2 / (nodes - 1)
    position = (similarities.clamp(-1, 1) + 1) / step  # in node numbers, 0 .. nodes - 1
    lower = position.detach().floor().long().clamp(0, nodes - 2)  # similarity 1 belongs to the last bin
    share = position - lower  # of the upper node
    histogram = torch.zeros(nodes, dtype=similarities.dtype, device=similarities.device)
    histogram = histogram.index_add(0, lower, 1 - share).index_add(0, lower + 1, share)
    return histogram / len(similarities)


def histogram_loss(descriptors: Tensor, identities: Tensor, nodes: int = 201) -> Tensor:
    """Estimate the probability that a negative pair is at least as similar as a positive pair.

    All pairs i < j of the batch count. If the batch has no positive pair or no negative pair, the loss and its gradient
    are 0. Half precision is computed in float32.

    Args:
        descriptors: (N, D), of any length.
        identities: (N,), the identity of each descriptor.
        nodes: Number of nodes of the two histograms.

    Returns:
        A scalar in 0..1.

    Raises:
        ValueError: If the shapes are others.

    Source:
        Equation 4 of the histogram loss paper.
    """
    with torch.autocast(descriptors.device.type, enabled=False):
        positive, negative = pair_similarities(descriptors, identities)
        if not len(positive) or not len(negative):
            return (descriptors.float() * 0).sum()
        return similarity_loss(positive, negative, nodes)


def similarity_loss(positive: Tensor, negative: Tensor, nodes: int = 201) -> Tensor:
    """Estimate the probability that a negative pair is at least as similar as a positive pair, from similarities.

    Args:
        positive: Similarities of pairs of one identity, (S,), S at least 1.
        negative: Similarities of pairs of different identities, (T,), T at least 1.
        nodes: Number of nodes of the two histograms.

    Returns:
        A scalar in 0..1.
    """
    return soft_histogram(negative, nodes) @ soft_histogram(positive, nodes).cumsum(0)
