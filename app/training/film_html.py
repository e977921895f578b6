"""A run's film as a page of its own: the map beside the histograms of the loss, with a button and a slider.

`python -m app.film RUN --output film.html` writes it; it holds all that it needs, and works offline.
"""

import argparse
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from app.shared.pair_histograms import pair_traces
from app.training.charts import RUNS
from core.colours import DIFFERENT, KINDS, OTHERS, SAME
from core.errors import UserError

if TYPE_CHECKING:
    from core.projection.training_film import Film

PASSAGE, REST, HEIGHT = 700, 350, 600  # milliseconds from frame to frame, and at a frame; pixels
LIGHT, DARK = ("#fbfaf8", "#1f2430", "#dedad2"), ("#14171f", "#e8e9ee", "#343b4a")  # ground, words, rules
# shares of a wide page and of a narrow one: the map, the histograms, the slider
WIDE = {
    "xaxis.domain": [0, 0.57],
    "yaxis.domain": [0, 1],
    "xaxis2.domain": [0.64, 1],
    "yaxis2.domain": [0.12, 0.9],
    "sliders[0].x": 0.14,
    "sliders[0].len": 0.86,
}
NARROW = {
    "xaxis.domain": [0, 1],
    "yaxis.domain": [0.46, 1],
    "xaxis2.domain": [0, 1],
    "yaxis2.domain": [0.11, 0.42],
    "sliders[0].x": 0.34,
    "sliders[0].len": 0.66,
}
ARRANGE = """
const page = document.getElementById('{plot_id}');
let width = 0;
new ResizeObserver(() => {
  if (page.clientWidth === width) return;
  width = page.clientWidth;
  Plotly.relayout(page, width < 640 ? %s : %s);
}).observe(page);
"""


def film_figure(film: "Film", dark: bool = False) -> go.Figure:
    """A frame for each checkpoint; Plotly moves the points from one to the next."""
    ground, ink, rule = DARK if dark else LIGHT
    low, high = film.coordinates.min((0, 1)), film.coordinates.max((0, 1))
    room = 0.04 * (high - low).max()
    figure = go.Figure(_traces(film, 0, ground, ink))
    figure.frames = [
        go.Frame(name=str(step), data=_traces(film, frame, ground, ink)) for frame, step in enumerate(film.steps)
    ]
    hidden = {"visible": False, "fixedrange": True}
    caption = "<br>".join(wrap(escape(film.caption), 56))
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 16, "r": 24, "t": 76, "b": 16},
        paper_bgcolor=ground,
        plot_bgcolor=ground,
        font={"color": ink, "size": 14},
        showlegend=False,
        hovermode="closest",
        title={"text": escape(film.run), "subtitle": {"text": caption}, "x": 0.02, "xanchor": "left"},
        xaxis=hidden | {"range": [low[0] - room, high[0] + room], "constrain": "domain"},
        yaxis=hidden | {"range": [low[1] - room, high[1] + room], "scaleanchor": "x", "constrain": "domain"},
        xaxis2={
            "range": [-1, 1],
            "anchor": "y2",
            "tickvals": [-1, 0, 1],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "title": {"text": "similarity of two pictures", "standoff": 4},
        },
        yaxis2=hidden | {"range": [0, 1.45], "anchor": "x2"},
        updatemenus=[_buttons(ground, ink, rule)],
        sliders=[_slider(film, ink, rule)],
    )
    return figure.update_layout({name.replace(".", "_").replace("[0]", "_0"): value for name, value in WIDE.items()})


def film_page(film: "Film", dark: bool = False) -> str:
    """HTML with everything inside; on a narrow screen the histograms lie below the map."""
    arrange = ARRANGE % (NARROW, WIDE)
    html = film_figure(film, dark).to_html(
        include_plotlyjs=True,
        auto_play=False,
        post_script=arrange,
        config={"displayModeBar": False, "responsive": True},
    )
    ground = (DARK if dark else LIGHT)[0]
    head = '<head><meta name="viewport" content="width=device-width, initial-scale=1">'
    return html.replace("<head>", head, 1).replace("<body>", f'<body style="margin:0;background:{ground}">', 1)


def _traces(film: "Film", frame: int, ground: str, ink: str) -> list[go.Scatter]:
    """Others, people in colour, the histograms with what lies under both, and the figures."""
    colours, places = film.colours, film.coordinates[frame].round(3)
    grey, coloured = colours == 0, colours > 0
    points = [
        go.Scatter(
            x=places[some, 0].tolist(),
            y=places[some, 1].tolist(),
            mode="markers",
            marker=marker,
            text=[f"person {one}" for one in film.people[some]],
            hovertemplate="%{text}<extra></extra>",
        )
        for some, marker in (
            (grey, {"size": 5, "color": OTHERS}),
            (
                coloured,
                {
                    "size": 9,
                    "color": [KINDS[(one - 1) % len(KINDS)] for one in colours[coloured]],
                    "line": {"width": 1, "color": ground},
                },
            ),
        )
    ]
    words = "   ".join(f"{name} <b>{value}</b>" for name, value in film.words(frame).items())
    key = "    ".join(
        f'<span style="color:{colour}">{kind}</span>'
        for kind, colour in (("one person", SAME), ("different people", DIFFERENT))
    )
    figures = go.Scatter(
        x=[-1, -1],
        y=[1.4, 1.2],
        text=[words, key],
        mode="text",
        textposition="middle right",
        textfont={"color": ink, "size": 14},
        hoverinfo="skip",
        cliponaxis=False,
    )
    pairs = [
        trace.update(xaxis="x2", yaxis="y2", hoverinfo="skip", hovertemplate=None)
        for trace in pair_traces(*film.heights[:, frame].round(4))
    ]
    return [*points, *pairs, figures.update(xaxis="x2", yaxis="y2")]


def _moving(milliseconds: int, **more) -> dict:
    return {
        "frame": {"duration": milliseconds + REST, "redraw": False},
        "mode": "immediate",
        "transition": {"duration": milliseconds, "easing": "cubic-in-out"},
    } | more


def _buttons(ground: str, ink: str, rule: str) -> dict:
    return {
        "type": "buttons",
        "direction": "left",
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 24, "r": 8},
        "showactive": False,
        "bgcolor": ground,
        "bordercolor": rule,
        "font": {"color": ink},
        "buttons": [
            {"label": "▶", "method": "animate", "args": [None, _moving(PASSAGE, fromcurrent=True)]},
            {"label": "❚❚", "method": "animate", "args": [[None], _moving(0)]},
        ],
    }


def _slider(film: "Film", ink: str, rule: str) -> dict:
    steps = [
        {"label": f"{step:,}", "method": "animate", "args": [[str(step)], _moving(PASSAGE)]} for step in film.steps
    ]
    return {
        "steps": steps,
        "x": 0.14,
        "len": 0.86,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 16},
        "currentvalue": {"visible": False},
        "bgcolor": rule,
        "bordercolor": rule,
        "tickcolor": rule,
        "activebgcolor": RUNS[0],
        "font": {"color": ink, "size": 11},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 2 for bad input (one sentence on stderr)."""
    from core.folders import run_folder
    from core.projection.training_film import film_of
    from core.training.run_folder import Run

    parser = argparse.ArgumentParser(prog="python -m app.film", description="A run's film as one HTML file.")
    parser.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")
    parser.add_argument("--data", type=Path, metavar="DATA", help="show its test people (default: the run's own)")
    parser.add_argument("--output", type=Path, metavar="FILE.html", required=True)
    options = parser.parse_args(arguments)
    try:
        run = Run.open(options.run if (options.run / "config.json").exists() else run_folder() / options.run)
        options.output.write_text(film_page(film_of(run, options.data)), encoding="utf-8")
    except (UserError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(options.output)
    return 0
