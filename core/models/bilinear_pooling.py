"""Multi-region bilinear pooling, the operation that the paper introduces (section 3, equations 1 to 3).

Two streams A and B compute the feature maps a, with M filters, and b, with N filters, of one part of an image. At a
location l their values are the column vectors a(l) and b(l). (The paper has row vectors and writes a(l)^T b(l).)

- Equation 1, at a location l: bilinear(l) = a(l) b(l)^T, a matrix M x N.
- Equation 2, over the locations of a region r_i: phi_{r_i} = sum over l in r_i of bilinear(l), a matrix M x N.
- Equation 3, over the R regions of the part: phi = [phi_{r_1}; ...; phi_{r_R}], each flattened to M N numbers.

`bilinear_pool` computes equations 1 and 2. `core.models.network.Network.region_vectors` flattens the matrices, and
`Network.embed` concatenates them (equation 3).
"""

from torch import Tensor


def bilinear_pool(a: Tensor, b: Tensor, region_size: int) -> Tensor:
    """Compute the bilinear matrix of each region: the sum over its locations l of a(l) b(l)^T.

    The regions are squares that tile the feature map. They are numbered row by row, from the top left.

    The sum is computed as one matrix product A B^T for each region, where column l of A is a(l) and column l of B is
    b(l). The outer products of single locations are therefore never stored.

    Args:
        a: Feature maps of stream A, (B, M, H, W).
        b: Feature maps of stream B, (B, N, H, W).
        region_size: Number of locations along a side of a region. It must divide H and W.

    Returns:
        Bilinear matrices, (B, R, M, N), with R = (H / region_size) * (W / region_size).

    Raises:
        ValueError: If the two feature maps differ in size, or if the regions do not tile them.

    Source:
        Equations 1 and 2 of the paper.
    """
    if a.ndim != 4 or b.ndim != 4 or a.shape[0] != b.shape[0] or a.shape[2:] != b.shape[2:]:
        raise ValueError(
            f"expected feature maps (B, M, H, W) and (B, N, H, W), got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    if a.shape[2] % region_size or a.shape[3] % region_size:
        raise ValueError(
            f"regions of {region_size} x {region_size} locations do not tile feature maps of {tuple(a.shape[2:])}"
        )
    return locations_by_region(a, region_size).transpose(2, 3) @ locations_by_region(b, region_size)


def locations_by_region(maps: Tensor, region_size: int) -> Tensor:
    """Group the locations of feature maps by region.

    Args:
        maps: Feature maps, (B, C, H, W).
        region_size: Number of locations along a side of a region. It must divide H and W.

    Returns:
        (B, R, region_size^2, C): the C activations at each location of each region. Regions, and the locations of a
        region, are numbered row by row.
    """
    batch, filters, height, width = maps.shape
    rows, columns = height // region_size, width // region_size
    regions = maps.reshape(batch, filters, rows, region_size, columns, region_size)
    regions = regions.permute(0, 2, 4, 3, 5, 1)  # (B, rows, columns, region_size, region_size, C)
    return regions.reshape(batch, rows * columns, region_size * region_size, filters)
