"""The page of a print figure: the positions of its boxes, and images, heat maps, frames, colour scales and texts.

Positions are in points, 1/72 inch, from the upper left corner of the page.
"""

from bisect import bisect_right

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from core.colours import NEGATIVE, POSITIVE, QUIET, signed_colours
from core.config import IMAGE_COLUMNS, IMAGE_ROWS

WIDTH, HEIGHT, MARGIN = 504, 432, 12  # 7 inches: the width of a page with two columns
TOP, PART, GAP = 57, 56, 6  # top of the images, side of a part, gap between parts
TALL = 3 * PART + 2 * GAP
WHOLE = TALL * IMAGE_COLUMNS / IMAGE_ROWS
LEFT = (MARGIN, MARGIN + WHOLE + 5, MARGIN + 2 * WHOLE + 11)  # left edges of the probe's image, heat map and parts
LOWER, ROW = TOP + TALL + 41, 10.6  # top of the bars and of the list, and height of a row
BARS, BARS_WIDTH, LIST = 114, 102, 236  # left edge of the bars, their width with the values, left edge of the list

Box = tuple[float, float, float, float]  # left, top, width, height


def column_box(image: int, column: int) -> Box:
    """Return the box of the image (column 0), the heat map (1) or the parts (2) of the probe (0) or the match (1)."""
    width = PART if column == 2 else WHOLE
    left = LEFT[column] if image == 0 else WIDTH - LEFT[column] - width
    return (left, TOP, width, TALL)


def region_box(image: int, region: int, side: int) -> Box:
    """Return the box of a region or block, for `side` of them along the side of a part."""
    part, cell = divmod(region, side**2)
    row, column = divmod(cell, side)
    left, size = column_box(image, 2)[0], PART / side
    return (left + column * size, TOP + part * (PART + GAP) + row * size, size, size)


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
