"""The page of a print figure: positions (`Layout`), images, heat maps, frames, colour scales and texts.

Positions are in points, 1/72 inch, from the upper left corner of the page.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from core.colours import NEGATIVE, POSITIVE, QUIET, signed_colours
from core.explain.part_layout import fit_part
from core.geometry import Geometry

WIDTH, MARGIN = 504, 12  # 7 inches: the width of a page with two columns
TOP, GAP = 57, 6  # top of the images, gap between parts
HALF = 191  # width of an image, its heat map and its parts, without the space between them
ROW = 10.6  # height of a row of the bars and of the list
BARS, BARS_WIDTH, LIST = 114, 102, 236  # left edge of the bars, their width with the values, left edge of the list

Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Layout:
    """The positions of the images and of what is below them.

    Attributes:
        geometry: The geometry of the regions or blocks to draw.
    """

    geometry: Geometry

    @property
    def part(self) -> float:
        """The side of a part."""
        return fit_part(self.geometry, HALF, GAP)

    @property
    def tall(self) -> float:
        """The height of an image, which is that of its column of parts."""
        return self.geometry.parts * (self.part + GAP) - GAP

    @property
    def whole(self) -> float:
        """The width of an image."""
        return self.tall * self.geometry.columns / self.geometry.rows

    @property
    def lower(self) -> float:
        """The top of the bars and of the list."""
        return TOP + self.tall + 41

    @property
    def height(self) -> float:
        """The height of the page."""
        return self.lower + 154

    def column_box(self, image: int, column: int) -> Box:
        """Return the box of the image (column 0), the heat map (1) or the parts (2) of the probe (0) or match (1)."""
        width = self.part if column == 2 else self.whole
        left = (MARGIN, MARGIN + self.whole + 5, MARGIN + 2 * self.whole + 11)[column]
        return (left if image == 0 else WIDTH - left - width, TOP, width, self.tall)

    def part_box(self, image: int, part: int) -> Box:
        """Return the box of a part of the probe (0) or the match (1)."""
        return (self.column_box(image, 2)[0], TOP + part * (self.part + GAP), self.part, self.part)

    def region_box(self, image: int, region: int) -> Box:
        """Return the box of a region or block."""
        part, row, column = self.geometry.place(region)
        (left, top, *_), size = self.part_box(image, part), self.part / self.geometry.side
        return (left + column * size, top + row * size, size, size)


def draw_image(page: Axes, box: Box, pixels: np.ndarray, interpolation: str = "bicubic") -> None:
    """Draw pixels, uint8 (H, W, 3 or 4), in a frame."""
    left, top, width, height = box
    page.imshow(pixels, extent=(left, left + width, top + height, top), interpolation=interpolation)
    draw_frame(page, box)


def draw_heat(page: Axes, box: Box, pixels: np.ndarray, colours: np.ndarray) -> None:
    """Draw a heat map (RGBA) without interpolation over the image in grey."""
    grey = np.rint(pixels @ (0.299, 0.587, 0.114)).astype(np.uint8)
    draw_image(page, box, np.repeat(grey[..., None], 3, axis=2))
    draw_image(page, box, colours, "nearest")


def draw_frame(page: Axes, box: Box, colour: str = QUIET, width: float = 0.5) -> None:
    """Draw the frame of a box."""
    page.add_patch(Rectangle(box[:2], *box[2:], fill=False, edgecolor=colour, linewidth=width))


def draw_scale(page: Axes, box: Box, top: float, label: str) -> None:
    """Draw a colour scale from -top to top, with its limits and a label below it."""
    left, y, width, height = box
    draw_image(page, box, signed_colours(np.linspace(-top, top, 201)[None], top), "nearest")
    ends = ((left, f"−{top:.2g}", "left"), (left + width / 2, "0", "center"), (left + width, f"+{top:.2g}", "right"))
    for x, number, side in ends:
        page.text(x, y + height + 7, number, size=5.5, color=QUIET, horizontalalignment=side)
    page.text(left + width / 2, y + height + 15, label, color=QUIET, horizontalalignment="center")


def colour_of(value: float) -> str:
    """Return the colour of a term, by its sign."""
    red, green, blue = POSITIVE if value >= 0 else NEGATIVE
    return to_hex((red / 255, green / 255, blue / 255))


def middle_of(box: Box) -> tuple[float, float]:
    """Return the centre of a box."""
    left, top, width, height = box
    return left + width / 2, top + height / 2


def shorten(text: str, room: float, size: float) -> str:
    """Shorten a text in the middle to a width in points; file names differ most at their ends."""
    font = FontProperties(family="DejaVu Sans", size=size)

    def cut(length: int) -> str:
        return f"{text[: length // 2]}…{text[len(text) - (length - length // 2) :]}"

    def width(shortened: str) -> float:
        return TextPath((0, 0), shortened, prop=font).get_extents().width

    if width(text) <= room:
        return text
    return cut(bisect_right(range(len(text)), room, key=lambda length: width(cut(length))) - 1)
