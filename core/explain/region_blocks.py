"""Single places are too small to be shown one by one: 5 x 5 of them stand together, as regions of 5 x 5 places do.

Of larger regions each is a block of its own, and nothing changes.
"""

import numpy as np

from core.config import MAP_SIZE, PART_ROWS
from core.explain.region_names import region_name

BLOCKS_PER_SIDE = 3  # blocks along the side of a part


def block_side(side: int) -> int:
    """Blocks along the side of a part that has so many regions along it."""
    return BLOCKS_PER_SIDE if side == MAP_SIZE else side


def membership(side: int) -> np.ndarray:
    """(blocks, regions): 1 where a region lies in a block."""
    if side < MAP_SIZE:
        return np.eye(len(PART_ROWS) * side**2)
    part, row, column = np.indices((len(PART_ROWS), side, side)).reshape(3, -1)
    size = side // BLOCKS_PER_SIDE
    block = part * BLOCKS_PER_SIDE**2 + row // size * BLOCKS_PER_SIDE + column // size
    return (block == np.arange(len(PART_ROWS) * BLOCKS_PER_SIDE**2)[:, None]).astype(float)


def sum_terms(terms: np.ndarray, side: int) -> np.ndarray:
    """(R + 1, R + 1) terms, c last -> the same of blocks; their sum stays."""
    member = np.pad(membership(side), (0, 1))
    member[-1, -1] = 1
    return member @ terms @ member.T


def strongest_pair(region_pairs: np.ndarray, side: int, probe: int, match: int) -> tuple[int, int]:
    """The pair of regions in two blocks that adds or takes most."""
    rows, columns = (np.flatnonzero(membership(side)[block]) for block in (probe, match))
    inside = np.abs(region_pairs[np.ix_(rows, columns)])
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    return int(rows[row]), int(columns[column])


def strongest_first(regions: np.ndarray, side: int, most: int) -> list[tuple[str, float]]:
    """(R,) what regions add -> names and values of blocks, the strongest first; beyond `most` the others as one."""
    values, blocks = membership(side) @ regions, block_side(side)
    order = np.argsort(-np.abs(values), kind="stable")
    shown = [(region_name(int(block), blocks), float(values[block])) for block in order[:most]]
    others = order[most:]
    return shown + [(f"{len(others)} other regions", float(values[others].sum()))] * (len(others) > 0)
