"""Small figures of the terms: SVG elements in the colours of the theme, made of a few shapes."""

from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 240, 76
TALL, SMALL = 64, 48  # heights of a framed person
TRUE, FALSE, FIRST, SECOND = "true", "false", "first", "second"  # classes of term_text.css: colours


def drawing(label: str, *shapes: str) -> str:
    """Return an SVG element."""
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round">{"".join(shapes)}</svg>'
    )


def tone(name: str, *shapes: str) -> str:
    """Colour shapes."""
    return f'<g class="{name}" stroke="currentColor">{"".join(shapes)}</g>'


def person(left: float, height: float = TALL, top: float = 6, bag: bool = False) -> str:
    """Draw a framed person."""
    width = height / 2
    middle, reach = left + width / 2, width * 0.24
    shoulder, hip, foot = top + height * 0.36, top + height * 0.62, top + height * 0.92
    carried = f'<rect x="{middle + reach:g}" y="{hip - 4:g}" width="7" height="9" fill="currentColor"/>' if bag else ""
    return (
        f'{frame(left, top, width, height)}<circle cx="{middle:g}" cy="{top + height * 0.2:g}" r="{height * 0.09:g}"/>'
        f'<path d="M{middle - reach:g} {hip:g}V{shoulder:g}h{2 * reach:g}V{hip:g}M{middle - reach / 2:g} {foot:g}'
        f'V{shoulder:g}M{middle + reach / 2:g} {foot:g}V{shoulder:g}"/>{carried}'
    )


def frame(left: float, top: float, width: float, height: float, thick: float = 1.5, shade: float = 0) -> str:
    """Draw a box; `shade` is the opacity of its inside."""
    inside = f' fill="currentColor" fill-opacity="{shade:g}"' if shade else ""
    box = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {box} rx="2" stroke-width="{thick:g}"{inside}/>'


def cells(left: float, top: float, size: float, rows: Sequence[Sequence[float]]) -> str:
    """Draw a matrix of cells of different darkness, from 0 to 1."""
    return "".join(
        frame(left + j * size, top + i * size, size, size, 0.8, shade)
        for i, row in enumerate(rows)
        for j, shade in enumerate(row)
    )


def numbers(left: float, top: float = 6, height: float = TALL, seed: int = 0) -> str:
    """Draw a descriptor: a column of cells."""
    shades = [0.1, 0.7, 0.3, 0.5, 0.02, 0.8, 0.2, 0.4]
    shades = shades[seed:] + shades[:seed]
    return "".join(frame(left, top + n * height / 8, 12, height / 8, 0.8, shade) for n, shade in enumerate(shades))


def arrow(left: float, y: float = 38, length: float = 30) -> str:
    """Draw an arrow to the right."""
    return path(f"M{left:g} {y:g}h{length:g}m-5 -4l5 4l-5 4")


def path(shape: str, dashed: bool = False) -> str:
    """Draw a path."""
    return f'<path d="{shape}"{" stroke-dasharray=" + repr("4 3") if dashed else ""}/>'


def label(x: float, y: float, text: str, size: float = 11) -> str:
    """Draw a centred text."""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="{size:g}" fill="currentColor" stroke="none">'
        f"{text}</text>"
    )


def line(points: Iterable[tuple[float, float]]) -> str:
    """Draw a line through points."""
    return path("M" + "L".join(f"{x:g} {y:g}" for x, y in points))


def axes(left: float = 24, top: float = 8, width: float = 190, height: float = 54) -> str:
    """Draw two axes."""
    return path(f"M{left:g} {top:g}v{height:g}h{width:g}")


def hill(middle: float, wide: float, high: float, base: float = 62) -> str:
    """Draw a histogram as a hill."""
    left, right = middle - wide, middle + wide
    return path(
        f"M{left:g} {base:g}C{middle - wide / 2:g} {base:g} {middle - wide / 2:g} {base - high:g} {middle:g} "
        f"{base - high:g}S{middle + wide / 2:g} {base:g} {right:g} {base:g}"
    )


def people(count: int, left: float, step: float = 34, height: float = SMALL, top: float = 12) -> str:
    """Draw several framed people."""
    return "".join(person(left + n * step, height, top) for n in range(count))
