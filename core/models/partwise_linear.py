"""The last layer, part by part: what each part of an image adds to the descriptor, for training.

The layer's weights lie in memory row by row of the descriptor, (D, P N). Written as one einsum over parts, the gradient
comes out part by part and has to be put in that order: at 64 filters a copy of 220 MB in each step, which took longer
than the product. Here each part's product is written to its place.
"""

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable


def partwise_linear(vectors: Tensor, weight: Tensor) -> Tensor:
    """(B, P, N), (D, P N) -> (B, P, D): each part's vector times its own columns of the weight.

    Products are computed in the vectors' precision; the result and the weight's gradient are in the weight's.
    """
    return PartwiseLinear.apply(vectors, weight)


class PartwiseLinear(Function):
    @staticmethod
    def forward(ctx, vectors: Tensor, weight: Tensor) -> Tensor:
        rounded = weight.to(vectors.dtype)
        ctx.save_for_backward(vectors, rounded)
        ctx.kind = weight.dtype
        added = [part @ columns.T for part, columns in zip(vectors.unbind(1), _by_part(rounded, vectors), strict=True)]
        return torch.stack(added, dim=1).to(weight.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        vectors, weight = ctx.saved_tensors
        gradient = gradient.to(vectors.dtype)
        of_vectors = torch.stack(
            [part @ columns for part, columns in zip(gradient.unbind(1), _by_part(weight, vectors), strict=True)], dim=1
        )
        of_weight = torch.empty_like(weight, dtype=ctx.kind)
        for place, part, given in zip(_by_part(of_weight, vectors), vectors.unbind(1), gradient.unbind(1), strict=True):
            place.copy_(given.T @ part)
        return of_vectors, of_weight


def _by_part(weight: Tensor, vectors: Tensor) -> tuple[Tensor, ...]:
    """(D, P N) -> P views (D, N)."""
    return weight.split(vectors.shape[2], dim=1)
