"""A figure for print of why two pictures match: heat by place and by region, curves between regions, terms as bars.

It shows what the app's page Compare shows, on one white page without clicks: the curves are numbered and listed.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.colours import AGAINST, FOR, signed_colours
from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.explain.activations import Regions, brightest_pixel, on_pixels, strongest
from core.explain.attribution import Attribution
from core.explain.print_canvas import QUIET, RULE, Box, Canvas, Point
from core.explain.region_blocks import block_side, membership, strongest_first, sum_terms
from core.explain.region_names import region_name, signed

WIDTH, HEIGHT, MARGIN = 2100, 1800, 50  # 7 inches wide: both columns of a page
TOP, PART, GAP = 236, 228, 26  # of the pictures; side of a part, and between two of them
TALL = 3 * PART + 2 * GAP
WHOLE = TALL * IMAGE_COLUMNS // IMAGE_ROWS
LEFT = (MARGIN, MARGIN + WHOLE + 20, MARGIN + 2 * (WHOLE + 20) + 6)  # of the probe's picture, heat and parts
LOWER, ROW = TOP + TALL + 184, 44  # of the bars and the list: where they begin, and from row to row
NAMES, BARS_END, LIST = 450, 880, 1060  # where the bars' names and the longest bar end, where the list begins
CURVES, BARS = 8, 10  # pairs of regions with a curve, regions with a bar of their own

Pair = tuple[int, int, float]  # a region of the probe, one of the match, their term


@dataclass(frozen=True)
class Labels:
    """Words of a figure."""

    probe: str
    match: str
    about: str  # the model, and what the terms are measured from
    c: str  # what c is called, from core.explain.region_names


def draw_match(why: Attribution, both: tuple[Regions, Regions], labels: Labels) -> Image.Image:
    """Two pictures from `look_inside` and their `explain_match` -> an RGB picture of 2100 x 1800 pixels, for 300 dpi.

    Single places, the regions of `cnn`, stand together in blocks of 5 x 5, as on the page Compare.
    """
    canvas, side = Canvas(WIDTH, HEIGHT), both[0].side
    canvas.text((MARGIN, 88), f"Score {why.score:.3f}".replace("-", "−"), 52, strong=True)
    canvas.text((WIDTH - MARGIN, 84), labels.about, side="right", colour=QUIET, room=WIDTH - 2 * MARGIN - 400)
    by_region = [(membership(side) @ each).reshape(3, block_side(side), block_side(side)) for each in why.of_regions]
    pixel, region = brightest_pixel(why.places), float(np.abs(by_region).max())
    for picture, name in enumerate((labels.probe, labels.match)):
        _heading(canvas, picture, ("Probe", "Match")[picture], name)
        _pictures(canvas, picture, both[picture], why.places[picture], pixel, by_region[picture], region)
    pairs = _strongest_pairs(why, side)
    if pairs:
        _curves(canvas, pairs, block_side(side))
    between = column_box(0, 2)[0] + PART + 30
    canvas.scale((between, TOP + TALL + 18, WIDTH - 2 * between, 18), region, "a region")
    _bars(canvas, why, side, labels.c)
    _list(canvas, pairs, block_side(side))
    _notes(canvas, side, both[0])
    return canvas.page


def column_box(picture: int, column: int) -> Box:
    """Of the probe (0) or the match (1): its picture (0), the same with heat (1), all of its parts (2)."""
    width = PART if column == 2 else WHOLE
    left = LEFT[column] if picture == 0 else WIDTH - LEFT[column] - width
    return (left, TOP, width, TALL)


def region_box(picture: int, region: int, side: int) -> Box:
    """Where a region, or block, lies in its part; `side` of them along the side of a part."""
    part, cell = divmod(region, side**2)
    row, column = divmod(cell, side)
    left, size = column_box(picture, 2)[0], PART / side
    return (left + column * size, TOP + part * (PART + GAP) + row * size, size, size)


def bar_box(row: int, start: float, end: float, low: float, high: float) -> Box:
    """Of a term that leads from one partial sum to another, where bars have room for `low` to `high`."""
    first, last = (
        NAMES + 20 + (value - low) / (high - low) * (BARS_END - NAMES - 20) for value in sorted((start, end))
    )
    return (first, LOWER + 28 + row * ROW, max(last - first, 2), ROW - 14)


def _heading(canvas: Canvas, picture: int, word: str, name: str) -> None:
    side, edge = (("left", MARGIN), ("right", WIDTH - MARGIN))[picture]
    canvas.text((edge, 156), word, 34, side, strong=True)
    shift = 116 if picture == 0 else -124
    canvas.text((edge + shift, 156), name, 27, side, QUIET, room=740)
    for column, words in enumerate(("as the network sees it", "by place", "by region")):
        left, _, width, _ = column_box(picture, column)
        canvas.text((left + width / 2, TOP - 16), words, 24, "middle", QUIET)


def _pictures(
    canvas: Canvas, picture: int, regions: Regions, places: np.ndarray, pixel: float, cells: np.ndarray, top: float
) -> None:
    """One picture, its heat by place, and by region on each of its parts."""
    plain, heated = column_box(picture, 0), column_box(picture, 1)
    canvas.picture(plain, regions.picture)
    canvas.picture(heated, regions.picture, signed_colours(on_pixels(places), pixel, over=True))
    canvas.frame(plain)
    canvas.frame(heated)
    canvas.scale((heated[0], TOP + TALL + 18, WHOLE, 18), pixel, "a pixel")
    for part, values in enumerate(cells):
        side = len(values)
        box = (*region_box(picture, part * side**2, side)[:2], PART, PART)
        canvas.picture(box, regions.parts[part], signed_colours(values, top, over=True))
        for region in range(part * side**2, (part + 1) * side**2):
            canvas.frame(region_box(picture, region, side), 1, RULE)
        canvas.frame(box)


def _strongest_pairs(why: Attribution, side: int) -> list[Pair]:
    terms = sum_terms(why.terms, side)[:-1, :-1]
    return [(r, s, float(terms[r, s])) for r, s in strongest(terms, CURVES) if terms[r, s]]


def _width(value: float, pairs: list[Pair]) -> float:
    return 3 + 11 * abs(value) / abs(pairs[0][2])


def _curves(canvas: Canvas, pairs: list[Pair], side: int) -> None:
    """The strongest above the others; their numbers above all, away from one another."""
    t = np.linspace(0, 1, 240)
    bezier = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    curves, badges = [], []
    for (x, y), (to_x, to_y) in _ends(pairs, side):
        bend = (x + to_x) / 2
        curves.append(bezier @ np.array([(x, y), (bend, y), (bend, to_y), (to_x, to_y)]))
        places = curves[-1][len(t) // 3 : -len(t) // 3]
        near = [np.linalg.norm(places - other, axis=1) for other in badges]
        off = np.abs(np.arange(len(places)) - len(places) / 2) / len(places)
        badges.append(places[(off - np.min([np.full(len(places), 60), *near], axis=0)).argmin()])
    for points, (_, _, value) in list(zip(curves, pairs, strict=True))[::-1]:
        canvas.curve(points, _width(value, pairs), _colour(value), value < 0, dot=9)
    for number, (at, (_, _, value)) in enumerate(zip(badges, pairs, strict=True), 1):
        canvas.badge(tuple(at.tolist()), str(number), _colour(value))


def _ends(pairs: list[Pair], side: int) -> list[tuple[Point, Point]]:
    """Where curves begin and end: in the middle of a region, or one below the other in regions of the same row."""
    middles = np.array([(_middle(region_box(0, r, side)), _middle(region_box(1, s, side))) for r, s, _ in pairs])
    ends = middles.copy()
    for picture in (0, 1):
        for y in np.unique(middles[:, picture, 1]):
            row = np.flatnonzero(middles[:, picture, 1] == y)
            row = row[np.argsort(middles[row, 1 - picture, 1], kind="stable")]  # so that they do not cross
            ends[row, picture, 1] += (np.arange(1, len(row) + 1) / (len(row) + 1) - 0.5) * PART / side
    return [tuple(tuple(point) for point in pair) for pair in ends.tolist()]


def _bars(canvas: Canvas, why: Attribution, side: int, c_name: str) -> None:
    """From 0 over c and the probe's regions to the score."""
    terms = [(c_name, why.rest[0]), *strongest_first(why.of_regions[0], side, BARS)]
    reached = np.concatenate([[0], np.cumsum([value for _, value in terms])])
    low, high = float(reached.min()), float(reached.max())
    high = max(high, low + 1e-12)
    canvas.text((MARGIN, LOWER), "Regions of the probe add up to the score", 30, strong=True)
    zero, bottom = bar_box(0, 0, 0, low, high)[0], LOWER + 28 + (len(terms) + 1) * ROW
    canvas.line((zero, LOWER + 20), (zero, bottom))
    steps = [
        (name, start, end, signed(value, 3), _colour(value))
        for (name, value), start, end in zip(terms, reached[:-1], reached[1:], strict=True)
    ]
    for row, (name, start, end, words, colour) in enumerate(
        [*steps, ("score", 0.0, why.score, f"{why.score:.3f}".replace("-", "−"), QUIET)]
    ):
        left, top, width, height = box = bar_box(row, start, end, low, high)
        canvas.text((NAMES, top + 25), name, side="right", strong=name == "score", room=NAMES - MARGIN)
        canvas.fill(box, colour)
        canvas.text((left + width + 12, top + 25), words, strong=name == "score")
        if row < len(steps):
            x = bar_box(row, end, end, low, high)[0]
            canvas.line((x, top + height), (x, top + ROW))


def _list(canvas: Canvas, pairs: list[Pair], side: int) -> None:
    size = 26 if side <= 3 else 24  # names with rows and columns are longer
    canvas.text((LIST, LOWER), "The strongest pairs of regions, probe – match", 30, strong=True)
    for row, (r, s, value) in enumerate(pairs):
        y = LOWER + 43 + row * ROW
        canvas.badge((LIST + 19, y), str(row + 1), _colour(value))
        swatch = np.stack([np.linspace(LIST + 56, LIST + 118, 60), np.full(60, y)], 1)
        canvas.curve(swatch, _width(value, pairs), _colour(value), dashed=value < 0)
        canvas.text((LIST + 136, y + 9), f"{region_name(r, side)} – {region_name(s, side)}", size, room=748)
        canvas.text((WIDTH - MARGIN, y + 9), signed(value), side="right")


def _notes(canvas: Canvas, side: int, regions: Regions) -> None:
    blocks = ["A region here is a block of 5 x 5 places."] if block_side(side) != side else []
    for row, words in enumerate(
        [
            "Blue, solid: speaks for the match. Orange, dashed: speaks against it.",
            "The terms of all pairs of regions and of c sum to the score, the cosine of two descriptors.",
            *blocks,
        ]
    ):
        canvas.text((LIST, LOWER + 60 + (CURVES + row * 0.85) * ROW + 20), words, 25, colour=QUIET)


def _colour(value: float) -> tuple[int, int, int]:
    return FOR if value >= 0 else AGAINST


def _middle(box: Box) -> Point:
    left, top, width, height = box
    return left + width / 2, top + height / 2
