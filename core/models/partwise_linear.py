"""The last layer, applied to each part by itself: the contribution of each part to the embedding.

Training uses it. The weight is one matrix (D, P N). An einsum over parts would return its gradient in another memory
order. At 64 filters the reordering copies 220 MB in each step and takes longer than the product itself. This module
writes the gradient of each part directly into the columns of that part.
"""

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable


def partwise_linear(vectors: Tensor, weight: Tensor) -> Tensor:
    """Multiply the vector of each part by the columns of the weight that belong to the part.

    Args:
        vectors: (B, P, N). The products are computed in their dtype.
        weight: (D, P N). The columns of part p are p N to (p + 1) N.

    Returns:
        (B, P, D), in the dtype of the weight. The gradient of the weight has this dtype, too.
    """
    return PartwiseLinear.apply(vectors, weight)


class PartwiseLinear(Function):
    """Compute `partwise_linear` and its gradients."""

    @staticmethod
    def forward(ctx, vectors: Tensor, weight: Tensor) -> Tensor:
        """Compute (B, P, D) and save what the gradients need."""
        rounded = weight.to(vectors.dtype)
        ctx.save_for_backward(vectors, rounded)
        ctx.kind = weight.dtype
        outputs = [
            part @ columns.T for part, columns in zip(vectors.unbind(1), _by_part(rounded, vectors), strict=True)
        ]
        return torch.stack(outputs, dim=1).to(weight.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the gradients of the vectors (B, P, N) and of the weight (D, P N)."""
        vectors, weight = ctx.saved_tensors
        gradient = gradient.to(vectors.dtype)
        of_vectors = torch.stack(
            [part @ columns for part, columns in zip(gradient.unbind(1), _by_part(weight, vectors), strict=True)], dim=1
        )
        of_weight = torch.empty_like(weight, dtype=ctx.kind)
        columns = _by_part(of_weight, vectors)
        for target, part, part_gradient in zip(columns, vectors.unbind(1), gradient.unbind(1), strict=True):
            target.copy_(part_gradient.T @ part)
        return of_vectors, of_weight


def _by_part(weight: Tensor, vectors: Tensor) -> tuple[Tensor, ...]:
    """Return the columns of each part: (D, P N) -> P views (D, N)."""
    return weight.split(vectors.shape[2], dim=1)
