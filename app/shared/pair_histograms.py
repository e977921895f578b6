"""The two histograms that the loss pushes apart: similarities of pairs of one person, and of different people."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.colours import DIFFERENT, SAME

MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}


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
