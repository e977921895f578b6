"""Scenes of the page Compare: two images with the contributions of their regions, and the table of region pairs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.compare import texts
from app.compare.pair_layout import WIDTH, PairLayout
from app.components import heatmap
from app.components.data_url import pixels_url
from app.components.region_images import parts_of, region_crop
from app.components.region_scene import Box, Item, frame, grid, image, line, link, text
from core.explain.region_blocks import membership, strongest_pair, sum_terms
from core.explain.region_names import entry_name, format_signed, region_name
from core.geometry import Geometry

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution

MAX_LINKS = 8
TABLE = 400


@dataclass(frozen=True)
class Tops:
    """The largest values of the colour scales of regions and of pixels, for all images of a page."""

    regions: float
    pixels: float

    @classmethod
    def over(cls, explained: "list[Attribution]", geometry: Geometry) -> "Tops":
        """Take the maxima over several attributions, so that their scenes share a scale."""
        from core.explain.activations import find_heat_limit

        return cls(
            max(float(np.abs(each).max()) for attribution in explained for each in attribution.of_regions),
            find_heat_limit([each for attribution in explained for each in attribution.locations], geometry),
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
    geometry = both[0].geometry
    layout = PairLayout(geometry)
    below = layout.bottom + 14
    for side, (regions, places) in enumerate(zip(both, attribution.locations, strict=True)):
        plain, heated = (layout.column_box(side, column) for column in (0, 1))
        source, spread = pixels_url(regions.image), spread_over_pixels(places, geometry)
        items += [
            text((0 if side == 0 else WIDTH, 16), labels[side], 14, "end" if side else "start", "strong"),
            image(plain, source),
            image(heated, source, grey=True),
            image(heated, heatmap.signed(spread, tops.pixels, over=True), pixelated=True),
            frame(heated),
            *heatmap.scale((heated[0], below, heated[2], 9), tops.pixels, True, texts.PER_PIXEL),
        ]
        boxes = [layout.part_box(side, part) for part in range(geometry.parts)]
        parts, grids = _parts(regions, attribution.of_regions[side], tops.regions, boxes, chosen[side], f"{name}{side}")
        items += parts
        cells += grids
    items += _links(attribution, geometry, chosen)
    items += cells
    middle = layout.column_box(0, 2)[0] + layout.part + 16
    items += heatmap.scale((middle, below, WIDTH - 2 * middle, 9), tops.regions, True, texts.PER_REGION)
    return items, (WIDTH, layout.bottom + 42)


def table_scene(
    attribution: "Attribution", geometry: Geometry, chosen: tuple[int, int]
) -> tuple[list[Item], tuple[float, float]]:
    """Draw the contributions of all region pairs, with c in the last row and column."""
    terms, blocks, left, top = sum_terms(attribution.terms, geometry), geometry.blocks, 2, 24
    box, count = (left, top, TABLE, TABLE), len(terms)
    names = [region_name(block, blocks) for block in range(blocks.regions)] + ["c"]
    titles = [_pair_title(names[r], names[s], terms[r, s]) for r, s in np.ndindex(terms.shape)]
    row, column = (int(membership(geometry)[:, region].argmax()) for region in chosen)
    strongest = float(np.abs(terms[:-1, :-1]).max())
    items = [
        text((left, 15), texts.TABLE_AXES, 12, tone="quiet"),
        image(box, heatmap.signed(terms, strongest), pixelated=True),
        frame(box),
        grid(box, terms.shape, titles, "table", row * count + column, lines=False),
    ]
    for part in range(1, blocks.parts + 1):  # where a part ends
        at = part * blocks.side**2 * TABLE / count
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


def _links(attribution: "Attribution", geometry: Geometry, chosen: tuple[int, int]) -> list[Item]:
    """Draw the strongest pairs of regions, or of blocks of regions; a block selects its strongest pair."""
    from core.explain.activations import find_strongest

    terms, blocks = sum_terms(attribution.terms, geometry)[:-1, :-1], geometry.blocks
    layout, own = PairLayout(blocks), tuple(int(membership(geometry)[:, region].argmax()) for region in chosen)
    pairs = find_strongest(terms, MAX_LINKS)
    top, items = max(abs(float(terms[pairs[0]])), 1e-12), []
    for r, s in reversed(pairs):  # the strongest is drawn last, above the others
        value, (probe, match) = float(terms[r, s]), strongest_pair(attribution.region_pairs, geometry, r, s)
        title = _pair_title(region_name(r, blocks), region_name(s, blocks), value)
        items.append(
            link(
                layout.middle(0, r),
                layout.middle(1, s),
                probe * geometry.regions + match,
                title,
                1.5 + 7 * abs(value) / top,
                "for" if value >= 0 else "against",
                (r, s) == own,
            )
        )
    return items


def _parts(
    regions: "Regions", values: np.ndarray, top: float, boxes: list[Box], chosen: int, name: str
) -> tuple[list[Item], list[Item]]:
    """Draw the parts of one image with the contribution of each region, and the cells to click."""
    side, parts, grids = regions.geometry.side, [], []
    cells = values.reshape(-1, side, side)
    for part, (source, box) in enumerate(zip(parts_of(regions), boxes, strict=True)):
        names = [region_name(part * side**2 + n, regions.geometry) for n in range(side**2)]
        titles = list(map(_title, names, cells[part].ravel()))
        own = chosen % side**2 if chosen // side**2 == part else None
        parts += [
            image(box, source, grey=True),
            image(box, heatmap.signed(cells[part], top, over=True), pixelated=True),
            frame(box, f"part-{part}", 2),
        ]
        grids.append(grid(box, (side, side), titles, f"{name}-{part}", own, lines=side <= 5))
    return parts, grids


def _title(name: str, value: float) -> str:
    return texts.CONTRIBUTION.format(name=name, value=format_signed(value))


def _pair_title(probe: str, match: str, value: float) -> str:
    return texts.REGION_PAIR.format(probe=probe, match=match, value=format_signed(value))
