"""A white page at print resolution: text, pictures with heat over them, curves, scales. Drawn with Pillow.

Boxes are (left, top, width, height) and points (x, y), in pixels of the page; text stands on its point.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.colours import signed_colours

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Colour = tuple[int, int, int]

DPI = 300
WHITE, INK, QUIET, RULE = (255, 255, 255), (25, 25, 30), (105, 107, 115), (190, 192, 198)
TEXT = 27  # pixels, 6.5 points
FONTS = ("LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc", "DejaVuSans.ttf")  # the first that there is
PLAIN = str.maketrans("−–…", "--~")  # for Pillow's own font, which has few signs
EDGE = 2  # of white around curves and words
FINE = 4  # curves are drawn so many times larger and made smaller again, which smooths them


class Canvas:
    """`page` is the picture that is drawn."""

    def __init__(self, width: int, height: int):
        self.page = Image.new("RGB", (width, height), WHITE)
        self._draw = ImageDraw.Draw(self.page)

    def text(
        self,
        at: Point,
        words: str,
        size: int = TEXT,
        side: str = "left",
        colour: Colour = INK,
        strong: bool = False,
        room: float | None = None,
    ) -> None:
        """`side` of the words lies at the point: left, middle or right. What is longer than `room` is cut."""
        font, plain = _font(size)
        words = words.translate(PLAIN) if plain else words
        cut = len(words)
        while room and cut > 1 and font.getlength(_shortened(words, cut)) > room:
            cut -= 1
        anchor = {"left": "ls", "middle": "ms", "right": "rs"}[side]
        stroke = (size / 40, colour) if strong else (EDGE, WHITE)
        self._draw.text(at, _shortened(words, cut), colour, font, anchor, stroke_width=stroke[0], stroke_fill=stroke[1])

    def picture(self, box: Box, pixels: np.ndarray, heat: np.ndarray | None = None) -> None:
        """(H, W, 3) uint8, smoothly enlarged; with heat (h, w, 4) uint8 over it, in hard squares, it turns grey."""
        (left, top, right, bottom), image = _corners(box), Image.fromarray(pixels)
        size = (right - left, bottom - top)
        image = image.resize(size, Image.Resampling.BICUBIC)
        if heat is not None:
            image = image.convert("L").convert("RGBA")
            image.alpha_composite(Image.fromarray(heat).resize(size, Image.Resampling.NEAREST))
        self.page.paste(image.convert("RGB"), (left, top))

    def frame(self, box: Box, width: int = 2, colour: Colour = QUIET) -> None:
        left, top, right, bottom = _corners(box)
        self._draw.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=width)

    def fill(self, box: Box, colour: Colour) -> None:
        left, top, right, bottom = _corners(box)
        self._draw.rectangle((left, top, max(right - 1, left), bottom - 1), colour)

    def line(self, start: Point, end: Point, width: int = 2, colour: Colour = RULE) -> None:
        self._draw.line((start, end), colour, width)

    def disk(self, at: Point, radius: float, colour: Colour) -> None:
        """On a thin white edge."""
        self._draw.circle(at, radius + EDGE, WHITE)
        self._draw.circle(at, radius, colour)

    def area(self, points: np.ndarray, colour: Colour) -> None:
        """What (N, 2) points enclose."""
        self._draw.polygon([tuple(point) for point in points.tolist()], colour)

    def path(self, points: np.ndarray, width: int, colour: Colour) -> None:
        """Straight lines from each of (N, 2) points to the next."""
        self._draw.line([tuple(point) for point in points.tolist()], colour, width, joint="curve")

    def curve(self, points: np.ndarray, width: float, colour: Colour, dashed: bool = False, dot: float = 0) -> None:
        """(N, 2) points, close together, on a thin white edge; round dots of radius `dot` at both ends."""
        steps = np.gradient(points, axis=0)
        across = np.stack([-steps[:, 1], steps[:, 0]], 1) / np.linalg.norm(steps, axis=1, keepdims=True)
        reached = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        dash = reached // (8 + 2 * width) if dashed else np.zeros(len(points))
        corner = np.floor(points.min(0) - width - dot - EDGE).astype(int)
        size = np.ceil(points.max(0) + width + dot + EDGE).astype(int) - corner
        for edge, paint in ((EDGE, WHITE), (0, colour)):
            mask = Image.new("L", tuple((size * FINE).tolist()))
            draw, half = ImageDraw.Draw(mask), (width / 2 + edge) * across
            for number in range(0, int(dash[-1]) + 1, 2):
                own = dash == number
                outline = np.concatenate([(points + half)[own], (points - half)[own][::-1]])
                draw.polygon([tuple(point) for point in ((outline - corner) * FINE).tolist()], 255)
            for end in (points[0], points[-1]) if dot else ():
                draw.circle(tuple(((end - corner) * FINE).tolist()), (dot + edge) * FINE, 255)
            self.page.paste(paint, tuple(corner.tolist()), mask.resize(tuple(size.tolist()), Image.Resampling.BOX))

    def badge(self, at: Point, words: str, colour: Colour, radius: int = 19) -> None:
        """A number in a white disk."""
        angles = np.linspace(0, 2 * np.pi, 90)
        ring = np.array(at) + radius * np.stack([np.cos(angles), np.sin(angles)], 1)
        self._draw.circle(at, radius, WHITE)
        self.curve(ring, 2.5, colour)
        self.text((at[0], at[1] + 9), words, 25, "middle", colour, strong=True)

    def scale(self, box: Box, top: float, words: str) -> None:
        """A bar from -top to top, with its ends and what they are of written below it."""
        left, y, width, height = box
        colours = Image.fromarray(signed_colours(np.linspace(-top, top, 201)[None], top))
        bar = Image.new("RGBA", colours.size, WHITE)
        bar.alpha_composite(colours)
        self.picture(box, np.asarray(bar.convert("RGB")))
        self.frame(box, 1)
        for side, x, number in (
            ("left", left, f"−{top:.2g}"),
            ("middle", left + width / 2, "0"),
            ("right", left + width, f"+{top:.2g}"),
        ):
            self.text((x, y + height + 30), number, 24, side, QUIET)
        self.text((left + width / 2, y + height + 62), words, 24, "middle", QUIET)


def _corners(box: Box) -> tuple[int, int, int, int]:
    left, top, width, height = box
    return round(left), round(top), round(left + width), round(top + height)


def _shortened(words: str, length: int) -> str:
    """The first and the last letters say most of a file's name."""
    if length >= len(words):
        return words
    return f"{words[: length // 2]}…{words[len(words) - (length - length // 2) :]}"


@cache
def _font(size: int) -> tuple[ImageFont.FreeTypeFont, bool]:
    """A font, and whether it is Pillow's own."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size), False
        except OSError:
            continue
    return ImageFont.load_default(size), True
