"""Scenes of the page Regions: an image and its parts, a bilinear matrix, and the feature maps of an entry."""

from typing import TYPE_CHECKING

import numpy as np

from app.components import heatmap
from app.components.data_url import pixels_url
from app.components.region_images import parts_of, region_crop
from app.components.region_scene import Box, Item, frame, grid, image, line, text
from app.regions import texts
from core.explain.part_layout import fit_part
from core.explain.region_names import entry_name, region_name

if TYPE_CHECKING:
    from core.explain.activations import Regions

GAP = 16  # pixels between two parts
IMAGE_AND_PART = 386  # pixels of the whole image and of a part beside it
MATRIX = 330
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def part_box(part: int, left: float, size: float, top: float = 0, gap: float = GAP) -> Box:
    """Return the box of a part in a column of parts."""
    return (left, top + part * (size + gap), size, size)


def image_scene(regions: "Regions", top: float, chosen: int) -> tuple[list[Item], tuple[float, float]]:
    """Draw the whole image with the frames of the parts, and the parts with the energy of their regions."""
    geometry = regions.geometry
    size = fit_part(geometry, IMAGE_AND_PART, GAP, images=1)
    height = geometry.parts * (size + GAP) - GAP
    width, scale = height * geometry.columns / geometry.rows, height / geometry.rows
    left = width + 64  # of the parts
    items = [image((0, 0, width, height), pixels_url(regions.image))]
    for part, (first, last) in enumerate(geometry.part_rows):
        inset = 3 + 5 * (part % 2)  # neighbouring parts may overlap, so their frames have different widths
        box = (inset, first * scale + 2, width - 2 * inset, (last - first) * scale - 4)
        target = part_box(part, left, size)
        items.append(frame(box, f"part-{part}", 3))
        for y, other in ((box[1], target[1]), (box[1] + box[3], target[1] + size)):
            items.append(line((width - inset, y), (left, other), f"part-{part}", 1.2))
    items += heated_parts(regions, top, left, size, chosen=chosen, name="region")
    for part, (first, last) in enumerate(geometry.part_rows):
        x, y = left + size + 12, part_box(part, left, size)[1]
        items.append(text((x, y + 16), geometry.part_names[part], 14, tone=f"part-{part} strong"))
        items.append(text((x, y + 35), texts.ROWS.format(first=first, last=last), 12, tone="quiet"))
    items += heatmap.scale((left, height + 14, size, 9), top, label=texts.ENERGY_SCALE)
    return items, (left + size + 118, height + 42)


def heated_parts(
    regions: "Regions",
    top: float,
    left: float,
    size: float,
    y: float = 0,
    gap: float = GAP,
    chosen: int | None = None,
    name: str = "",
) -> list[Item]:
    """Draw the parts in a column, each with the energy of its regions."""
    side, items = regions.geometry.side, []
    for part, (source, energy) in enumerate(zip(parts_of(regions), regions.energy, strict=True)):
        box, first = part_box(part, left, size, y, gap), part * side**2
        names = [region_name(first + n, regions.geometry) for n in range(side**2)]
        titles = [
            texts.REGION_ENERGY.format(region=region, value=value)
            for region, value in zip(names, energy.ravel(), strict=True)
        ]
        own = chosen - first if chosen is not None and chosen // side**2 == part else None
        items += [
            image(box, source, grey=True),
            image(box, heatmap.glow(energy, top, over=True), pixelated=True),
            frame(box, f"part-{part}", 2.5),
            grid(box, (side, side), titles, f"{name}-{part}" if name else "", own, lines=side <= 5),
        ]
    return items


def row_scene(columns: list[tuple[str, str, "Regions"]], tops: list[float]) -> tuple[list[Item], tuple[float, float]]:
    """Draw columns with a title, a line below it and the parts of an image; `tops` are the ends of the scales."""
    size, gap, step, head, height = 150, 10, 220, 46, 0.0
    items = []
    for n, ((title, below, regions), top) in enumerate(zip(columns, tops, strict=True)):
        left = n * step
        items.append(text((left, 15), title, 14, tone="strong"))
        items.append(text((left, 34), below, 12, tone="quiet"))
        items += heated_parts(regions, top, left, size, head, gap)
        bottom = head + regions.geometry.parts * (size + gap)
        items += heatmap.scale((left, bottom, size, 8), top, label=texts.ENERGY_SCALE)
        height = max(height, bottom + 26)
    return items, (max(4, len(columns)) * step - (step - size), height)


def matrix_scene(
    values: np.ndarray, top: float, chosen: tuple[int, int] | None = None, name: str = "", both: bool = False
) -> tuple[list[Item], tuple[float, float]]:
    """Draw a matrix (M, N) with a row for each filter of stream A; the colours are signed if `both`."""
    rows, columns = values.shape
    width, left, head = MATRIX * columns / rows if columns > 1 else 36.0, 24, 24
    box = (left, head, width, MATRIX)
    titles = [
        texts.MATRIX_ENTRY.format(entry=entry_name(i, j, columns), value=values[i, j])
        for i, j in np.ndindex(rows, columns)
    ]
    across = texts.STREAM_B_AXIS if columns == rows else texts.GROUP_AXIS
    number = chosen[0] * columns + chosen[1] if chosen else None
    items = [
        text((left, 15), across if columns > 1 else texts.FILTER_AXIS, 12, tone="quiet"),
        image(box, heatmap.signed(values, top) if both else heatmap.glow(values, top), pixelated=True),
        frame(box),
        grid(box, (rows, columns), titles, name, number, lines=False),
    ]
    if columns > 1:
        items.append(text((8, head + 12), "i", 12, "middle", "quiet"))
        items.append(text((8, head + 30), "↓", 12, "middle", "quiet"))
    items += heatmap.scale((left, head + MATRIX + 12, max(width, 150), 9), top, both)
    return items, (left + MATRIX, head + MATRIX + 38)


def product_scene(regions: "Regions", region: int, i: int, j: int) -> tuple[list[Item], tuple[float, float]]:
    """Draw the part, the feature maps a_i and b_j and their product, and below them the enlarged region."""
    geometry = regions.geometry
    (part, *cell), per_side = geometry.place(region), geometry.region_size
    row, column = (per_side * n for n in cell)
    a, b, met = regions.a[part, i], regions.b[part, regions.met(i, j)], regions.met(i, j)
    maps = {
        texts.STREAM_A_MAP.format(number=i + 1): a,
        texts.STREAM_B_MAP.format(number=met + 1): b,
        texts.PRODUCT: a * b,
    }
    if regions.matrices.shape[2] == 1:  # without stream B there is no product
        maps = dict(list(maps.items())[:1])
    small, size, step, head = 120, 196, 240, 24
    below = head + small + 14
    location = small / geometry.map_size  # pixels
    inner = (column * location, row * location, *[per_side * location] * 2)
    items = [
        text((0, 15), geometry.part_names[part], 13, tone="strong"),
        image((0, head, small, small), pixels_url(regions.parts[part])),
        frame((inner[0], head + inner[1], *inner[2:]), "focus", 2),
        image((0, below, size, size), region_crop(regions, region)),
        frame((0, below, size, size)),
    ]
    for n, (name, values) in enumerate(maps.items(), 1):
        left, top = n * step, float(values.max())
        box, zoom = (left, head, small, small), (left, below, size, size)
        power = power_of_ten(top)
        title = texts.POWER.format(name=name, power=str(power).translate(SUPERSCRIPT)) if power else name
        inside = values[row : row + per_side, column : column + per_side]
        items += [
            text((left, 15), title, 13, tone="strong"),
            image(box, heatmap.glow(values, top), pixelated=True),
            frame(box),
            frame((left + inner[0], head + inner[1], *inner[2:]), "focus", 2),
            *heatmap.scale((left + small + 12, head + small - 26, 64, 8), top),
            image(zoom, heatmap.glow(inside, top), pixelated=True),
            frame(zoom),
            *_numbers(inside, zoom, name, power),
        ]
        if n > 1:
            items.append(text((left - (step - size) / 2, below + size / 2 + 10), "×="[n - 2], 30, "middle"))
    return items, (4 * step - (step - size), below + size + 4)


def sum_formula(a: np.ndarray, b: np.ndarray, entry: float, pooled: bool) -> str:
    """Return equations (1) and (2) for one entry, with the numbers of the locations that add most."""
    if not pooled:
        return rf"\Phi_l[i] = a_i(l) = {latex_number(entry)}"
    product = (a * b).ravel()
    most = np.argsort(-product, kind="stable")[:2]
    terms = [rf"{latex_number(a.ravel()[n])} \cdot {latex_number(b.ravel()[n])}" for n in most]
    rest = rf" + \underbrace{{\dots}}_{{{product.size - len(most)}\text{{ more}}}}" if product.size > len(most) else ""
    return rf"\Phi_r[i,j] = \sum_{{l \in r}} a_i(l)\, b_j(l) = {' + '.join(terms)}{rest} = {latex_number(entry)}"


def latex_number(value: float) -> str:
    """Format a number in LaTeX."""
    digits, power, exponent = f"{value:.3g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if power else digits


def power_of_ten(top: float) -> int:
    """Return the power of ten that divides numbers up to `top`, so that two decimals are enough."""
    return 0 if top == 0 or 0.05 <= top < 1000 else int(np.floor(np.log10(top)))


def _numbers(values: np.ndarray, box: Box, name: str, power: int) -> list[Item]:
    """Draw the numbers of a map in its cells, if there is room."""
    side = len(values)
    titles = [texts.LOCATION.format(name=name, value=value) for value in values.ravel()]
    items = [grid(box, (side, side), titles, lines=False)]
    if side > 5:
        return items
    cell = box[2] / side
    for row, column in np.ndindex(side, side):
        at = (box[0] + (column + 0.5) * cell, box[1] + (row + 0.5) * cell + 4)
        items.append(text(at, f"{values[row, column] / 10**power:.2f}", 12.5, "middle", "on-heat"))
    return items
