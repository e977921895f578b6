"""Histograms of the scores of pairs of the same identity and of different identities."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.shared import texts
from core.colours import DIFFERENT, SAME

MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}


def pair_histograms(positive: Sequence[float], negative: Sequence[float], title: str) -> go.Figure:
    """Draw the share of pairs by score, from -1 to 1. The overlap of both histograms is shaded."""
    figure = go.Figure(pair_traces(100 * np.asarray(positive), 100 * np.asarray(negative)))
    figure.update_layout(
        title=title,
        height=260,
        margin=MARGIN,
        hovermode="x unified",
        xaxis_title=texts.PAIR_SCORE,
        legend={"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        uirevision="pairs",
        xaxis_range=[-1, 1],
        yaxis_rangemode="tozero",
    )
    return figure


def pair_traces(positive: np.ndarray, negative: np.ndarray) -> list[go.Scatter]:
    """Return both histograms as lines, and their overlap."""
    nodes = np.linspace(-1, 1, len(positive)).round(3).tolist()
    lines = [
        go.Scatter(
            x=nodes,
            y=values.tolist(),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            hovertemplate=texts.PAIRS_HOVER,
        )
        for name, colour, values in (
            (texts.DIFFERENT_IDENTITIES, DIFFERENT, negative),
            (texts.SAME_IDENTITY, SAME, positive),
        )
    ]
    overlap = go.Scatter(
        x=nodes,
        y=np.minimum(positive, negative).tolist(),
        name=texts.OVERLAP,
        mode="none",
        fill="tozeroy",
        fillcolor="rgba(139, 144, 160, 0.45)",
        hoverinfo="skip",
    )
    return [*lines, overlap]
