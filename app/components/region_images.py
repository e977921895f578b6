"""The parts and the regions of an image as images."""

from typing import TYPE_CHECKING

from app.components.data_url import pixels_url

if TYPE_CHECKING:
    from core.explain.activations import Regions


def parts_of(regions: "Regions") -> list[str]:
    """Return the parts of an image as data URLs."""
    return [pixels_url(part) for part in regions.parts]


def region_crop(regions: "Regions", region: int) -> str:
    """Return the pixels of a region as a data URL."""
    part, *_ = regions.geometry.place(region)
    row, column, size = regions.geometry.region_box(region)
    return pixels_url(regions.parts[part][row : row + size, column : column + size])
