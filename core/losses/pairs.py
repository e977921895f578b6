"""The pairs of a batch, which every loss here judges: of one person (positive) or of two (negative)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def pair_similarities(descriptors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
    """(N, D), (N,) -> cosine similarities of the positive and of the negative pairs i < j, in float32 or better.

    Raises ValueError for other shapes.
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
    return similarities[same & pair], similarities[~same & pair]
