"""The geometry of a network: the sizes of its images, parts, feature maps and regions.

All code that cuts images or draws regions reads these sizes here. Regions are numbered part by part, and row by row in
a part.
"""

from dataclasses import dataclass, replace

MOST_REGIONS = 9  # along a side of a part; more are summed in blocks for display


@dataclass(frozen=True)
class Geometry:
    """The sizes of images, parts, feature maps and regions.

    Parts and feature maps are squares. A part has `map_size` locations along a side.

    Attributes:
        rows: Rows of an image, in pixels.
        columns: Columns of an image, in pixels.
        tops: The first row of each part.
        part_names: The name of each part.
        map_size: Rows and columns of the feature maps of a part.
        region_size: Number of locations along a side of a region.
    """

    rows: int
    columns: int
    tops: tuple[int, ...]
    part_names: tuple[str, ...]
    map_size: int
    region_size: int

    @property
    def part_rows(self) -> tuple[tuple[int, int], ...]:
        """The first row of each part, and the one after its last."""
        return tuple((top, top + self.columns) for top in self.tops)

    @property
    def parts(self) -> int:
        """P, the number of parts of an image."""
        return len(self.tops)

    @property
    def overlap(self) -> int:
        """Number of rows that neighbouring parts share."""
        return self.columns - (self.tops[1] - self.tops[0])

    @property
    def pixels_per_location(self) -> int:
        """Number of pixels along a side of the square that a location stands for."""
        return self.columns // self.map_size

    @property
    def side(self) -> int:
        """Number of regions along a side of a part."""
        return self.map_size // self.region_size

    @property
    def regions(self) -> int:
        """Number of regions of an image, P R."""
        return self.parts * self.side**2

    @property
    def region_sizes(self) -> list[int]:
        """The possible region sizes, which divide `map_size`, in ascending order."""
        return [size for size in range(1, self.map_size + 1) if self.map_size % size == 0]

    @property
    def blocks(self) -> "Geometry":
        """The geometry of the blocks that figures show: the regions themselves, unless there are too many of them.

        A block consists of whole regions, and a part has more than one block.
        """
        if self.side <= MOST_REGIONS:
            return self
        whole = [size for size in self.region_sizes if size % self.region_size == 0 and size < self.map_size]
        return replace(self, region_size=whole[-1])

    def place(self, region: int) -> tuple[int, int, int]:
        """Return the part of a region, and its row and column in the part, counted in regions."""
        part, cell = divmod(int(region), self.side**2)
        return (part, *divmod(cell, self.side))

    def region_box(self, region: int) -> tuple[int, int, int]:
        """Return the first row and column of a region's square in its part, and its side, in pixels."""
        _, row, column = self.place(region)
        size = self.region_size * self.pixels_per_location
        return row * size, column * size, size


PAPER = Geometry(160, 60, (0, 50, 100), ("head and chest", "trunk", "legs"), 15, 5)  # authors' release
HALVES = ("upper half", "lower half")  # the parts of mobile_bcnn


def halves(columns: int, stride: int, region_size: int) -> Geometry:
    """Return the geometry of images whose parts are their two halves, which are squares.

    Args:
        columns: Columns of an image.
        stride: Pixels along a side of a location.
        region_size: Number of locations along a side of a region.
    """
    tops = tuple(columns * part for part in range(len(HALVES)))
    return Geometry(len(HALVES) * columns, columns, tops, HALVES, columns // stride, region_size)
