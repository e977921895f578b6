"""Cosine similarities of the pairs of a batch, for losses over pairs of descriptors.

A positive pair has one identity. A negative pair has two different identities.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def pair_similarities(descriptors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the cosine similarities of all pairs i < j of a batch.

    Args:
        descriptors: (N, D), of any length. Half precision is converted to float32.
        identities: (N,), the identity of each descriptor.

    Returns:
        The similarities of the positive pairs and those of the negative pairs, in float32 or float64.

    Raises:
        ValueError: If the shapes are others.
    """
    if descriptors.ndim != 2 or identities.shape != descriptors.shape[:1]:
        raise ValueError(
            f"expected descriptors (N, D) and identities (N,), got {tuple(descriptors.shape)} "
            f"and {tuple(identities.shape)}"
        )
    descriptors = descriptors.float() if descriptors.dtype in (torch.float16, torch.bfloat16) else descriptors
    descriptors = F.normalize(descriptors, dim=1)
    similarities = descriptors @ descriptors.T
    same = identities[:, None] == identities[None, :]
    pair = torch.ones_like(same).triu(diagonal=1)
    return similarities.masked_select(same & pair), similarities.masked_select(~same & pair)
