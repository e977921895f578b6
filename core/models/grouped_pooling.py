"""Bilinear pooling of an ensemble's networks side by side; the paper has one network, which is one group."""

from torch import Tensor

from core.models.bilinear_pooling import bilinear_pool


def grouped_bilinear_pool(a: Tensor, b: Tensor, region_size: int, groups: int) -> Tensor:
    """(B, M, H, W), (B, N, H, W) -> (B, R, M, N / groups): bilinear pooling within each group of filters.

    The filters of both streams form `groups` equal groups in a row, and a filter meets those of its own group alone.
    With one group it is `bilinear_pool`. Raises ValueError as that does, and if the groups are not equal.
    """
    if groups == 1:
        return bilinear_pool(a, b, region_size)
    if a.shape[1] % groups or b.shape[1] % groups:
        raise ValueError(f"maps of {a.shape[1]} and {b.shape[1]} filters do not form {groups} equal groups")
    a, b = (maps.reshape(-1, maps.shape[1] // groups, *maps.shape[2:]) for maps in (a, b))  # (B G, M / G, H, W)
    matrices = bilinear_pool(a, b, region_size).unflatten(0, (-1, groups))  # (B, G, R, M / G, N / G)
    return matrices.transpose(1, 2).flatten(2, 3)
