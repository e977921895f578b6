"""Blocks of regions for display: 5 x 5 regions of one location form a block, and a larger region is its own block."""

import numpy as np

from core.config import MAP_SIZE, PART_ROWS
from core.explain.region_names import region_name

BLOCKS_PER_SIDE = 3  # of a part, for regions of one location


def block_side(side: int) -> int:
    """Return the number of blocks along the side of a part that has `side` regions along it."""
    return BLOCKS_PER_SIDE if side == MAP_SIZE else side


def membership(side: int, parts: int = len(PART_ROWS)) -> np.ndarray:
    """Return a matrix (blocks, regions) that is 1 where a region is in a block, and 0 elsewhere."""
    if side < MAP_SIZE:
        return np.eye(parts * side**2)
    part, row, column = np.indices((len(PART_ROWS), side, side)).reshape(3, -1)
    size = side // BLOCKS_PER_SIDE
    block = part * BLOCKS_PER_SIDE**2 + row // size * BLOCKS_PER_SIDE + column // size
    return (block == np.arange(len(PART_ROWS) * BLOCKS_PER_SIDE**2)[:, None]).astype(float)


def sum_terms(terms: np.ndarray, side: int) -> np.ndarray:
    """Sum the terms (R + 1, R + 1) of regions, with c last, to the terms of blocks, with c last."""
    member = np.pad(membership(side, (len(terms) - 1) // side**2), (0, 1))
    member[-1, -1] = 1
    return member @ terms @ member.T


def strongest_pair(region_pairs: np.ndarray, side: int, probe: int, match: int) -> tuple[int, int]:
    """Return the pair of regions in a block of the probe and one of the match with the largest absolute term."""
    rows, columns = (np.flatnonzero(membership(side)[block]) for block in (probe, match))
    inside = np.abs(region_pairs[np.ix_(rows, columns)])
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    return int(rows[row]), int(columns[column])


def strongest_first(regions: np.ndarray, side: int, most: int) -> list[tuple[str, float]]:
    """Return names and contributions of blocks, sorted by absolute value in descending order.

    Args:
        regions: Contributions of the regions, (R,).
        side: Number of regions along the side of a part.
        most: Number of blocks; the sum of the others follows as one entry.
    """
    values, blocks = membership(side) @ regions, block_side(side)
    order = np.argsort(-np.abs(values), kind="stable")
    shown = [(region_name(int(block), blocks), float(values[block])) for block in order[:most]]
    others = order[most:]
    return shown + [(f"{len(others)} other regions", float(values[others].sum()))] * (len(others) > 0)
