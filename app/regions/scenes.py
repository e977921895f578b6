"""Scenes of the page Regions: an image in its parts, a bilinear matrix, and the maps that make one entry of it."""

from typing import TYPE_CHECKING

import numpy as np

from app.components import heatmap
from app.components.data_url import pixels_url
from app.components.region_images import parts_of, region_crop
from app.components.region_scene import Box, Item, frame, grid, image, line, text
from core.config import IMAGE_COLUMNS, IMAGE_ROWS, MAP_SIZE, PART_ROWS
from core.explain.region_names import PART_NAMES, entry_name, region_name

if TYPE_CHECKING:
    from core.explain.activations import Regions

PART, GAP = 176, 16  # of the parts drawn one below the other, and between them
STACK = 3 * PART + 2 * GAP
WHOLE = (STACK * IMAGE_COLUMNS / IMAGE_ROWS, STACK)  # of the whole image beside them
MATRIX = 330
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def part_box(part: int, left: float, top: float = 0, size: float = PART, gap: float = GAP) -> Box:
    return (left, top + part * (size + gap), size, size)


def image_scene(regions: "Regions", top: float, chosen: int) -> tuple[list[Item], tuple[float, float]]:
    """The whole image with the frames of the parts; the parts with their regions, and the energy of each as heat."""
    width, height = WHOLE
    left = width + 64  # of the parts
    items = [image((0, 0, width, height), pixels_url(regions.image))]
    scale = height / IMAGE_ROWS
    for part, (first, last) in enumerate(PART_ROWS):
        inset = 3 + 5 * (part % 2)  # neighbours overlap, so that their frames are drawn beside each other
        box = (inset, first * scale + 2, width - 2 * inset, (last - first) * scale - 4)
        to = part_box(part, left)
        items.append(frame(box, f"part-{part}", 3))
        for y, other in ((box[1], to[1]), (box[1] + box[3], to[1] + PART)):
            items.append(line((width - inset, y), (left, other), f"part-{part}", 1.2))
    items += heated_parts(regions, top, left, chosen=chosen, name="region")
    for part, (first, last) in enumerate(PART_ROWS):
        x, y = left + PART + 12, part_box(part, left)[1]
        items.append(text((x, y + 16), PART_NAMES[part], 14, tone=f"part-{part} strong"))
        items.append(text((x, y + 35), f"rows {first}–{last}", 12, tone="quiet"))
    items += heatmap.scale((left, STACK + 14, PART, 9), top, words="energy")
    return items, (left + PART + 118, STACK + 42)


def heated_parts(
    regions: "Regions",
    top: float,
    left: float,
    y: float = 0,
    size: float = PART,
    gap: float = GAP,
    chosen: int | None = None,
    name: str = "",
) -> list[Item]:
    """The three parts one below the other, each with its regions' energy."""
    side, items = regions.side, []
    for part, (source, energy) in enumerate(zip(parts_of(regions), regions.energy, strict=True)):
        box, first = part_box(part, left, y, size, gap), part * side**2
        titles = [f"{region_name(first + n, side)}: energy {value:.4g}" for n, value in enumerate(energy.ravel())]
        own = chosen - first if chosen is not None and chosen // side**2 == part else None
        items += [
            image(box, source, grey=True),
            image(box, heatmap.glow(energy, top, over=True), pixelated=True),
            frame(box, f"part-{part}", 2.5),
            grid(box, (side, side), titles, f"{name}-{part}" if name else "", own, lines=side <= 5),
        ]
    return items


def row_scene(columns: list[tuple[str, str, "Regions"]], tops: list[float]) -> tuple[list[Item], tuple[float, float]]:
    """The same image several times, side by side: a title, a line below it and the parts; `tops` of their scales."""
    size, gap, step, head = 150, 10, 220, 46
    items = []
    for n, ((title, below, regions), top) in enumerate(zip(columns, tops, strict=True)):
        left = n * step
        items.append(text((left, 15), title, 14, tone="strong"))
        items.append(text((left, 34), below, 12, tone="quiet"))
        items += heated_parts(regions, top, left, head, size, gap)
        items += heatmap.scale((left, head + 3 * size + 2 * gap + 10, size, 8), top, words="energy")
    return items, (max(4, len(columns)) * step - (step - size), head + 3 * size + 2 * gap + 36)


def matrix_scene(
    values: np.ndarray, top: float, chosen: tuple[int, int] | None = None, name: str = "", both: bool = False
) -> tuple[list[Item], tuple[float, float]]:
    """(M, N) as colours, a row for each filter of stream A; signed if `both`."""
    rows, columns = values.shape
    width, left, head = MATRIX * columns / rows if columns > 1 else 36.0, 24, 24
    box = (left, head, width, MATRIX)
    titles = [f"{entry_name(i, j, columns)}: {values[i, j]:.4g}" for i, j in np.ndindex(rows, columns)]
    across = "j: filters of stream B →" if columns == rows else "j: filters of i's group in stream B →"
    number = chosen[0] * columns + chosen[1] if chosen else None
    items = [
        text((left, 15), across if columns > 1 else "i ↓", 12, tone="quiet"),
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
    """The image, the maps a_i and b_j and their product: over the part, and in the region with its numbers."""
    part, cell = divmod(region, regions.side**2)
    row, column = (regions.region_size * n for n in divmod(cell, regions.side))
    a, b, met = regions.a[part, i], regions.b[part, regions.met(i, j)], regions.met(i, j)
    whole = {f"a: filter {i + 1} of stream A": a, f"b: filter {met + 1} of stream B": b, "product a · b": a * b}
    if regions.matrices.shape[2] == 1:  # without a second stream there is nothing to multiply with
        whole = dict(list(whole.items())[:1])
    small, size, step, head = 120, 196, 240, 24
    below = head + small + 14
    place = small / MAP_SIZE
    inner = (column * place, row * place, *[regions.region_size * place] * 2)
    items = [
        text((0, 15), PART_NAMES[part], 13, tone="strong"),
        image((0, head, small, small), pixels_url(regions.parts[part])),
        frame((inner[0], head + inner[1], *inner[2:]), "focus", 2),
        image((0, below, size, size), region_crop(regions, region)),
        frame((0, below, size, size)),
    ]
    for n, (name, values) in enumerate(whole.items(), 1):
        left, top = n * step, float(values.max())
        box, zoom = (left, head, small, small), (left, below, size, size)
        power = power_of_ten(top)
        inside = values[row : row + regions.region_size, column : column + regions.region_size]
        items += [
            text((left, 15), name + (f" (in 10{str(power).translate(RAISED)})" if power else ""), 13, tone="strong"),
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
    """Equations (1) and (2) at one entry, with the numbers of the places that add most."""
    if not pooled:
        return rf"\Phi_l[i] = a_i(l) = {latex_number(entry)}"
    product = (a * b).ravel()
    most = np.argsort(-product, kind="stable")[:2]
    terms = [rf"{latex_number(a.ravel()[n])} \cdot {latex_number(b.ravel()[n])}" for n in most]
    rest = rf" + \underbrace{{\dots}}_{{{product.size - len(most)}\text{{ more}}}}" if product.size > len(most) else ""
    return rf"\Phi_r[i,j] = \sum_{{l \in r}} a_i(l)\, b_j(l) = {' + '.join(terms)}{rest} = {latex_number(entry)}"


def latex_number(value: float) -> str:
    digits, power, exponent = f"{value:.3g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if power else digits


def power_of_ten(top: float) -> int:
    """By which numbers up to `top` are divided to be written with two decimals."""
    return 0 if top == 0 or 0.05 <= top < 1000 else int(np.floor(np.log10(top)))


def _numbers(values: np.ndarray, box: Box, name: str, power: int) -> list[Item]:
    """The numbers of a map in its cells, if there is room for them."""
    side = len(values)
    titles = [f"{name}: {value:.4g}" for value in values.ravel()]
    items = [grid(box, (side, side), titles, lines=False)]
    if side > 5:
        return items
    cell = box[2] / side
    for row, column in np.ndindex(side, side):
        at = (box[0] + (column + 0.5) * cell, box[1] + (row + 0.5) * cell + 4)
        items.append(text(at, f"{values[row, column] / 10**power:.2f}", 12.5, "middle", "on-heat"))
    return items
