"""Subnormal numbers: below 1.2e-38 in float32. Most processors compute with them many times slower.

Weight decay shrinks the weights of a filter without gradients until they are subnormal. The output does not change if
such weights are zeros.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


def without_subnormals(values: Tensor) -> Tensor:
    """Return values (...) with zeros in place of subnormal numbers; integers as they are."""
    if not values.is_floating_point():
        return values
    return values.masked_fill(values.abs() < torch.finfo(values.dtype).tiny, 0)


@contextmanager
def flush_subnormals() -> Iterator[None]:
    """Let this thread, and threads that it starts, compute zeros in place of subnormal numbers, if the CPU can."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
