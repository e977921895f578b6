"""Curves of the question "same person or not?": ROC, DET, and searches for people who may not be there."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from scipy.special import ndtri

from app.shared.charts import COLOURS, DASHES, MARGIN
from core.evaluation.verification import EDGES, ScoreCounts

HEIGHT = 330
MIN_SHARE_SHOWN = 1e-5  # share of pairs where axes begin
SHARES = (0.001, 0.01, 0.05, 0.2, 0.5)  # ticks of a DET curve

Counted = Mapping[str, tuple[str, ScoreCounts | None]]  # a result's label -> its architecture, its scores if counted


def roc_figure(results: Counted) -> go.Figure:
    """Share of same-person pairs that score above a threshold, over that of pairs of different people."""
    figure = _lines(
        results, lambda one: (one.false_match_rate(EDGES), 1 - one.miss_rate(EDGES)), "false match", "found"
    )
    figure.update_xaxes(
        title="false matches, share of pairs", range=[np.log10(MIN_SHARE_SHOWN), 0], **_powers(MIN_SHARE_SHOWN)
    )
    figure.update_yaxes(title="pairs of one person found", range=[0, 1.02], tickformat=".0%")
    return figure


def det_figure(results: Counted) -> go.Figure:
    """The two kinds of error over each other, both axes by the normal distribution: bell-shaped scores give lines."""
    figure = _lines(
        results, lambda one: (one.false_match_rate(EDGES), one.miss_rate(EDGES)), "false match", "missed", ndtri
    )
    for axis, low, title in ((figure.update_xaxes, 1e-4, "false matches"), (figure.update_yaxes, 1e-3, "misses")):
        ticks = [1e-4, *SHARES]
        axis(
            title=title,
            tickvals=ndtri(ticks),
            ticktext=[f"{100 * one:g} %" for one in ticks],
            range=[ndtri(low), ndtri(0.6)],
        )
    figure.add_scatter(
        x=ndtri(SHARES),
        y=ndtri(SHARES),
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        line={"color": "#8b90a0", "width": 1, "dash": "dot"},
    )
    return figure


def open_set_figure(results: Counted) -> go.Figure:
    """Share of searches that find their person first above a threshold, over false alarms without the person."""
    figure = _lines(
        results, lambda one: (one.false_alarm_rate(EDGES), one.detection_rate(EDGES)), "false alarm", "found first"
    )
    figure.update_xaxes(title="false alarms, share of searches", range=[-2.5, 0], **_powers(0.01))
    figure.update_yaxes(title="found at rank 1", range=[0, 1.02], tickformat=".0%")
    return figure


def _lines(results: Counted, rates, x_name: str, y_name: str, scale=lambda values: values) -> go.Figure:
    figure = go.Figure()
    drawn = dict.fromkeys(COLOURS, 0)
    for name, (architecture, counts) in results.items():
        dash = DASHES[drawn[architecture] % len(DASHES)]
        drawn[architecture] += 1  # also without scores, so that lines look as in other figures
        if counts is None:
            continue
        x, y = rates(counts)
        some = (x >= MIN_SHARE_SHOWN) & _changing(x, y)
        if scale is ndtri:  # which has no place for none and all
            some &= (x < 1) & (y > 0) & (y < 1)
        text = [
            f"{name}<br>score {score:.3f}: {x_name} {100 * one:.3g} %, {y_name} {100 * other:.3g} %"
            for score, one, other in zip(EDGES[some], x[some], y[some], strict=True)
        ]
        figure.add_scatter(
            x=scale(x[some]),
            y=scale(y[some]),
            mode="lines",
            name=name,
            text=text,
            line={"color": COLOURS[architecture], "dash": dash, "width": 2.5},
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(height=HEIGHT, margin=MARGIN, hovermode="closest", showlegend=False)
    return figure


def _powers(lowest: float) -> dict:
    """A logarithmic axis of percentages up to 100."""
    ticks = 10.0 ** np.arange(round(np.log10(lowest)), 1)
    return {"type": "log", "tickvals": ticks, "ticktext": [f"{100 * one:g} %" for one in ticks]}


def _changing(*rates: Sequence[float]) -> np.ndarray:
    """Where a curve moves: beyond the scores that occur it stands still."""
    return np.any([np.diff(one, prepend=np.nan) != 0 for one in rates], axis=0)
