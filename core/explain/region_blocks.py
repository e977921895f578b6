"""Blocks of regions for display (`Geometry.blocks`).

In the paper's networks, 5 x 5 regions of one location form a block. A larger region is its own block.
"""

import numpy as np

from core.explain.region_names import region_name
from core.geometry import Geometry


def membership(geometry: Geometry) -> np.ndarray:
    """Return a matrix (blocks, regions) that is 1 where a region is in a block, and 0 elsewhere."""
    side, blocks = geometry.side, geometry.blocks
    size = blocks.region_size // geometry.region_size
    part, row, column = np.indices((geometry.parts, side, side)).reshape(3, -1)
    block = (part * blocks.side + row // size) * blocks.side + column // size
    return (block == np.arange(blocks.regions)[:, None]).astype(float)


def sum_terms(terms: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Sum the terms (R + 1, R + 1) of regions, with c last, to the terms of blocks, with c last."""
    member = np.pad(membership(geometry), (0, 1))
    member[-1, -1] = 1
    return member @ terms @ member.T


def strongest_pair(region_pairs: np.ndarray, geometry: Geometry, probe: int, match: int) -> tuple[int, int]:
    """Return the pair of regions in a block of the probe and one of the match with the largest absolute term."""
    member = membership(geometry)
    rows, columns = (np.flatnonzero(member[block]) for block in (probe, match))
    inside = np.abs(region_pairs[np.ix_(rows, columns)])
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    return int(rows[row]), int(columns[column])


def strongest_first(regions: np.ndarray, geometry: Geometry, most: int) -> list[tuple[str, float]]:
    """Return names and contributions of blocks, sorted by absolute value in descending order.

    Args:
        regions: Contributions of the regions, (R,).
        geometry: The geometry of the network.
        most: Number of blocks; the sum of the others follows as one entry.
    """
    values = membership(geometry) @ regions
    order = np.argsort(-np.abs(values), kind="stable")
    shown = [(region_name(block, geometry.blocks), float(values[block])) for block in order[:most]]
    others = order[most:]
    return shown + [(f"{len(others)} other regions", float(values[others].sum()))] * (len(others) > 0)
