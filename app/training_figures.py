"""Figures of a training: curves of one or several runs, and the two histograms that the loss pushes apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.explain.colours import DIFFERENT, SAME

RUNS = ("#5b6ee8", "#d9772b", "#17998a", "#c1559b", "#8c6d1f", "#5b6475")
MOST = 600  # points of a curve
MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}


def curves(rows: Mapping[str, Sequence[dict[str, Any]]], column: str, title: str) -> go.Figure:
    """One line a run: a column of its metrics over its steps; thinned where there are too many."""
    figure = go.Figure()
    for number, (name, logged) in enumerate(rows.items()):
        some = [(row["step"], row[column]) for row in logged if column in row]
        some = some[:: max(1, len(some) // MOST)] + some[-1:] if len(some) > MOST else some
        steps, values = zip(*some, strict=True) if some else ((), ())
        figure.add_scatter(
            x=steps,
            y=values,
            name=name,
            mode="lines+markers" if len(some) < 40 else "lines",
            line={"color": RUNS[number % len(RUNS)], "width": 2},
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


def pair_histograms(positive: Sequence[float], negative: Sequence[float], title: str) -> go.Figure:
    """Shares of pairs by similarity, -1 to 1; what lies under both is shaded: there the loss comes from."""
    figure = go.Figure(pair_traces(100 * np.asarray(positive), 100 * np.asarray(negative)))
    figure.update_layout(
        title=title,
        height=260,
        margin=MARGIN,
        hovermode="x unified",
        xaxis_title="similarity",
        legend={"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        uirevision="pairs",
        xaxis_range=[-1, 1],
        yaxis_rangemode="tozero",
    )
    return figure


def pair_traces(positive: np.ndarray, negative: np.ndarray) -> list[go.Scatter]:
    """Both histograms as lines, and what lies under both."""
    nodes = np.linspace(-1, 1, len(positive)).round(3).tolist()
    lines = [
        go.Scatter(
            x=nodes,
            y=values.tolist(),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            hovertemplate="%{y:.2f} % of pairs",
        )
        for name, colour, values in (("different people", DIFFERENT, negative), ("same person", SAME, positive))
    ]
    overlap = go.Scatter(
        x=nodes,
        y=np.minimum(positive, negative).tolist(),
        name="overlap",
        mode="none",
        fill="tozeroy",
        fillcolor="rgba(139, 144, 160, 0.45)",
        hoverinfo="skip",
    )
    return [*lines, overlap]
