"""Curves of one or several runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

RUN_COLOURS = ("#5b6ee8", "#d9772b", "#17998a", "#c1559b", "#8c6d1f", "#5b6475")
MAX_CURVE_POINTS = 600
MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}


def curves(rows: Mapping[str, Sequence[dict[str, Any]]], column: str, title: str) -> go.Figure:
    """Plot a column of the metrics of each run over its steps; thin lines of more than MAX_CURVE_POINTS points."""
    figure = go.Figure()
    for number, (name, logged) in enumerate(rows.items()):
        points = [(row["step"], row[column]) for row in logged if column in row]
        if len(points) > MAX_CURVE_POINTS:
            points = points[:: len(points) // MAX_CURVE_POINTS] + points[-1:]
        steps, values = zip(*points, strict=True) if points else ((), ())
        figure.add_scatter(
            x=steps,
            y=values,
            name=name,
            mode="lines+markers" if len(points) < 40 else "lines",
            line={"color": RUN_COLOURS[number % len(RUN_COLOURS)], "width": 2},
            marker={"size": 6},
            hovertemplate=f"{name}: %{{y:.4g}}<extra></extra>",
        )
    figure.update_layout(
        title=title,
        height=260,
        margin=MARGIN,
        hovermode="x",
        showlegend=len(rows) > 1,
        legend={"orientation": "h", "y": -0.2},
        uirevision=title,
    )
    return figure
