"""Scenes of the page Compare: two images with the contributions of their regions, and the table of region pairs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.compare import texts
from app.components import heatmap
from app.components.data_url import pixels_url
from app.components.region_images import parts_of, region_crop
from app.components.region_scene import Item, Point, frame, grid, image, line, link, text
from core.config import IMAGE_COLUMNS, IMAGE_ROWS, PART_ROWS
from core.explain.region_blocks import block_side, membership, strongest_pair, sum_terms
from core.explain.region_names import entry_name, format_signed, region_name

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution

PART, GAP, HEAD = 125, 12, 28
HEIGHT = 3 * PART + 2 * GAP
WHOLE = HEIGHT * IMAGE_COLUMNS / IMAGE_ROWS
WIDTH = 1112  # of the whole scene; from each side: the image, the image with contributions, its parts
PLAIN, HEATED, PARTS = (
    (0, WIDTH - WHOLE),
    (WHOLE + 12, WIDTH - 2 * WHOLE - 12),
    (2 * WHOLE + 24, WIDTH - 2 * WHOLE - 24 - PART),
)
MAX_LINKS = 8
TABLE = 400


@dataclass(frozen=True)
class Tops:
    """The largest values of the colour scales of regions and of pixels, for all images of a page."""

    regions: float
    pixels: float

    @classmethod
    def over(cls, explained: "list[Attribution]") -> "Tops":
        """Take the maxima over several attributions, so that their scenes share a scale."""
        from core.explain.activations import find_heat_limit

        return cls(
            max(float(np.abs(each).max()) for attribution in explained for each in attribution.of_regions),
            find_heat_limit([each for attribution in explained for each in attribution.locations]),
        )


def pair_scene(
    attribution: "Attribution",
    both: "tuple[Regions, Regions]",
    labels: tuple[str, str],
    tops: Tops,
    chosen: tuple[int, int],
    name: str,
) -> tuple[list[Item], tuple[float, float]]:
    """Draw the probe and the match with their contributions, and the strongest region pairs as links."""
    from core.explain.activations import spread_over_pixels

    items: list[Item] = []
    cells: list[Item] = []  # drawn above the links, which end in their centres
    for side, (regions, places) in enumerate(zip(both, attribution.locations, strict=True)):
        plain, heated = ((left[side], HEAD, WHOLE, HEIGHT) for left in (PLAIN, HEATED))
        source = pixels_url(regions.image)
        items += [
            text((0 if side == 0 else WIDTH, 16), labels[side], 14, "end" if side else "start", "strong"),
            image(plain, source),
            image(heated, source, grey=True),
            image(heated, heatmap.signed(spread_over_pixels(places), tops.pixels, over=True), pixelated=True),
            frame(heated),
            *heatmap.scale((HEATED[side], HEAD + HEIGHT + 14, WHOLE, 9), tops.pixels, True, texts.PER_PIXEL),
        ]
        parts, grids = _parts(
            regions, attribution.of_regions[side], tops.regions, PARTS[side], chosen[side], f"{name}{side}"
        )
        items += parts
        cells += grids
    items += _links(attribution, both[0].side, chosen)
    items += cells
    middle = PARTS[0] + PART + 16
    items += heatmap.scale(
        (middle, HEAD + HEIGHT + 14, PARTS[1] - 16 - middle, 9), tops.regions, True, texts.PER_REGION
    )
    return items, (WIDTH, HEAD + HEIGHT + 42)


def table_scene(
    attribution: "Attribution", side: int, chosen: tuple[int, int]
) -> tuple[list[Item], tuple[float, float]]:
    """Draw the contributions of all region pairs, with c in the last row and column."""
    terms, blocks, left, top = sum_terms(attribution.terms, side), block_side(side), 2, 24
    box, count = (left, top, TABLE, TABLE), len(terms)
    names = [region_name(block, blocks) for block in range(count - 1)] + ["c"]
    titles = [_pair_title(names[r], names[s], terms[r, s]) for r, s in np.ndindex(terms.shape)]
    row, column = (int(membership(side)[:, region].argmax()) for region in chosen)
    strongest = float(np.abs(terms[:-1, :-1]).max())
    items = [
        text((left, 15), texts.TABLE_AXES, 12, tone="quiet"),
        image(box, heatmap.signed(terms, strongest), pixelated=True),
        frame(box),
        grid(box, terms.shape, titles, "table", row * count + column, lines=False),
    ]
    for number in (blocks**2, 2 * blocks**2, 3 * blocks**2):  # where a part ends
        at = number * TABLE / count
        items += [
            line((left, top + at), (left + TABLE, top + at), "divider"),
            line((left + at, top), (left + at, top + TABLE), "divider"),
        ]
    items += heatmap.scale((left, top + TABLE + 12, TABLE, 9), strongest, True)
    return items, (left + TABLE, top + TABLE + 38)


def filter_pairs_scene(
    both: "tuple[Regions, Regions]", pair: tuple[int, int], values: tuple[np.ndarray, np.ndarray]
) -> tuple[list[Item], tuple[float, float]]:
    """Draw the two regions of a pair, and below each the contributions of its filter pairs."""
    size, head, step = 200, 24, 300
    below, rows, columns = head + size + 34, *values[0].shape
    width = size if columns > 1 else 30
    top, items = max(float(np.abs(each).max()) for each in values), []
    for n, label in enumerate((texts.PROBE_REGION, texts.MATCH_REGION)):
        crop, box = (n * step, head, size, size), (n * step, below, width, size)
        titles = [_title(entry_name(i, j, columns), values[n][i, j]) for i, j in np.ndindex(rows, columns)]
        items += [
            text((crop[0], 15), label, 13, tone="strong"),
            image(crop, region_crop(both[n], pair[n])),
            frame(crop),
            text((crop[0], below - 8), texts.BY_FILTER_PAIRS, 12, tone="quiet"),
            image(box, heatmap.signed(values[n], top), pixelated=True),
            frame(box),
            grid(box, (rows, columns), titles, lines=False),
            *heatmap.scale((crop[0], below + size + 12, size, 9), top, True),
        ]
    return items, (step + size, below + size + 38)


def _links(attribution: "Attribution", side: int, chosen: tuple[int, int]) -> list[Item]:
    """Draw the strongest pairs of regions, or of blocks of regions; a block selects its strongest pair."""
    from core.explain.activations import find_strongest

    terms, blocks, count = sum_terms(attribution.terms, side)[:-1, :-1], block_side(side), len(attribution.region_pairs)
    own = tuple(int(membership(side)[:, region].argmax()) for region in chosen)
    pairs = find_strongest(terms, MAX_LINKS)
    top, items = max(abs(float(terms[pairs[0]])), 1e-12), []
    for r, s in reversed(pairs):  # the strongest is drawn last, above the others
        value, (probe, match) = float(terms[r, s]), strongest_pair(attribution.region_pairs, side, r, s)
        title = _pair_title(region_name(r, blocks), region_name(s, blocks), value)
        items.append(
            link(
                _middle(r, blocks, 0),
                _middle(s, blocks, 1),
                probe * count + match,
                title,
                1.5 + 7 * abs(value) / top,
                "for" if value >= 0 else "against",
                (r, s) == own,
            )
        )
    return items


def _parts(
    regions: "Regions", values: np.ndarray, top: float, left: float, chosen: int, name: str
) -> tuple[list[Item], list[Item]]:
    """Draw the parts of one image with the contribution of each region, and the cells to click."""
    side, parts, grids = regions.side, [], []
    cells = values.reshape(len(PART_ROWS), side, side)
    for part, source in enumerate(parts_of(regions)):
        box, first = (left, HEAD + part * (PART + GAP), PART, PART), part * side**2
        titles = [_title(region_name(first + n, side), value) for n, value in enumerate(cells[part].ravel())]
        own = chosen - first if chosen // side**2 == part else None
        parts += [
            image(box, source, grey=True),
            image(box, heatmap.signed(cells[part], top, over=True), pixelated=True),
            frame(box, f"part-{part}", 2),
        ]
        grids.append(grid(box, (side, side), titles, f"{name}-{part}", own, lines=side <= 5))
    return parts, grids


def _middle(region: int, side: int, image: int) -> Point:
    """Return the end of a link: the centre of the region."""
    part, cell = divmod(region, side**2)
    row, column = divmod(cell, side)
    size = PART / side
    return (PARTS[image] + (column + 0.5) * size, HEAD + part * (PART + GAP) + (row + 0.5) * size)


def _title(name: str, value: float) -> str:
    return texts.CONTRIBUTION.format(name=name, value=format_signed(value))


def _pair_title(probe: str, match: str, value: float) -> str:
    return texts.REGION_PAIR.format(probe=probe, match=match, value=format_signed(value))
