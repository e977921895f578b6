"""Compare bilinear pooling as in equations (1) and (2) with one matrix product per region, with 64 filters.

`python bench/bilinear.py` prints the time and the ratio: forward and backward pass, batch size 32. The formula is
vectorised over images and locations: the outer product at each location, then the sum over the locations of a region.
"""

import torch
from rows import compared, record, seconds_in_turns

from core.models.bilinear_pooling import bilinear_pool

BATCH, FILTERS, MAP, REGION, ROUNDS = 32, 64, 15, 5, 7


def formula(a, b, region_size):
    """Compute equation (1) at every location, then equation (2)."""
    products = torch.einsum("bmhw,bnhw->bmnhw", a, b)
    cells = MAP // region_size
    pooled = products.unflatten(4, (cells, region_size)).unflatten(3, (cells, region_size)).sum((4, 6))
    return pooled.permute(0, 3, 4, 1, 2).flatten(1, 2)  # (B, R, M, N)


def main():
    a, b = (torch.rand(BATCH, FILTERS, MAP, MAP, requires_grad=True) for _ in "ab")
    torch.testing.assert_close(formula(a, b, REGION), bilinear_pool(a, b, REGION), rtol=1e-4, atol=1e-4)

    def step(function):
        function(a, b, REGION).square().sum().backward()

    times = seconds_in_turns({"product": lambda: step(bilinear_pool), "formula": lambda: step(formula)}, ROUNDS)
    record(compared(f"bilinear pooling, {FILTERS} filters, batch {BATCH}", *times.values(), "the formula"))


if __name__ == "__main__":
    main()
