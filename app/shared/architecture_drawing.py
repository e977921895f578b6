"""A drawing of a network as SVG: parts, streams, regions and the descriptor. It takes the colour of the text."""

from app.shared import texts
from core.config import MOBILE, NetworkConfig
from core.geometry import Geometry

HEIGHT, BASE = 84, 62  # of the drawing; y of the lower edge of the boxes
BOX, GAP = 44, 20  # height of a tall box, and the space for an arrow
STEP = 58  # width of a step with its label


def draw_architecture(network: NetworkConfig) -> str:
    """Draw the steps from the image to the descriptor; a network without bilinear pooling has no regions."""
    has_regions = network.architecture != "cnn"
    geometry = network.geometry
    steps = [(_parts(geometry), texts.DRAWN_PARTS.format(count=geometry.parts))]
    if network.architecture == MOBILE:  # it processes the whole image
        steps.insert(0, (_box(STEP / 2 - 18, BASE - BOX, 36, BOX), texts.DRAWN_BACKBONE))
    streams = 2 if has_regions else 1
    steps.append((_streams(streams), texts.DRAWN_STREAMS if streams == 2 else texts.DRAWN_NETWORK))
    if has_regions:
        steps.append((_grid(geometry.side), texts.DRAWN_REGIONS.format(count=geometry.regions)))
    steps.append((_descriptor(), texts.DRAWN_DESCRIPTOR.format(length=network.descriptor)))
    label = texts.DRAWING.format(steps=", ".join(text for _, text in steps))
    width = len(steps) * STEP + (len(steps) - 1) * GAP
    drawn = []
    for number, (shapes, text) in enumerate(steps):
        left = number * (STEP + GAP)
        drawn.append(f'<g transform="translate({left})">{shapes}{_label(text)}</g>')
        if number:
            drawn.append(_arrow(left - GAP))
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'fill="none" stroke="currentColor" stroke-width="1.5">'
        f"{''.join(drawn)}</svg>"
    )


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2"/>'


def _parts(geometry: Geometry) -> str:
    """Draw the parts of an image, one below the other."""
    scale, shift = BOX / geometry.rows, 4 if geometry.overlap else 0  # moved to the right if they overlap
    size, left = geometry.columns * scale, STEP / 2 - geometry.columns * scale / 2
    first = left - shift * (geometry.parts - 1) / 2
    return "".join(
        _box(first + shift * part, BASE - BOX + top * scale, size, size) for part, top in enumerate(geometry.tops)
    )


def _streams(count: int) -> str:
    """Draw a box for each stream, with its letter if there are two."""
    height = (BOX - 4) / 2
    shapes = []
    for number in range(count):
        y = BASE - BOX + number * (height + 4) if count > 1 else BASE - BOX / 2 - height / 2
        shapes.append(_box(STEP / 2 - 18, y, 36, height))
        if count > 1:
            shapes.append(_text(STEP / 2, y + height / 2 + 4, "AB"[number]))
    return "".join(shapes)


def _grid(side: int) -> str:
    """Draw a feature map, divided into `side` x `side` regions."""
    left, top, size = STEP / 2 - BOX / 2, BASE - BOX, BOX / side
    lines = "".join(
        f'<path d="M{left + n * size:g} {top}v{BOX}M{left:g} {top + n * size:g}h{BOX}" stroke-width="1"/>'
        for n in range(1, side)
    )
    return _box(left, top, BOX, BOX) + lines


def _descriptor() -> str:
    """Draw a column of numbers."""
    size = BOX / 6
    return "".join(_box(STEP / 2 - 5, BASE - BOX + n * size, 10, size) for n in range(6))


def _arrow(left: float) -> str:
    middle = BASE - BOX / 2
    return f'<path d="M{left:g} {middle:g}h{GAP}m-5 -4l5 4l-5 4"/>'


def _label(text: str) -> str:
    return _text(STEP / 2, BASE + 16, text)


def _text(x: float, y: float, text: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="11" fill="currentColor" stroke="none">{text}</text>'
    )
