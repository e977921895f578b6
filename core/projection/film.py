"""Render the film of a training as a GIF or HTML: the map, and the score histograms that the loss separates.

The film is saved in the run's folder `film/`: film.npz (the arrays), film.gif and film.html.
"""

import base64
import re
from collections.abc import Callable
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.animation import FuncAnimation, HTMLWriter, PillowWriter
from matplotlib.colors import to_rgb
from PIL import Image

from core.colours import CATEGORY_COLOURS, DIFFERENT, INK, OTHER_COLOUR, OVERLAP, QUIET, RULE, SAME
from core.errors import UserError
from core.jobs.file_job import OnProgress, make_file, progress_of, start_job
from core.projection.film_figure import film_figure
from core.projection.training_film import Film, choose_checkpoints, make_film
from core.read_only import refuse_if_read_only
from core.training.run_folder import Run

STYLE = {"font.family": ["DejaVu Sans", "sans-serif"], "text.color": INK, "text.parse_math": False}
IMAGES_BETWEEN_FRAMES = 6  # images per transition between two frames
SHORT, REST, LAST = 70, 450, 2500  # duration of an image in milliseconds: in a transition, at a frame, at the end
SHADES_PER_COLOUR = 5  # shades of each colour towards white in the palette
SHARE_BEFORE_DRAWING = 0.8  # share of the work before drawing starts
FORMATS = (".gif", ".html")
ICONS = {
    "minus": "−",
    "fast-backward": "«",
    "step-backward": "‹",
    "play fa-flip-horizontal": "◀\ufe0e",
    "pause": "❚❚",
    "play": "▶\ufe0e",
    "step-forward": "›",
    "fast-forward": "»",
    "plus": "+",
}  # characters that replace the icons of a font, which the player would load from the internet
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0; background: white; font-family: sans-serif; text-align: center; }}
.animation, .animation img {{ max-width: 100%; }}
.animation input.anim-slider {{ width: min(90vw, 720px); }}
</style></head><body>
{player}
</body></html>
"""


def film_file(run: Run) -> Path:
    """Return the file of a run's film; film.gif and film.html are in the same folder."""
    return run.folder / "film" / "film.npz"


def load_film(run: Run) -> Film | None:
    """Return the saved film of a run, which may miss newer checkpoints; None if there is none."""
    try:
        return Film.open(film_file(run))
    except UserError:
        return None


def is_current(film: Film | None, run: Run) -> bool:
    """Return whether a film shows all checkpoints that a new film would show."""
    return film is not None and film.steps[film.steps > 0].tolist() == [
        int(folder.name) for folder in choose_checkpoints(run)
    ]


def save_film(run: Run) -> Path:
    """Render and save the film of a run, unless the saved one is current.

    Returns:
        The GIF file.

    Raises:
        UserError: As for `make_film`.
    """

    def work(on_progress: OnProgress) -> None:
        film = make_film(run, progress=lambda share: on_progress(SHARE_BEFORE_DRAWING * share))
        for number, suffix in enumerate(FORMATS):
            done, part = (
                SHARE_BEFORE_DRAWING + (1 - SHARE_BEFORE_DRAWING) * number / len(FORMATS),
                (1 - SHARE_BEFORE_DRAWING) / len(FORMATS),
            )
            write_film(film, file.with_suffix(suffix), partial(_within, on_progress, done, part))
        film.save(file)

    file = film_file(run)
    if not is_current(load_film(run), run):
        file.unlink(missing_ok=True)
    make_file(file, work)
    return file.with_suffix(".gif")


def start_film(run: Run) -> None:
    """Render the film of a run in a background process, unless it is being rendered.

    `core.jobs.file_job.progress_of` returns its progress.
    """
    refuse_if_read_only()
    file = film_file(run)
    if not progress_of(file).is_alive:
        file.unlink(missing_ok=True)
        start_job(file, ["film", str(run.folder.resolve())])


def write_film(film: Film, file: Path, progress: Callable[[float], None] = lambda share: None) -> None:
    """Render a film, 900 x 520 pixels.

    Between two checkpoints, the positions of the points and the histograms are interpolated.

    Args:
        film: The film.
        file: A .gif file; or an .html file, which needs no other files, has a player, and half as many images.
        progress: Called with the share of the work that is done, 0 to 1.
    """
    gif = file.suffix.lower() == ".gif"
    steps = IMAGES_BETWEEN_FRAMES if gif else max(1, IMAGES_BETWEEN_FRAMES // 2)
    positions = np.arange(0, len(film.steps) - 1 + 1e-9, 1 / steps)
    with style.context(["default", STYLE]):  # independent of the user's matplotlibrc
        figure, draw = film_figure(film)
        animation = FuncAnimation(figure, draw, positions, init_func=lambda: None, cache_frame_data=False)
        durations = [SHORT if number % steps else REST for number in range(len(positions))]
        writer = (
            _GifWriter([*durations[:-1], LAST]) if gif else _PageWriter(round(1000 / (2 * SHORT)), embed_frames=True)
        )
        animation.save(
            file, writer, dpi=100, progress_callback=lambda number, _: progress((number + 1) / len(positions))
        )
    if not gif:
        player = re.sub(r"<link[^>]*>", "", file.read_text(encoding="utf-8"))
        player = re.sub(r'<i class="fa fa-([^"]*)"></i>', lambda icon: ICONS[icon[1]], player)
        file.write_text(PAGE.format(title=escape(film.run), player=player), encoding="utf-8")


class _GifWriter(PillowWriter):
    """Writes a GIF with one palette for all images, and with a duration for each image, in milliseconds."""

    _frames: list[Image.Image]  # matplotlib's, which its stubs do not have

    def __init__(self, durations: list[int]):
        super().__init__()
        self.durations = durations

    def finish(self):
        """Write the file."""
        first, *others = [_few_colours(frame) for frame in self._frames]
        first.save(self.outfile, "GIF", save_all=True, append_images=others, duration=self.durations, loop=0)


class _PageWriter(HTMLWriter):
    """Writes HTML with images of few colours, which make smaller files."""

    _saved_frames: list[str]  # matplotlib's, which its stubs do not have

    def grab_frame(self, **options):
        """Add an image."""
        pixels = BytesIO()
        self.fig.savefig(pixels, format="rgba", dpi=self.dpi, **options)
        small = BytesIO()
        _few_colours(Image.frombytes("RGBA", self.frame_size, pixels.getvalue())).save(small, "PNG", optimize=True)
        self._saved_frames.append(base64.b64encode(small.getvalue()).decode())


def _within(on_progress: OnProgress, done: float, part: float, share: float) -> None:
    """Report the share of the whole work from the share of one part of it."""
    on_progress(done + part * share)


def _few_colours(image: Image.Image) -> Image.Image:
    """Reduce an image to a fixed palette, so that colours do not change from image to image."""
    drawn = [
        np.array(to_rgb(each)) for each in (INK, QUIET, RULE, SAME, DIFFERENT, OVERLAP, OTHER_COLOUR, *CATEGORY_COLOURS)
    ]
    shades = [
        1 - share * (1 - colour)
        for colour in drawn
        for share in np.arange(1, SHADES_PER_COLOUR + 1) / SHADES_PER_COLOUR
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.rint(255 * np.array([np.ones(3), *shades])).astype(np.uint8).tobytes())
    return image.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
