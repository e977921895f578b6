"""Multi-region bilinear pooling, the paper's operation (section 3, equations 1 and 2)."""

from torch import Tensor


def bilinear_pool(a: Tensor, b: Tensor, region_size: int, groups: int = 1) -> Tensor:
    """(B, M, H, W), (B, N, H, W) -> (B, R, M, N): the bilinear matrix of each region.

    A region is a cell of `region_size` x `region_size` places; cells are numbered row by row. Its matrix is the
    *sum* over its places l of the outer product a(l) b(l)^T (equations 1 and 2). Written as one matrix product a
    region, A B^T with A of shape (M, places), the outer products are never stored.

    With `groups` the filters of both form so many groups in a row, and one meets those of its own group alone: rows of
    the matrix are N / groups long, (B, R, M, N / groups).

    Raises ValueError if the maps differ in size, the regions do not tile them, or the groups are not equal.
    """
    if a.ndim != 4 or b.ndim != 4 or a.shape[0] != b.shape[0] or a.shape[2:] != b.shape[2:]:
        raise ValueError(f"expected maps (B, M, H, W) and (B, N, H, W), got {tuple(a.shape)} and {tuple(b.shape)}")
    if a.shape[2] % region_size or a.shape[3] % region_size:
        raise ValueError(f"regions of {region_size} x {region_size} places do not tile maps of {tuple(a.shape[2:])}")
    if a.shape[1] % groups or b.shape[1] % groups:
        raise ValueError(f"maps of {a.shape[1]} and {b.shape[1]} filters do not form {groups} equal groups")
    if groups == 1:
        return places_by_region(a, region_size).transpose(2, 3) @ places_by_region(b, region_size)
    apart = [maps.reshape(-1, maps.shape[1] // groups, *maps.shape[2:]) for maps in (a, b)]  # (B G, M / G, H, W)
    matrices = bilinear_pool(*apart, region_size).unflatten(0, (-1, groups))
    return matrices.transpose(1, 2).flatten(2, 3)


def places_by_region(maps: Tensor, region_size: int) -> Tensor:
    """(B, C, H, W) -> (B, R, places, C): the feature vectors of each region's places, row by row."""
    batch, filters, height, width = maps.shape
    rows, columns = height // region_size, width // region_size
    cells = maps.reshape(batch, filters, rows, region_size, columns, region_size)
    cells = cells.permute(0, 2, 4, 3, 5, 1)  # (B, rows, columns, region_size, region_size, C)
    return cells.reshape(batch, rows * columns, region_size * region_size, filters)
