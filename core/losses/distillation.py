"""Distillation by similarities: a network learns the similarities of image pairs from a teacher.

The teacher may have another architecture and another descriptor length, because only similarities are compared. An
ensemble can therefore be distilled into one small network.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def distillation_loss(descriptors: Tensor, teacher: Tensor) -> Tensor:
    """Compute the mean squared difference of the cosine similarities of two networks over all pairs of a batch.

    All pairs i != j count. Half precision is computed in float32.

    Args:
        descriptors: (N, D), of any length, N at least 2.
        teacher: (N, T), the teacher's descriptors of the same images, of any length. They get no gradient.

    Returns:
        A scalar in 0..4.

    Raises:
        ValueError: If the shapes are others.

    Source:
        Tung and Mori, "Similarity-preserving knowledge distillation", ICCV 2019. They scale each row of the matrix of
        similarities to unit length. Here the similarities are cosines, which need no scale.
    """
    if descriptors.ndim != 2 or teacher.ndim != 2 or len(descriptors) != len(teacher):
        raise ValueError(
            f"expected descriptors (N, D) and teacher (N, T), got {tuple(descriptors.shape)} and {tuple(teacher.shape)}"
        )
    with torch.autocast(descriptors.device.type, enabled=False):
        own, other = (F.normalize(each.float(), dim=1) for each in (descriptors, teacher.detach()))
        differences = own @ own.T - other @ other.T
        count = len(descriptors)
        return (differences.square().sum() - differences.diagonal().square().sum()) / (count * (count - 1))
