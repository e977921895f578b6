"""The sizes of an image and of its parts in figures that draw them beside each other at the same height."""

from core.geometry import Geometry


def fit_part(geometry: Geometry, width: float, gap: float, images: int = 2) -> float:
    """Return the side of a part, so that images and a column of their parts have a width together.

    The images are as high as the column of parts.

    Args:
        geometry: The geometry of the network.
        width: The width of the images and of the column, without the space between them.
        gap: The space between two parts of the column.
        images: Number of images beside the column.
    """
    shape = images * geometry.columns / geometry.rows  # width of the images for a height of 1
    return (width - shape * (geometry.parts - 1) * gap) / (1 + shape * geometry.parts)
