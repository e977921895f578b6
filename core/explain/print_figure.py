"""A print figure of an attribution: heat maps by location and by region, links between regions, and bars of terms.

It has the content of the app's page Compare on one white page; the links are numbered and listed. Positions are in
points, 1/72 inch, from the upper left corner of the page.
"""

from bisect import bisect_right
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath

from core.colours import INK, NEGATIVE, POSITIVE, QUIET, RULE, signed_colours
from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.explain.activations import Regions, find_heat_limit, find_strongest, spread_over_pixels
from core.explain.attribution import Attribution
from core.explain.region_blocks import block_side, membership, strongest_first, sum_terms
from core.explain.region_names import format_signed, region_name

FORMATS = (".png", ".pdf", ".svg")
STYLE = {
    "font.family": ["DejaVu Sans", "sans-serif"],  # part of matplotlib, so equal on every machine
    "font.size": 6,
    "text.color": INK,
    "text.parse_math": False,  # file names may contain $
    "savefig.dpi": 300,
    "image.composite_image": False,
    "pdf.fonttype": 42,  # embed text as text
    "svg.fonttype": "none",
    "svg.hashsalt": "explain",
}
LOCK = Lock()  # matplotlib's settings are global, and visitors of the app share one process
NO_DATE = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}  # equal figures give equal files

WIDTH, HEIGHT, MARGIN = 504, 432, 12  # 7 inches: the width of a page with two columns
TOP, PART, GAP = 57, 56, 6  # top of the images, side of a part, gap between parts
TALL = 3 * PART + 2 * GAP
WHOLE = TALL * IMAGE_COLUMNS / IMAGE_ROWS
LEFT = (MARGIN, MARGIN + WHOLE + 5, MARGIN + 2 * WHOLE + 11)  # left edges of the probe's image, heat map and parts
LOWER, ROW = TOP + TALL + 41, 10.6  # top of the bars and of the list, and height of a row
BARS, BARS_WIDTH, LIST = 114, 102, 236  # left edge of the bars, their width with the values, left edge of the list
LINKS, MOST_BARS = 8, 10  # number of pairs with a link, and of regions with a bar

Pair = tuple[int, int, float]  # region of the probe, region of the match, term
Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Labels:
    """The texts of a figure."""

    probe: str
    match: str
    about: str  # the model and the baseline
    c: str  # name of c, from core.explain.region_names


def save_match(file: Path, attribution: Attribution, both: tuple[Regions, Regions], labels: Labels) -> None:
    """Write the figure of an attribution to a file.

    Args:
        file: A file that ends in .png, .pdf or .svg.
        attribution: The attribution, from `explain_match`.
        both: The probe and the match, from `look_inside`.
        labels: The texts.
    """
    file.write_bytes(encode_match(file.suffix.lower(), attribution, both, labels))


def encode_match(format: str, attribution: Attribution, both: tuple[Regions, Regions], labels: Labels) -> bytes:
    """Encode the figure of an attribution; `format` is one of FORMATS."""
    file = BytesIO()
    with LOCK, style.context(["default", STYLE]):  # independent of the user's matplotlibrc
        match_figure(attribution, both, labels).savefig(file, format=format[1:], metadata=NO_DATE.get(format))
    return file.getvalue()


def match_figure(attribution: Attribution, both: tuple[Regions, Regions], labels: Labels) -> Figure:
    """Create the figure of an attribution, 7 x 6 inches, to be drawn and saved with STYLE.

    The regions of `cnn`, single locations, are summed in blocks of 5 x 5, as on the page Compare.
    """
    figure, side = Figure((WIDTH / 72, HEIGHT / 72)), both[0].side
    page = figure.add_axes((0, 0, 1, 1), label="page")
    page.text(MARGIN, 22, f"Score {attribution.score:.3f}".replace("-", "−"), size=12, weight="bold")
    about = _shortened(labels.about, 360, 6.5)
    page.text(WIDTH - MARGIN, 22, about, size=6.5, color=QUIET, horizontalalignment="right")
    by_region = [
        (membership(side) @ each).reshape(3, block_side(side), block_side(side)) for each in attribution.of_regions
    ]
    pixel, region = find_heat_limit(attribution.locations), float(np.abs(by_region).max())
    for image, name in enumerate((labels.probe, labels.match)):
        _headings(page, image, name)
        _images(page, image, both[image], attribution.locations[image], pixel, by_region[image], region)
    between = column_box(0, 2)[0] + PART + 8
    _scale(page, (between, TOP + TALL + 5, WIDTH - 2 * between, 5), region, "per region")
    pairs = _strongest_pairs(attribution, side)
    _links(page, pairs, block_side(side))
    _list(page, pairs, block_side(side))
    _notes(page, side)
    page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="auto")  # imshow has changed the limits
    page.set_axis_off()
    _bars(figure, attribution, side, labels.c)
    return figure


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


def _headings(page: Axes, image: int, name: str) -> None:
    """Draw the headings of the probe (0) or the match (1)."""
    title, edge, shift, side = (("Probe", MARGIN, 29, "left"), ("Match", WIDTH - MARGIN, -31, "right"))[image]
    page.text(edge, 40, title, size=8, weight="bold", horizontalalignment=side)
    page.text(edge + shift, 40, _shortened(name, 190, 6.5), size=6.5, color=QUIET, horizontalalignment=side)
    for column, heading in enumerate(("network input", "by location", "by region")):
        left, top, width, _ = column_box(image, column)
        page.text(left + width / 2, top - 4, heading, color=QUIET, horizontalalignment="center")


def _images(
    page: Axes, image: int, regions: Regions, locations: np.ndarray, pixel: float, cells: np.ndarray, top: float
) -> None:
    """Draw one image, its heat map by location, and the heat map by region on each part."""
    plain, heated = column_box(image, 0), column_box(image, 1)
    _image(page, plain, regions.image)
    _heat(page, heated, regions.image, signed_colours(spread_over_pixels(locations), pixel, over=True))
    _scale(page, (heated[0], TOP + TALL + 5, WHOLE, 5), pixel, "per pixel")
    for part, values in enumerate(cells):
        side = len(values)
        first = part * side**2
        box = (*region_box(image, first, side)[:2], PART, PART)
        _heat(page, box, regions.parts[part], signed_colours(values, top, over=True))
        for region in range(first, first + side**2):
            _frame(page, region_box(image, region, side), RULE, 0.25)
        _frame(page, box)


def _image(page: Axes, box: Box, pixels: np.ndarray, interpolation: str = "bicubic") -> None:
    """Draw pixels, uint8 (H, W, 3 or 4), in a frame."""
    left, top, width, height = box
    page.imshow(pixels, extent=(left, left + width, top + height, top), interpolation=interpolation)
    _frame(page, box)


def _heat(page: Axes, box: Box, pixels: np.ndarray, colours: np.ndarray) -> None:
    """Draw a heat map (RGBA) without interpolation over the image in grey."""
    grey = np.rint(pixels @ (0.299, 0.587, 0.114)).astype(np.uint8)
    _image(page, box, np.repeat(grey[..., None], 3, axis=2))
    _image(page, box, colours, "nearest")


def _frame(page: Axes, box: Box, colour: str = QUIET, width: float = 0.5) -> None:
    """Draw the frame of a box."""
    page.add_patch(Rectangle(box[:2], *box[2:], fill=False, edgecolor=colour, linewidth=width))


def _scale(page: Axes, box: Box, top: float, label: str) -> None:
    """Draw a colour scale from -top to top, with its limits and a label below it."""
    left, y, width, height = box
    _image(page, box, signed_colours(np.linspace(-top, top, 201)[None], top), "nearest")
    ends = ((left, f"−{top:.2g}", "left"), (left + width / 2, "0", "center"), (left + width, f"+{top:.2g}", "right"))
    for x, number, side in ends:
        page.text(x, y + height + 7, number, size=5.5, color=QUIET, horizontalalignment=side)
    page.text(left + width / 2, y + height + 15, label, color=QUIET, horizontalalignment="center")


def _strongest_pairs(attribution: Attribution, side: int) -> list[Pair]:
    """Return the pairs of blocks with the largest absolute terms."""
    terms = sum_terms(attribution.terms, side)[:-1, :-1]
    return [(r, s, float(terms[r, s])) for r, s in find_strongest(terms, LINKS) if terms[r, s]]


def _links(page: Axes, pairs: list[Pair], side: int) -> None:
    """Draw the links, stronger ones above weaker ones, and their numbers on top, apart from one another."""
    badges: list[Any] = []
    t = np.linspace(1 / 3, 2 / 3, 81)  # the middle third of a curve
    inner = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    for number, (ends, (_, _, value)) in enumerate(zip(_ends(pairs, side), pairs, strict=True), 1):
        (x, y), (to_x, to_y) = ends
        bend = (x + to_x) / 2
        corners = np.array([(x, y), (bend, y), (bend, to_y), (to_x, to_y)])
        width, above = 0.7 + 2.6 * abs(value) / abs(pairs[0][2]), 4 + 2 * (len(pairs) - number)
        curve = PathPatch(
            Curve(corners, [Curve.MOVETO] + [Curve.CURVE4] * 3),
            fill=False,
            edgecolor=_colour(value),
            linewidth=width,
            linestyle="solid" if value >= 0 else (0, (2.2, 1)),
            capstyle="butt",
            path_effects=[withStroke(linewidth=width + 1, foreground="white")],
            zorder=above,
        )
        page.add_patch(curve)
        dots: dict[str, Any] = {
            "markersize": 4,
            "color": _colour(value),
            "markeredgecolor": "white",
            "markeredgewidth": 0.5,
        }
        page.plot(*corners[[0, -1]].T, "o", **dots, zorder=above + 1)
        positions = inner @ corners
        near = [np.linalg.norm(positions - other, axis=1) for other in badges]
        badges.append(positions[(np.abs(t - 0.5) - np.min([np.full(len(t), 14), *near], axis=0)).argmin()])
        _badge(page, badges[-1], number, value)


def _ends(pairs: list[Pair], side: int) -> np.ndarray:
    """Return the start and end points of the links, (pairs, 2, 2).

    A link ends in the middle of a region. Ends in regions of the same row are distributed vertically.
    """
    middles = np.array([(_middle(region_box(0, r, side)), _middle(region_box(1, s, side))) for r, s, _ in pairs])
    ends = middles.copy()
    for image in (0, 1) if pairs else ():
        for y in np.unique(middles[:, image, 1]):
            row = np.flatnonzero(middles[:, image, 1] == y)
            row = row[np.argsort(middles[row, 1 - image, 1], kind="stable")]  # avoids crossings
            ends[row, image, 1] += (np.arange(1, len(row) + 1) / (len(row) + 1) - 0.5) * PART / side
    return ends


def _badge(page: Axes, at: tuple[float, float], number: int, value: float) -> None:
    """Draw a number in a white disk."""
    disk: dict[str, Any] = {
        "markersize": 8.5,
        "color": "white",
        "markeredgecolor": _colour(value),
        "markeredgewidth": 0.7,
    }
    page.plot(*at, "o", **disk, zorder=30)
    middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center_baseline"}
    page.text(*at, str(number), weight="bold", color=_colour(value), zorder=31, **middle)


def _bars(figure: Figure, attribution: Attribution, side: int, c_name: str) -> None:
    """Draw a waterfall chart: from 0, over c and the regions of the probe, to the score."""
    terms = [(c_name, attribution.rest[0]), *strongest_first(attribution.of_regions[0], side, MOST_BARS)]
    names, values = (
        [name for name, _ in terms] + ["score"],
        np.array([value for _, value in terms] + [attribution.score]),
    )
    ends = np.append(np.cumsum(values[:-1]), attribution.score)
    starts = ends - values
    rows, height = np.arange(len(values)), len(values) * ROW
    box = (BARS / WIDTH, 1 - (LOWER + 7 + height) / HEIGHT, BARS_WIDTH / WIDTH, height / HEIGHT)
    bars = figure.add_axes(box, label="bars", frameon=False)
    bars.barh(rows, values, 0.66, starts, color=[*map(_colour, values[:-1]), QUIET])
    bars.vlines(ends[:-1], rows[:-1] + 0.33, rows[1:] - 0.33, RULE, linewidth=0.5)
    bars.axvline(0, color=RULE, linewidth=0.5, zorder=0)
    low, high = min(ends.min(), 0), max(ends.max(), 0, 1e-12)
    bars.set(xlim=(low, low + (high - low) * BARS_WIDTH / (BARS_WIDTH - 26)), ylim=(len(values) - 0.5, -0.5), xticks=[])
    bars.set_yticks(rows, [_shortened(name, BARS - MARGIN, 6) for name in names])
    bars.tick_params("y", length=0, pad=3)
    bars.get_yticklabels()[-1].set_fontweight("bold")
    for row, (start, end, value) in enumerate(zip(starts, ends, values, strict=True)):
        is_score = row == len(terms)
        text = f"{value:.3f}".replace("-", "−") if is_score else format_signed(value, 3)
        bars.annotate(
            text,
            (max(start, end), row),
            (2.5, 0),
            textcoords="offset points",
            verticalalignment="center_baseline",
            weight="bold" if is_score else "normal",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # covers the line at 0
        )
    page = figure.axes[0]
    page.text(MARGIN, LOWER, "The regions of the probe sum to the score", size=7, weight="bold")


def _list(page: Axes, pairs: list[Pair], side: int) -> None:
    """Draw the numbered list of the links."""
    page.text(LIST, LOWER, "Strongest pairs of regions, probe – match", size=7, weight="bold")
    for row, (r, s, value) in enumerate(pairs):
        y = LOWER + 7 + (row + 0.5) * ROW
        _badge(page, (LIST + 5, y), row + 1, value)
        names = _shortened(f"{region_name(r, side)} – {region_name(s, side)}", WIDTH - MARGIN - LIST - 42, 6)
        page.text(LIST + 13, y, names, verticalalignment="center_baseline")
        edge: dict[str, Any] = {"horizontalalignment": "right", "verticalalignment": "center_baseline"}
        page.text(WIDTH - MARGIN, y, format_signed(value), **edge)


def _notes(page: Axes, side: int) -> None:
    """Draw the legend."""
    blocks = "\nA region here is a block of 5 x 5 locations." if block_side(side) != side else ""
    legend = (
        "Blue, solid: raises the score. Orange, dashed: lowers the score.\n"
        "The terms of all pairs of regions and of c sum to the score,\nthe cosine similarity of the descriptors."
    )
    y = LOWER + 15 + LINKS * ROW
    page.text(LIST, y, legend + blocks, color=QUIET, verticalalignment="top", linespacing=1.4)


def _colour(value: float) -> str:
    """Return the colour of a term, by its sign."""
    red, green, blue = POSITIVE if value >= 0 else NEGATIVE
    return to_hex((red / 255, green / 255, blue / 255))


def _middle(box: Box) -> tuple[float, float]:
    """Return the centre of a box."""
    left, top, width, height = box
    return left + width / 2, top + height / 2


def _shortened(text: str, room: float, size: float) -> str:
    """Shorten a text in the middle to a width in points; file names differ most at their ends."""
    font = FontProperties(family="DejaVu Sans", size=size)

    def cut(length: int) -> str:
        return f"{text[: length // 2]}…{text[len(text) - (length - length // 2) :]}"

    def width(shortened: str) -> float:
        return TextPath((0, 0), shortened, prop=font).get_extents().width

    if width(text) <= room:
        return text
    return cut(bisect_right(range(len(text)), room, key=lambda length: width(cut(length))) - 1)
