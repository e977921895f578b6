"""Compare bilinear pooling as in equations (1) and (2) with one matrix product per region, with 64 filters.

`python bench/bilinear.py` prints the median time of both and the ratio of each round: forward and backward pass, batch
size 32. The formula is vectorised over images and locations: the outer product at each location, then the sum over the
locations of a region.
"""

import statistics
import time

import torch

from core.models.bilinear_pooling import bilinear_pool

BATCH, FILTERS, MAP, REGION, ROUNDS = 32, 64, 15, 5, 7


def formula(a, b, region_size):
    """Compute equation (1) at every location, then equation (2)."""
    products = torch.einsum("bmhw,bnhw->bmnhw", a, b)
    cells = MAP // region_size
    pooled = products.unflatten(4, (cells, region_size)).unflatten(3, (cells, region_size)).sum((4, 6))
    return pooled.permute(0, 3, 4, 1, 2).flatten(1, 2)  # (B, R, M, N)


def seconds(function, a, b) -> float:
    start = time.perf_counter()
    function(a, b, REGION).square().sum().backward()
    return time.perf_counter() - start


def main():
    a, b = (torch.rand(BATCH, FILTERS, MAP, MAP, requires_grad=True) for _ in "ab")
    torch.testing.assert_close(formula(a, b, REGION), bilinear_pool(a, b, REGION), rtol=1e-4, atol=1e-4)
    rounds = [(seconds(formula, a, b), seconds(bilinear_pool, a, b)) for _ in range(ROUNDS + 1)][1:]
    slow, fast = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratios = sorted(one / other for one, other in rounds)
    print(f"{torch.get_num_threads()} threads, batch {BATCH}, {FILTERS} filters, forward and backward")
    print(f"formula {slow * 1000:8.1f} ms    product {fast * 1000:8.1f} ms")
    print(f"ratio   {statistics.median(ratios):8.1f}       (from {ratios[0]:.1f} to {ratios[-1]:.1f})")


if __name__ == "__main__":
    main()
