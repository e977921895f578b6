"""The links of a print figure: curves between the strongest pairs of regions, their numbers, and their list."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve
from matplotlib.patheffects import withStroke

from core.explain.activations import find_strongest
from core.explain.attribution import Attribution
from core.explain.print_page import LIST, MARGIN, ROW, WIDTH, Layout, colour_of, middle_of, shorten
from core.explain.region_blocks import sum_terms
from core.explain.region_names import format_signed, region_name
from core.geometry import Geometry

LINKS = 8  # number of pairs with a link

Pair = tuple[int, int, float]  # region of the probe, region of the match, term


def strongest_pairs(attribution: Attribution, geometry: Geometry) -> list[Pair]:
    """Return the pairs of blocks with the largest absolute terms."""
    terms = sum_terms(attribution.terms, geometry)[:-1, :-1]
    return [(r, s, float(terms[r, s])) for r, s in find_strongest(terms, LINKS) if terms[r, s]]


def draw_links(page: Axes, pairs: list[Pair], layout: Layout) -> None:
    """Draw the links, stronger ones above weaker ones, and their numbers on top, apart from one another."""
    badges: list[Any] = []
    t = np.linspace(1 / 3, 2 / 3, 81)  # the middle third of a curve
    inner = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    for number, (ends, (_, _, value)) in enumerate(zip(_ends(pairs, layout), pairs, strict=True), 1):
        (x, y), (to_x, to_y) = ends
        bend = (x + to_x) / 2
        corners = np.array([(x, y), (bend, y), (bend, to_y), (to_x, to_y)])
        width, above = 0.7 + 2.6 * abs(value) / abs(pairs[0][2]), 4 + 2 * (len(pairs) - number)
        curve = PathPatch(
            Curve(corners, [Curve.MOVETO] + [Curve.CURVE4] * 3),
            fill=False,
            edgecolor=colour_of(value),
            linewidth=width,
            linestyle="solid" if value >= 0 else (0, (2.2, 1)),
            capstyle="butt",
            path_effects=[withStroke(linewidth=width + 1, foreground="white")],
            zorder=above,
        )
        page.add_patch(curve)
        dots: dict[str, Any] = {
            "markersize": 4,
            "color": colour_of(value),
            "markeredgecolor": "white",
            "markeredgewidth": 0.5,
        }
        page.plot(*corners[[0, -1]].T, "o", **dots, zorder=above + 1)
        positions = inner @ corners
        near = [np.linalg.norm(positions - other, axis=1) for other in badges]
        badges.append(positions[(np.abs(t - 0.5) - np.min([np.full(len(t), 14), *near], axis=0)).argmin()])
        _badge(page, badges[-1], number, value)


def _ends(pairs: list[Pair], layout: Layout) -> np.ndarray:
    """Return the start and end points of the links, (pairs, 2, 2).

    A link ends in the middle of a region. Ends in regions of the same row are distributed vertically.
    """
    middles = np.array(
        [[middle_of(layout.region_box(n, region)) for n, region in enumerate((r, s))] for r, s, _ in pairs]
    )
    ends = middles.copy()
    for image in (0, 1) if pairs else ():
        for y in np.unique(middles[:, image, 1]):
            row = np.flatnonzero(middles[:, image, 1] == y)
            row = row[np.argsort(middles[row, 1 - image, 1], kind="stable")]  # avoids crossings
            ends[row, image, 1] += (
                (np.arange(1, len(row) + 1) / (len(row) + 1) - 0.5) * layout.part / layout.geometry.side
            )
    return ends


def _badge(page: Axes, at: tuple[float, float], number: int, value: float) -> None:
    """Draw a number in a white disk."""
    disk: dict[str, Any] = {
        "markersize": 8.5,
        "color": "white",
        "markeredgecolor": colour_of(value),
        "markeredgewidth": 0.7,
    }
    page.plot(*at, "o", **disk, zorder=30)
    middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center_baseline"}
    page.text(*at, str(number), weight="bold", color=colour_of(value), zorder=31, **middle)


def draw_list(page: Axes, pairs: list[Pair], layout: Layout) -> None:
    """Draw the numbered list of the links."""
    page.text(LIST, layout.lower, "Strongest pairs of regions, probe – match", size=7, weight="bold")
    for row, (r, s, value) in enumerate(pairs):
        y = layout.lower + 7 + (row + 0.5) * ROW
        _badge(page, (LIST + 5, y), row + 1, value)
        names = " – ".join(region_name(region, layout.geometry) for region in (r, s))
        names = shorten(names, WIDTH - MARGIN - LIST - 42, 6)
        page.text(LIST + 13, y, names, verticalalignment="center_baseline")
        edge: dict[str, Any] = {"horizontalalignment": "right", "verticalalignment": "center_baseline"}
        page.text(WIDTH - MARGIN, y, format_signed(value), **edge)
