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
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.animation import FuncAnimation, HTMLWriter, PillowWriter
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from core.colours import CATEGORY_COLOURS, DIFFERENT, INK, OTHER_COLOUR, OVERLAP, QUIET, RULE, SAME
from core.errors import UserError
from core.jobs.file_job import OnProgress, make_file, progress_of, start_job
from core.projection.training_film import Film, choose_checkpoints, make_film
from core.training.run_folder import Run

WIDTH, HEIGHT = 900, 520  # pixels, at 100 pixels per inch
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


def film_figure(film: Film) -> tuple[Figure, Callable[[float], None]]:
    """Create the figure of a film.

    Returns:
        The figure, and a function that draws the film at a position between frame floor(position) and the next one.
        The texts are those of the former frame.
    """
    figure = Figure((WIDTH / 100, HEIGHT / 100))
    figure.text(0.022, 0.93, film.run, size=16, weight="bold")
    figure.text(0.022, 0.885, film.caption, size=10.5, color=QUIET)
    move = [_map(figure, film), _words(figure, film), _pairs(figure, film), _time(figure, film)]

    def draw(position: float) -> None:
        for each in move:
            each(position)

    draw(0)
    return figure, draw


def _between(values: np.ndarray, position: float) -> np.ndarray:
    """Interpolate values (F, ...) at a position between two frames, with slow start and end."""
    frame = min(int(position), len(values) - 2)
    share = position - frame
    share = share**2 * (3 - 2 * share)
    return (1 - share) * values[frame] + share * values[frame + 1]


def _map(figure: Figure, film: Film) -> Callable[[float], None]:
    """Draw the map, with one scale for both axes and all frames, and coloured points on top."""
    axes = figure.add_axes((0.022, 0.1, 0.545, 0.76), label="map")
    low, high = film.coordinates.min((0, 1)), film.coordinates.max((0, 1))
    room = 0.02 * max((high - low).max(), 1e-6)
    axes.set(xlim=(low[0] - room, high[0] + room), ylim=(low[1] - room, high[1] + room), aspect="equal")
    axes.set_axis_off()
    order = np.argsort(film.colours > 0, kind="stable")
    kinds = film.colours[order]
    points = axes.scatter(
        film.coordinates[0, order, 0],
        film.coordinates[0, order, 1],
        s=np.where(kinds > 0, 42, 16),
        c=[CATEGORY_COLOURS[(kind - 1) % len(CATEGORY_COLOURS)] if kind else OTHER_COLOUR for kind in kinds],
        edgecolors="white",
        linewidths=0.5,
        clip_on=False,
    )
    return lambda position: points.set_offsets(_between(film.coordinates, position)[order])


def _words(figure: Figure, film: Film) -> Callable[[float], None]:
    """Draw the step, the loss and the metrics."""
    texts = []
    for index, name in enumerate(names := film.words(0)):
        x = 0.611 + index * 0.36 / len(names)
        figure.text(x, 0.845, name, size=10.5, color=QUIET)
        texts.append(figure.text(x, 0.795, "", size=14, weight="bold"))

    def move(position: float) -> None:
        for text, value in zip(texts, film.words(int(position + 1e-6)).values(), strict=True):
            text.set_text(value)

    return move


def _pairs(figure: Figure, film: Film) -> Callable[[float], None]:
    """Draw the histograms of the scores of pairs."""
    figure.text(0.611, 0.725, "Score of two images", size=11)
    figure.text(0.611, 0.68, "same identity", size=10.5, color=SAME, weight="bold")
    figure.text(0.76, 0.68, "different identities", size=10.5, color=DIFFERENT, weight="bold")
    figure.text(0.611, 0.095, "grey: overlap, from which the loss results", size=9.5, color=QUIET)
    axes = figure.add_axes((0.611, 0.18, 0.361, 0.48), label="pairs")
    axes.set(xlim=(-1, 1), ylim=(0, 1.02), xticks=(-1, 0, 1), yticks=[])
    axes.set_xticklabels(("−1", "0", "1"), size=10.5, color=QUIET)
    axes.tick_params("x", length=0, pad=6)
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    heights = film.heights.swapaxes(0, 1)
    x = np.linspace(-1, 1, heights.shape[2])
    both = axes.fill_between(x, 0 * x, color=OVERLAP, linewidth=0)
    lines = [axes.plot(x, x, color=colour, linewidth=2.2, clip_on=False)[0] for colour in (SAME, DIFFERENT)]

    def move(position: float) -> None:
        shown = _between(heights, position)
        both.set_data(x, 0 * x, shown.min(0))
        for line, values in zip(lines, shown, strict=True):
            line.set_ydata(values)

    return move


def _time(figure: Figure, film: Film) -> Callable[[float], None]:
    """Draw the timeline of the training, with a mark for each frame."""
    axes = figure.add_axes((0.022, 0.01, 0.956, 0.05), label="time")
    axes.set(xlim=(0, film.steps[-1]), ylim=(-1, 1))
    axes.set_axis_off()
    marks: dict[str, Any] = {"markersize": 6, "markevery": 1, "clip_on": False, "linewidth": 2.2}
    axes.plot(film.steps, 0 * film.steps, "o-", color=RULE, **marks)
    (line,) = axes.plot([0, 0], [0, 0], "o-", color=INK, **marks | {"markevery": [1], "markersize": 10})
    frames = np.arange(len(film.steps))
    return lambda position: line.set_xdata((0, np.interp(position, frames, film.steps)))
