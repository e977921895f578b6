"""The positions of two images, their heat maps and their parts in the scene of a score."""

from dataclasses import dataclass

from app.components.region_scene import Box, Point
from core.explain.part_layout import fit_part
from core.geometry import Geometry

GAP, HEAD = 12, 28  # pixels between boxes, and above them
WIDTH = 1112  # of the whole scene; from each side: the image, the image with contributions, its parts
HALF = 424.25  # width of an image, its heat map and its parts, without the space between them


@dataclass(frozen=True)
class PairLayout:
    """The positions for a network's geometry. `image` is 0 for the probe and 1 for the match."""

    geometry: Geometry

    @property
    def part(self) -> float:
        """The side of a part."""
        return fit_part(self.geometry, HALF, GAP)

    @property
    def height(self) -> float:
        """The height of an image, which is that of its column of parts."""
        return self.geometry.parts * (self.part + GAP) - GAP

    @property
    def bottom(self) -> float:
        """The lower edge of the images."""
        return HEAD + self.height

    def column_box(self, image: int, column: int) -> Box:
        """Return the box of the image (column 0), its heat map (1) or its parts (2)."""
        whole = self.height * self.geometry.columns / self.geometry.rows
        width, left = self.part if column == 2 else whole, column * (whole + GAP)
        return (left if image == 0 else WIDTH - left - width, HEAD, width, self.height)

    def part_box(self, image: int, part: int) -> Box:
        """Return the box of a part."""
        return (self.column_box(image, 2)[0], HEAD + part * (self.part + GAP), self.part, self.part)

    def middle(self, image: int, region: int) -> Point:
        """Return the centre of a region, where its links end."""
        part, row, column = self.geometry.place(region)
        (left, top, *_), size = self.part_box(image, part), self.part / self.geometry.side
        return (left + (column + 0.5) * size, top + (row + 0.5) * size)
