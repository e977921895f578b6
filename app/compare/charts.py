"""Figures of the page Compare: contributions that add up to a score, and the scores of the deletion test."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from app.compare import texts
from app.shared.charts import COLOURS, GREY, MARGIN
from core.colours import NEGATIVE, POSITIVE
from core.explain.region_blocks import strongest_first
from core.explain.region_names import format_signed
from core.geometry import Geometry

if TYPE_CHECKING:
    from core.explain.deletion import Deletion

MAX_BARS = 10  # regions with a bar of their own


def waterfall(
    regions: np.ndarray,
    geometry: Geometry,
    rest: float,
    rest_name: str,
    start: tuple[str, float] | None = None,
    end: str = "",
) -> go.Figure:
    """Draw bars from a start or 0: the rest, the strongest regions, the other regions, and their sum."""
    steps = [(rest_name, rest), *strongest_first(regions, geometry, MAX_BARS)]
    names, numbers, measures = zip(*((name, value, "relative") for name, value in steps), strict=True)
    if start:
        names, numbers, measures = (start[0], *names), (start[1], *numbers), ("absolute", *measures)
    reached = np.cumsum(numbers)
    written = [
        format_signed(number, 3) if measure == "relative" else f"{number:.3f}"
        for number, measure in zip(numbers, measures, strict=True)
    ]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=(*names, end),
            x=(*numbers, 0),
            measure=(*measures, "total"),
            text=[*written, f"{reached[-1]:.3f}"],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="y+text",
            connector={"line": {"color": GREY, "width": 1}},
            increasing={"marker": {"color": _rgb(POSITIVE)}},
            decreasing={"marker": {"color": _rgb(NEGATIVE)}},
            totals={"marker": {"color": GREY}},
        )
    )
    low, high = min(float(reached.min()), np.inf if start else 0.0), float(reached.max())
    room = 0.16 * (high - low)  # for the numbers; a difference is small, so its axis starts near the lower score
    figure.update_xaxes(range=[low - room, high + room], zeroline=not start, title=texts.SCORE_AXIS)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=70 + 27 * len(figure.data[0].y), margin=MARGIN, showlegend=False)
    return figure


def deletion_figure(found: "Deletion", reverse: np.ndarray, chosen: int) -> go.Figure:
    """Draw the scores by the number of occluded regions; `reverse` occludes the weakest regions first."""
    figure = go.Figure()
    for name, values, look in (
        (texts.PREDICTED, found.predicted, {"mode": "lines", "line": {"color": _rgb(POSITIVE), "width": 2.5}}),
        (
            texts.RECOMPUTED,
            found.recomputed,
            {
                "mode": "markers",
                "marker": {"color": _rgb(POSITIVE), "size": 8, "symbol": "circle-open", "line": {"width": 2}},
            },
        ),
        (
            texts.PAINTED,
            found.painted,
            {"mode": "lines+markers", "line": {"color": COLOURS["cnn"], "dash": "dot"}, "marker": {"size": 5}},
        ),
        (texts.WEAKEST_FIRST, reverse, {"mode": "lines", "line": {"color": GREY, "dash": "dash"}}),
    ):
        figure.add_scatter(
            x=found.counts.tolist(),
            y=values.tolist(),
            name=name,
            hovertemplate=f"{name}: %{{y:.4f}}<extra></extra>",
            **look,
        )
    figure.add_vline(x=chosen, line={"color": GREY, "width": 1})
    figure.update_xaxes(title=texts.OCCLUDED_AXIS, unifiedhovertitle={"text": texts.OCCLUDED_HOVER})
    figure.update_yaxes(title=texts.SCORE_AXIS, zeroline=True)
    figure.update_layout(
        height=330,
        margin=MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.28, "x": 0, "yanchor": "top"},
    )
    return figure


def _rgb(colour: tuple[int, int, int]) -> str:
    return f"rgb{colour}"
