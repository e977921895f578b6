"""A print figure of an attribution: heat maps by location and by region, links between regions, and bars of terms.

It has the content of the app's page Compare on one white page; the links are numbered and listed. Positions are in
points, 1/72 inch, from the upper left corner of the page.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.colours import INK, QUIET, RULE, signed_colours
from core.explain.activations import Regions, find_heat_limit, spread_over_pixels
from core.explain.attribution import Attribution
from core.explain.print_links import LINKS, draw_links, draw_list, strongest_pairs
from core.explain.print_page import (
    BARS,
    BARS_WIDTH,
    LIST,
    MARGIN,
    ROW,
    TOP,
    WIDTH,
    Layout,
    colour_of,
    draw_frame,
    draw_heat,
    draw_image,
    draw_scale,
    shorten,
)
from core.explain.region_blocks import membership, strongest_first
from core.explain.region_names import format_signed
from core.geometry import Geometry

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

MOST_BARS = 10  # number of regions with a bar


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

    The regions of `cnn`, single locations, are summed in blocks of 5 x 5, as on the page Compare. With two parts the
    images are lower, and so is the figure.
    """
    geometry = both[0].geometry
    layout = Layout(geometry.blocks)
    figure, side = Figure((WIDTH / 72, layout.height / 72)), layout.geometry.side
    page = figure.add_axes((0, 0, 1, 1), label="page")
    page.text(MARGIN, 22, f"Score {attribution.score:.3f}".replace("-", "−"), size=12, weight="bold")
    about = shorten(labels.about, 360, 6.5)
    page.text(WIDTH - MARGIN, 22, about, size=6.5, color=QUIET, horizontalalignment="right")
    by_region = [(membership(geometry) @ each).reshape(-1, side, side) for each in attribution.of_regions]
    pixel, region = find_heat_limit(attribution.locations, geometry), float(np.abs(by_region).max())
    for image, name in enumerate((labels.probe, labels.match)):
        _headings(page, layout, image, name)
        _images(page, layout, image, both[image], attribution.locations[image], pixel, by_region[image], region)
    between = layout.column_box(0, 2)[0] + layout.part + 8
    draw_scale(page, (between, TOP + layout.tall + 5, WIDTH - 2 * between, 5), region, "per region")
    pairs = strongest_pairs(attribution, geometry)
    draw_links(page, pairs, layout)
    draw_list(page, pairs, layout)
    _notes(page, layout, layout.geometry != geometry)
    page.set(xlim=(0, WIDTH), ylim=(layout.height, 0), aspect="auto")  # imshow has changed the limits
    page.set_axis_off()
    _bars(figure, layout, attribution, geometry, labels.c)
    return figure


def _headings(page: Axes, layout: Layout, image: int, name: str) -> None:
    """Draw the headings of the probe (0) or the match (1)."""
    title, edge, shift, side = (("Probe", MARGIN, 29, "left"), ("Match", WIDTH - MARGIN, -31, "right"))[image]
    page.text(edge, 40, title, size=8, weight="bold", horizontalalignment=side)
    page.text(edge + shift, 40, shorten(name, 190, 6.5), size=6.5, color=QUIET, horizontalalignment=side)
    for column, heading in enumerate(("network input", "by location", "by region")):
        left, top, width, _ = layout.column_box(image, column)
        page.text(left + width / 2, top - 4, heading, color=QUIET, horizontalalignment="center")


def _images(
    page: Axes,
    layout: Layout,
    image: int,
    regions: Regions,
    locations: np.ndarray,
    pixel: float,
    cells: np.ndarray,
    top: float,
) -> None:
    """Draw one image, its heat map by location, and the heat map by region on each part."""
    plain, heated = layout.column_box(image, 0), layout.column_box(image, 1)
    draw_image(page, plain, regions.image)
    draw_heat(
        page, heated, regions.image, signed_colours(spread_over_pixels(locations, regions.geometry), pixel, over=True)
    )
    draw_scale(page, (heated[0], TOP + layout.tall + 5, layout.whole, 5), pixel, "per pixel")
    for part, values in enumerate(cells):
        side = len(values)
        first = part * side**2
        box = layout.part_box(image, part)
        draw_heat(page, box, regions.parts[part], signed_colours(values, top, over=True))
        for region in range(first, first + side**2):
            draw_frame(page, layout.region_box(image, region), RULE, 0.25)
        draw_frame(page, box)


def _bars(figure: Figure, layout: Layout, attribution: Attribution, geometry: Geometry, c_name: str) -> None:
    """Draw a waterfall chart: from 0, over c and the regions of the probe, to the score."""
    terms = [(c_name, attribution.rest[0]), *strongest_first(attribution.of_regions[0], geometry, MOST_BARS)]
    names, values = (
        [name for name, _ in terms] + ["score"],
        np.array([value for _, value in terms] + [attribution.score]),
    )
    ends = np.append(np.cumsum(values[:-1]), attribution.score)
    starts = ends - values
    rows, height = np.arange(len(values)), len(values) * ROW
    bottom = 1 - (layout.lower + 7 + height) / layout.height
    box = (BARS / WIDTH, bottom, BARS_WIDTH / WIDTH, height / layout.height)
    bars = figure.add_axes(box, label="bars", frameon=False)
    bars.barh(rows, values, 0.66, starts, color=[*map(colour_of, values[:-1]), QUIET])
    bars.vlines(ends[:-1], rows[:-1] + 0.33, rows[1:] - 0.33, RULE, linewidth=0.5)
    bars.axvline(0, color=RULE, linewidth=0.5, zorder=0)
    low, high = min(ends.min(), 0), max(ends.max(), 0, 1e-12)
    bars.set(xlim=(low, low + (high - low) * BARS_WIDTH / (BARS_WIDTH - 26)), ylim=(len(values) - 0.5, -0.5), xticks=[])
    bars.set_yticks(rows, [shorten(name, BARS - MARGIN, 6) for name in names])
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
    page.text(MARGIN, layout.lower, "The regions of the probe sum to the score", size=7, weight="bold")


def _notes(page: Axes, layout: Layout, are_blocks: bool) -> None:
    """Draw the legend."""
    size = layout.geometry.region_size
    blocks = f"\nA region here is a block of {size} x {size} locations." if are_blocks else ""
    legend = (
        "Blue, solid: raises the score. Orange, dashed: lowers the score.\n"
        "The terms of all pairs of regions and of c sum to the score,\nthe cosine similarity of the descriptors."
    )
    y = layout.lower + 15 + LINKS * ROW
    page.text(LIST, y, legend + blocks, color=QUIET, verticalalignment="top", linespacing=1.4)
