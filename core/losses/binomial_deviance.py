"""Binomial deviance (Yi et al., "Deep metric learning for person re-identification", 2014): each pair by itself."""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.losses.pairs import pair_similarities


def binomial_deviance_loss(
    descriptors: Tensor, identities: Tensor, alpha: float = 2.0, beta: float = 0.5, cost: float = 2.0
) -> Tensor:
    """(N, D), (N,) -> scalar >= 0: positive pairs are drawn above similarity `beta`, negative pairs below it.

    The mean over positive pairs of ln(1 + exp(-alpha (s - beta))) plus the mean over negative pairs of
    ln(1 + exp(alpha cost (s - beta))), where s is the cosine similarity of a pair i < j. `cost` makes the slope for
    negative pairs steeper; it is not a weight outside the logarithm. The defaults are those of the authors' layer.

    Descriptors need not have unit length. A kind of pair that the batch lacks adds 0 to the loss. Half precision is
    computed in float32. Raises ValueError for other shapes.
    """
    with torch.autocast(descriptors.device.type, enabled=False):
        positive, negative = pair_similarities(descriptors, identities)
        missed = F.softplus(-alpha * (positive - beta))
        confused = F.softplus(alpha * cost * (negative - beta))
        # the mean of no pairs would be not a number; the sum of none is 0 and still has a gradient
        return missed.sum() / max(len(missed), 1) + confused.sum() / max(len(confused), 1)
