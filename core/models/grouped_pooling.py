"""Bilinear pooling within groups of filters, for ensembles. A network of the paper has one group."""

from torch import Tensor

from core.models.bilinear_pooling import bilinear_pool


def grouped_bilinear_pool(a: Tensor, b: Tensor, region_size: int, groups: int) -> Tensor:
    """Compute the bilinear matrices of each region for each group of filters by itself.

    The filters of both streams are divided into `groups` equal groups of consecutive filters. Products are computed
    between filters of the same group only. With one group the result is that of `bilinear_pool`.

    Args:
        a: Feature maps of stream A, (B, M, H, W).
        b: Feature maps of stream B, (B, N, H, W).
        region_size: Number of locations along a side of a region. It must divide H and W.
        groups: Number of groups, one for each member of the ensemble.

    Returns:
        (B, R, M, N / groups).

    Raises:
        ValueError: If the groups are not equal, or as in `bilinear_pool`.
    """
    if groups == 1:
        return bilinear_pool(a, b, region_size)
    if a.shape[1] % groups or b.shape[1] % groups:
        raise ValueError(f"feature maps of {a.shape[1]} and {b.shape[1]} filters do not form {groups} equal groups")
    a, b = (maps.reshape(-1, maps.shape[1] // groups, *maps.shape[2:]) for maps in (a, b))  # (B G, M / G, H, W)
    matrices = bilinear_pool(a, b, region_size).unflatten(0, (-1, groups))  # (B, G, R, M / G, N / G)
    return matrices.transpose(1, 2).flatten(2, 3)
