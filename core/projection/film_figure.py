"""The figure of a film: the map, the metrics, the score histograms, and the timeline of the training."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from core.colours import CATEGORY_COLOURS, DIFFERENT, INK, OTHER_COLOUR, OVERLAP, QUIET, RULE, SAME
from core.projection.training_film import Film

WIDTH, HEIGHT = 900, 520  # pixels, at 100 pixels per inch


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
