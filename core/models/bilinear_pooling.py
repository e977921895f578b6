"""Multi-region bilinear pooling, the paper's operation (section 3, equations 1 and 2)."""

from torch import Tensor


def bilinear_pool(a: Tensor, b: Tensor, region_size: int) -> Tensor:
    """(B, M, H, W), (B, N, H, W) -> (B, R, M, N): the bilinear matrix of each region.

    A region is a cell of `region_size` x `region_size` locations; cells are numbered row by row. Its matrix is the
    *sum* over its locations l of the outer product a(l) b(l)^T (equations 1 and 2). Written as one matrix product a
    region, A B^T with A of shape (M, locations), the outer products are never stored.

    Raises ValueError if the maps differ in size, or the regions do not tile them.
    """
    if a.ndim != 4 or b.ndim != 4 or a.shape[0] != b.shape[0] or a.shape[2:] != b.shape[2:]:
        raise ValueError(f"expected maps (B, M, H, W) and (B, N, H, W), got {tuple(a.shape)} and {tuple(b.shape)}")
    if a.shape[2] % region_size or a.shape[3] % region_size:
        raise ValueError(f"regions of {region_size} x {region_size} locations do not tile maps of {tuple(a.shape[2:])}")
    return locations_by_region(a, region_size).transpose(2, 3) @ locations_by_region(b, region_size)


def locations_by_region(maps: Tensor, region_size: int) -> Tensor:
    """(B, C, H, W) -> (B, R, locations, C): the feature vectors of each region's locations, row by row."""
    batch, filters, height, width = maps.shape
    rows, columns = height // region_size, width // region_size
    cells = maps.reshape(batch, filters, rows, region_size, columns, region_size)
    cells = cells.permute(0, 2, 4, 3, 5, 1)  # (B, rows, columns, region_size, region_size, C)
    return cells.reshape(batch, rows * columns, region_size * region_size, filters)
