"""Binomial deviance (Yi et al., "Deep metric learning for person re-identification", ICPR 2014).

The loss judges each pair by itself. The histogram loss compares the two distributions of similarities.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.losses.pairs import pair_similarities


def binomial_deviance_loss(
    descriptors: Tensor, identities: Tensor, alpha: float = 2.0, beta: float = 0.5, cost: float = 2.0
) -> Tensor:
    """Penalise positive pairs with a similarity below `beta` and negative pairs with one above it.

    The loss is the mean over positive pairs of ln(1 + exp(-alpha (s - beta))) plus the mean over negative pairs of
    ln(1 + exp(alpha cost (s - beta))), where s is the cosine similarity of a pair i < j. If the batch has no pair of a
    kind, that kind adds 0. Half precision is computed in float32. The defaults are those of the authors' Caffe layer.

    Args:
        descriptors: (N, D), of any length.
        identities: (N,), the identity of each descriptor.
        alpha: Steepness of the loss.
        beta: The similarity that separates positive from negative pairs.
        cost: Factor of the steepness for negative pairs, inside the exponential. It does not weight the logarithm.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: If the shapes are others.
    """
    with torch.autocast(descriptors.device.type, enabled=False):
        positive, negative = pair_similarities(descriptors, identities)
        positive_losses = F.softplus(-alpha * (positive - beta))
        negative_losses = F.softplus(alpha * cost * (negative - beta))
        # the mean of an empty tensor is NaN; its sum is 0 and has a gradient
        return positive_losses.sum() / max(len(positive), 1) + negative_losses.sum() / max(len(negative), 1)
