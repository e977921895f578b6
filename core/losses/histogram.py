"""Histogram loss (Ustinova and Lempitsky, NIPS 2016): how often a negative pair is as similar as a positive one."""

import torch
from torch import Tensor

from core.losses.pairs import pair_similarities


def soft_histogram(similarities: Tensor, nodes: int = 201) -> Tensor:
    """(S,) in -1..1 -> (nodes,) summing to 1: each similarity is shared linearly by the two nodes next to it."""
    step = 2 / (nodes - 1)
    position = (similarities.clamp(-1, 1) + 1) / step  # in node numbers, 0 .. nodes - 1
    lower = position.detach().floor().long().clamp(0, nodes - 2)  # similarity 1 belongs to the last bin
    share = position - lower  # of the upper node
    histogram = torch.zeros(nodes, dtype=similarities.dtype, device=similarities.device)
    histogram = histogram.index_add(0, lower, 1 - share).index_add(0, lower + 1, share)
    return histogram / len(similarities)


def histogram_loss(descriptors: Tensor, identities: Tensor, nodes: int = 201) -> Tensor:
    """(N, D), (N,) -> scalar in 0..1: the estimated probability that a negative pair is as similar as a positive one.

    The sum over nodes r of h-_r times the cumulated h+_1..r (equation 4 of the histogram loss paper). All pairs
    i < j of the batch count; descriptors need not have unit length. Without a positive or without a negative pair
    there is nothing to order, and the loss and its gradient are 0. Half precision is computed in float32.
    Raises ValueError for other shapes.
    """
    with torch.autocast(descriptors.device.type, enabled=False):
        positive, negative = pair_similarities(descriptors, identities)
        if not len(positive) or not len(negative):
            return (descriptors.float() * 0).sum()
        return soft_histogram(negative, nodes) @ soft_histogram(positive, nodes).cumsum(0)
