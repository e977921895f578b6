"""A figure for print of why two images match: heat by location and by region, links between regions, terms as bars.

It shows what the app's page Compare shows, on one white page without clicks: the links are numbered and listed.
Positions are in points, 1/72 inch, from the upper left corner of the page.
"""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
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

from core.colours import AGAINST, FOR, INK, QUIET, RULE, signed_colours
from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.explain.activations import Regions, find_brightest_pixel, find_strongest, spread_over_pixels
from core.explain.attribution import Attribution
from core.explain.region_blocks import block_side, membership, strongest_first, sum_terms
from core.explain.region_names import format_signed, region_name

FORMATS = (".png", ".pdf", ".svg")
STYLE = {
    "font.family": ["DejaVu Sans", "sans-serif"],  # the first comes with matplotlib: the same on every machine
    "font.size": 6,
    "text.color": INK,
    "text.parse_math": False,  # names of files may hold $
    "savefig.dpi": 300,
    "image.composite_image": False,
    "pdf.fonttype": 42,  # text stays text
    "svg.fonttype": "none",
    "svg.hashsalt": "explain",
}
NO_DATE = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}  # the same figure is the same file

WIDTH, HEIGHT, MARGIN = 504, 432, 12  # 7 inches wide: both columns of a page
TOP, PART, GAP = 57, 56, 6  # of the images; side of a part, and between two of them
TALL = 3 * PART + 2 * GAP
WHOLE = TALL * IMAGE_COLUMNS / IMAGE_ROWS
LEFT = (MARGIN, MARGIN + WHOLE + 5, MARGIN + 2 * WHOLE + 11)  # of the probe: image, heat by location, parts
LOWER, ROW = TOP + TALL + 41, 10.6  # of the bars and the list: where they begin, and from row to row
BARS, BARS_WIDTH, LIST = 114, 102, 236  # where the bars begin, their room with the values, where the list begins
LINKS, MOST_BARS = 8, 10  # pairs of regions with a link, regions with a bar of their own

Pair = tuple[int, int, float]  # a region of the probe, one of the match, their term
Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Labels:
    """Words of a figure."""

    probe: str
    match: str
    about: str  # the model, and what the terms are measured from
    c: str  # what c is called, from core.explain.region_names


def save_match(file: Path, why: Attribution, both: tuple[Regions, Regions], labels: Labels) -> None:
    """Write the figure of two images from `look_inside` and their `explain_match`, as .png, .pdf or .svg."""
    with style.context(["default", STYLE]):  # whatever a matplotlibrc says
        match_figure(why, both, labels).savefig(file, metadata=NO_DATE.get(file.suffix.lower()))


def match_figure(why: Attribution, both: tuple[Regions, Regions], labels: Labels) -> Figure:
    """7 x 6 inches; to be drawn and saved in STYLE.

    Single locations, the regions of `cnn`, stand together in blocks of 5 x 5, as on the page Compare.
    """
    figure, side = Figure((WIDTH / 72, HEIGHT / 72)), both[0].side
    page = figure.add_axes((0, 0, 1, 1), label="page")
    page.text(MARGIN, 22, f"Score {why.score:.3f}".replace("-", "−"), size=12, weight="bold")
    about = _shortened(labels.about, 360, 6.5)
    page.text(WIDTH - MARGIN, 22, about, size=6.5, color=QUIET, horizontalalignment="right")
    by_region = [(membership(side) @ each).reshape(3, block_side(side), block_side(side)) for each in why.of_regions]
    pixel, region = find_brightest_pixel(why.places), float(np.abs(by_region).max())
    for image, name in enumerate((labels.probe, labels.match)):
        _headings(page, image, name)
        _images(page, image, both[image], why.places[image], pixel, by_region[image], region)
    between = column_box(0, 2)[0] + PART + 8
    _scale(page, (between, TOP + TALL + 5, WIDTH - 2 * between, 5), region, "per region")
    pairs = _strongest_pairs(why, side)
    _links(page, pairs, block_side(side))
    _list(page, pairs, block_side(side))
    _notes(page, side)
    page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="auto")  # imshow has set others
    page.set_axis_off()
    _bars(figure, why, side, labels.c)
    return figure


def column_box(image: int, column: int) -> Box:
    """Of the probe (0) or the match (1): its image (0), the same with heat (1), all of its parts (2)."""
    width = PART if column == 2 else WHOLE
    left = LEFT[column] if image == 0 else WIDTH - LEFT[column] - width
    return (left, TOP, width, TALL)


def region_box(image: int, region: int, side: int) -> Box:
    """Where a region, or block, lies in its part; `side` of them along the side of a part."""
    part, cell = divmod(region, side**2)
    row, column = divmod(cell, side)
    left, size = column_box(image, 2)[0], PART / side
    return (left + column * size, TOP + part * (PART + GAP) + row * size, size, size)


def _headings(page: Axes, image: int, name: str) -> None:
    word, edge, shift, side = (("Probe", MARGIN, 29, "left"), ("Match", WIDTH - MARGIN, -31, "right"))[image]
    page.text(edge, 40, word, size=8, weight="bold", horizontalalignment=side)
    page.text(edge + shift, 40, _shortened(name, 190, 6.5), size=6.5, color=QUIET, horizontalalignment=side)
    for column, words in enumerate(("network input", "by location", "by region")):
        left, top, width, _ = column_box(image, column)
        page.text(left + width / 2, top - 4, words, color=QUIET, horizontalalignment="center")


def _images(
    page: Axes, image: int, regions: Regions, places: np.ndarray, pixel: float, cells: np.ndarray, top: float
) -> None:
    """One image, its heat by location, and by region on each of its parts."""
    plain, heated = column_box(image, 0), column_box(image, 1)
    _image(page, plain, regions.image)
    _heat(page, heated, regions.image, signed_colours(spread_over_pixels(places), pixel, over=True))
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
    """(H, W, 3 or 4) uint8, in a frame."""
    left, top, width, height = box
    page.imshow(pixels, extent=(left, left + width, top + height, top), interpolation=interpolation)
    _frame(page, box)


def _heat(page: Axes, box: Box, pixels: np.ndarray, colours: np.ndarray) -> None:
    """RGBA in hard squares over the same image in grey."""
    grey = np.rint(pixels @ (0.299, 0.587, 0.114)).astype(np.uint8)
    _image(page, box, np.repeat(grey[..., None], 3, axis=2))
    _image(page, box, colours, "nearest")


def _frame(page: Axes, box: Box, colour: str = QUIET, width: float = 0.5) -> None:
    page.add_patch(Rectangle(box[:2], *box[2:], fill=False, edgecolor=colour, linewidth=width))


def _scale(page: Axes, box: Box, top: float, words: str) -> None:
    """A bar of colours from -top to top, with its ends and what they are of written below it."""
    left, y, width, height = box
    _image(page, box, signed_colours(np.linspace(-top, top, 201)[None], top), "nearest")
    ends = ((left, f"−{top:.2g}", "left"), (left + width / 2, "0", "center"), (left + width, f"+{top:.2g}", "right"))
    for x, number, side in ends:
        page.text(x, y + height + 7, number, size=5.5, color=QUIET, horizontalalignment=side)
    page.text(left + width / 2, y + height + 15, words, color=QUIET, horizontalalignment="center")


def _strongest_pairs(why: Attribution, side: int) -> list[Pair]:
    terms = sum_terms(why.terms, side)[:-1, :-1]
    return [(r, s, float(terms[r, s])) for r, s in find_strongest(terms, LINKS) if terms[r, s]]


def _links(page: Axes, pairs: list[Pair], side: int) -> None:
    """The strongest above the others; their numbers above all, away from one another."""
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
        places = inner @ corners
        near = [np.linalg.norm(places - other, axis=1) for other in badges]
        badges.append(places[(np.abs(t - 0.5) - np.min([np.full(len(t), 14), *near], axis=0)).argmin()])
        _badge(page, badges[-1], number, value)


def _ends(pairs: list[Pair], side: int) -> np.ndarray:
    """(pairs, 2, 2), x and y of where links begin and end.

    In the middle of a region, or one below the other in regions of the same row.
    """
    middles = np.array([(_middle(region_box(0, r, side)), _middle(region_box(1, s, side))) for r, s, _ in pairs])
    ends = middles.copy()
    for image in (0, 1) if pairs else ():
        for y in np.unique(middles[:, image, 1]):
            row = np.flatnonzero(middles[:, image, 1] == y)
            row = row[np.argsort(middles[row, 1 - image, 1], kind="stable")]  # so that they do not cross
            ends[row, image, 1] += (np.arange(1, len(row) + 1) / (len(row) + 1) - 0.5) * PART / side
    return ends


def _badge(page: Axes, at: tuple[float, float], number: int, value: float) -> None:
    """A number in a white disk."""
    disk: dict[str, Any] = {
        "markersize": 8.5,
        "color": "white",
        "markeredgecolor": _colour(value),
        "markeredgewidth": 0.7,
    }
    page.plot(*at, "o", **disk, zorder=30)
    middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center_baseline"}
    page.text(*at, str(number), weight="bold", color=_colour(value), zorder=31, **middle)


def _bars(figure: Figure, why: Attribution, side: int, c_name: str) -> None:
    """From 0 over c and the probe's regions to the score."""
    terms = [(c_name, why.rest[0]), *strongest_first(why.of_regions[0], side, MOST_BARS)]
    names, values = [name for name, _ in terms] + ["score"], np.array([value for _, value in terms] + [why.score])
    ends = np.append(np.cumsum(values[:-1]), why.score)
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
        words = f"{value:.3f}".replace("-", "−") if is_score else format_signed(value, 3)
        bars.annotate(
            words,
            (max(start, end), row),
            (2.5, 0),
            textcoords="offset points",
            verticalalignment="center_baseline",
            weight="bold" if is_score else "normal",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # the line of 0 stops at it
        )
    page = figure.axes[0]
    page.text(MARGIN, LOWER, "Regions of the probe add up to the score", size=7, weight="bold")


def _list(page: Axes, pairs: list[Pair], side: int) -> None:
    page.text(LIST, LOWER, "The strongest pairs of regions, probe – match", size=7, weight="bold")
    for row, (r, s, value) in enumerate(pairs):
        y = LOWER + 7 + (row + 0.5) * ROW
        _badge(page, (LIST + 5, y), row + 1, value)
        names = _shortened(f"{region_name(r, side)} – {region_name(s, side)}", WIDTH - MARGIN - LIST - 42, 6)
        page.text(LIST + 13, y, names, verticalalignment="center_baseline")
        edge: dict[str, Any] = {"horizontalalignment": "right", "verticalalignment": "center_baseline"}
        page.text(WIDTH - MARGIN, y, format_signed(value), **edge)


def _notes(page: Axes, side: int) -> None:
    blocks = "\nA region here is a block of 5 x 5 locations." if block_side(side) != side else ""
    words = (
        "Blue, solid: speaks for the match. Orange, dashed: speaks against it.\n"
        "The terms of all pairs of regions and of c sum to the score,\nthe cosine of the two descriptors."
    )
    y = LOWER + 15 + LINKS * ROW
    page.text(LIST, y, words + blocks, color=QUIET, verticalalignment="top", linespacing=1.4)


def _colour(value: float) -> str:
    red, green, blue = FOR if value >= 0 else AGAINST
    return to_hex((red / 255, green / 255, blue / 255))


def _middle(box: Box) -> tuple[float, float]:
    left, top, width, height = box
    return left + width / 2, top + height / 2


def _shortened(words: str, room: float, size: float) -> str:
    """Cut in the middle to a width in points: the first and the last letters say most of a file's name."""
    font = FontProperties(family="DejaVu Sans", size=size)

    def cut(length: int) -> str:
        return f"{words[: length // 2]}…{words[len(words) - (length - length // 2) :]}"

    def width(shown: str) -> float:
        return TextPath((0, 0), shown, prop=font).get_extents().width

    if width(words) <= room:
        return words
    return cut(bisect_right(range(len(words)), room, key=lambda length: width(cut(length))) - 1)
