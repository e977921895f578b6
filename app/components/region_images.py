"""The parts and the regions of an image as images."""

from typing import TYPE_CHECKING

from app.components.data_url import pixels_url
from core.config import PART_ROWS

if TYPE_CHECKING:
    from core.explain.activations import Regions

PIXELS_OF_A_PART = PART_ROWS[0][1] - PART_ROWS[0][0]


def parts_of(regions: "Regions") -> list[str]:
    """Return the parts of an image as data URLs."""
    return [pixels_url(part) for part in regions.parts]


def region_crop(regions: "Regions", region: int) -> str:
    """Return the pixels of a region as a data URL."""
    part, cell = divmod(region, regions.side**2)
    size = PIXELS_OF_A_PART // regions.side
    row, column = (size * n for n in divmod(cell, regions.side))
    return pixels_url(regions.parts[part][row : row + size, column : column + size])
