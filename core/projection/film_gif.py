"""A film of a run's learning: the map beside the two histograms that the loss pushes apart, drawn as an animated GIF.

It is kept in the run's folder, in `film/`: film.npz (the arrays) and film.gif.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from core.colours import DIFFERENT, KINDS, OTHERS, OVERLAP, SAME
from core.errors import UserError
from core.explain.print_canvas import INK, QUIET, RULE, Box, Canvas
from core.jobs.file_job import Advance, make, progress_of, start
from core.projection.training_film import Film, checkpoints_to_watch, film_of
from core.training.run_folder import Run

WIDTH, HEIGHT, SMALLER = 1800, 1040, 2  # it is drawn larger and made smaller, which smooths it
MAP: Box = (40, 130, 980, 800)
PAIRS: Box = (1100, 330, 650, 520)
STEPS: Box = (40, 1000, 1720, 6)
BETWEEN = 6  # pictures from one frame to the next
SHORT, REST, LAST = 70, 450, 2500  # milliseconds that a picture stays: on the way, at a frame, at the end
COLOURS = 64  # of the whole film
WATCHING = 0.8  # share of the work that is not drawing


def film_file(run: Run) -> Path:
    """Where a run's film is kept; film.gif lies beside it."""
    return run.folder / "film" / "film.npz"


def kept_film(run: Run) -> Film | None:
    """The film that is kept, of the checkpoints that there were when it was made."""
    try:
        return Film.open(film_file(run))
    except UserError:
        return None


def is_current(film: Film | None, run: Run) -> bool:
    """Whether a film shows all that it would show if it were made now."""
    return film is not None and film.steps[film.steps > 0].tolist() == [
        int(folder.name) for folder in checkpoints_to_watch(run)
    ]


def keep_film(run: Run) -> Path:
    """Make a run's film, unless the one that is kept is current. Raises UserError as `film_of` does."""

    def work(advance: Advance) -> None:
        film = film_of(run, progress=lambda share: advance(WATCHING * share))
        write_gif(film, file.with_suffix(".gif"), lambda share: advance(WATCHING + (1 - WATCHING) * share))
        film.save(file)

    file = film_file(run)
    if not is_current(kept_film(run), run):
        file.unlink(missing_ok=True)
    make(file, work)
    return file.with_suffix(".gif")


def start_film(run: Run) -> None:
    """Make a run's film in a process of its own, unless it is on its way; `progress_of` tells how far it is."""
    file = film_file(run)
    if not progress_of(file).is_alive:
        file.unlink(missing_ok=True)
        start(file, ["film", str(run.folder.resolve())])


def write_gif(film: Film, file: Path, progress: Callable[[float], None] = lambda share: None) -> None:
    """900 pixels wide; between two checkpoints points move evenly, and nothing but their places is made up."""
    ways = np.arange(0, len(film.steps) - 1 + 1e-9, 1 / BETWEEN)
    pages = []
    for number, way in enumerate(ways):
        pages.append(draw(film, way))
        progress((number + 1) / len(ways))
    both_ends = Image.fromarray(np.concatenate([np.asarray(pages[0]), np.asarray(pages[-1])]))
    palette = both_ends.quantize(COLOURS)
    pages = [page.quantize(palette=palette, dither=Image.Dither.NONE) for page in pages]
    stays = [SHORT if number % BETWEEN else REST for number in range(len(pages))]
    pages[0].save(file, "GIF", save_all=True, append_images=pages[1:], duration=[*stays[:-1], LAST], loop=0)


def draw(film: Film, way: float) -> Image.Image:
    """RGB, 900 x 520 pixels: the film between frame floor(way) and the next; figures are those of the former."""
    canvas, frame = Canvas(WIDTH, HEIGHT), int(way + 1e-6)
    canvas.text((40, 62), film.run, 44, strong=True, room=900)
    canvas.text((40, 108), film.caption, 30, colour=QUIET, room=WIDTH - 80)
    _map(canvas, film, _between(film.coordinates, way))
    words = film.words(frame)
    for place, (name, value) in enumerate(words.items()):
        x = PAIRS[0] + place * PAIRS[2] / len(words)
        canvas.text((x, 150), name, 32, colour=QUIET)
        canvas.text((x, 200), value, 44, strong=True)
    _pairs(canvas, _between(film.heights.swapaxes(0, 1), way))
    _time(canvas, film, way)
    return canvas.page.reduce(SMALLER)


def _between(values: np.ndarray, way: float) -> np.ndarray:
    """(F, ...) -> (...), slow at both frames."""
    frame = min(int(way), len(values) - 2)
    share = way - frame
    share = share**2 * (3 - 2 * share)
    return (1 - share) * values[frame] + share * values[frame + 1]


def _map(canvas: Canvas, film: Film, coordinates: np.ndarray) -> None:
    """In one scale for both axes and for all of the film."""
    left, top, width, height = MAP
    low, high = film.coordinates.min((0, 1)), film.coordinates.max((0, 1))
    scale = ((width, height) / np.maximum(high - low, 1e-6)).min()
    places = (coordinates - (low + high) / 2) * (scale, -scale) + (left + width / 2, top + height / 2)
    colours = film.colours
    for number in np.argsort(colours > 0, kind="stable"):  # those in colour above the others
        colour = ImageColor.getrgb(KINDS[(colours[number] - 1) % len(KINDS)] if colours[number] else OTHERS)
        canvas.disk(tuple(places[number].tolist()), 9 if colours[number] else 6, colour)


def _pairs(canvas: Canvas, heights: np.ndarray) -> None:
    left, top, width, height = PAIRS
    canvas.text((left, top - 80), "Similarity of two pictures", 32)
    canvas.text((left, top - 36), "of one person", 30, colour=ImageColor.getrgb(SAME), strong=True)
    canvas.text((left + 250, top - 36), "of different people", 30, colour=ImageColor.getrgb(DIFFERENT), strong=True)
    positive, negative = (
        np.stack([np.linspace(left, left + width, len(some)), top + height * (1 - some)], 1) for some in heights
    )
    lower = np.maximum(positive, negative)  # y grows downwards
    corners = np.array([(left + width, top + height), (left, top + height)])
    canvas.area(np.concatenate([lower, corners]), ImageColor.getrgb(OVERLAP))
    canvas.path(corners, 2, RULE)
    for points, colour in ((negative, DIFFERENT), (positive, SAME)):
        canvas.path(points, 6, ImageColor.getrgb(colour))
    for share, label in ((0, "−1"), (0.5, "0"), (1, "1")):
        canvas.text((left + share * width, top + height + 42), label, 30, "middle", QUIET)
    canvas.text((left, top + height + 92), "grey: both, which is where the loss comes from", 28, colour=QUIET)


def _time(canvas: Canvas, film: Film, way: float) -> None:
    """How far the training is, with a mark for each frame."""
    left, top, width, height = STEPS
    canvas.fill(STEPS, RULE)
    places = left + width * film.steps / film.steps[-1]
    for place in places:
        canvas.disk((float(place), top + height / 2), 8, RULE)
    at = float(np.interp(way, np.arange(len(places)), places))
    canvas.fill((left, top, at - left, height), INK)
    canvas.disk((at, top + height / 2), 12, INK)
