"""Curves of verification (ROC, DET) and of open-set identification."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from scipy.special import ndtri

from app.results import texts
from app.shared.charts import MARGIN, LineStyle
from core.evaluation.verification import EDGES, ScoreCounts

HEIGHT = 330
MIN_SHARE_SHOWN = 1e-5  # of pairs: the start of axes
SHARES = (0.001, 0.01, 0.05, 0.2, 0.5)  # ticks of a DET curve

Counted = Mapping[str, tuple[LineStyle, ScoreCounts | None]]  # name of a result -> its style, its scores if stored


def roc_figure(results: Counted) -> go.Figure:
    """Plot the true-match rate over the false-match rate, for all thresholds."""
    figure = _lines(
        results,
        lambda one: (one.false_match_rate(EDGES), 1 - one.miss_rate(EDGES)),
        texts.FALSE_MATCH_RATE,
        texts.TRUE_MATCH_RATE,
    )
    figure.update_xaxes(title=texts.FALSE_MATCH_RATE, range=[np.log10(MIN_SHARE_SHOWN), 0], **_powers(MIN_SHARE_SHOWN))
    figure.update_yaxes(title=texts.TRUE_MATCH_RATE, range=[0, 1.02], tickformat=".0%")
    return figure


def det_figure(results: Counted) -> go.Figure:
    """Plot the false non-match rate over the false-match rate. With normally distributed scores, curves are lines."""
    figure = _lines(
        results,
        lambda one: (one.false_match_rate(EDGES), one.miss_rate(EDGES)),
        texts.FALSE_MATCH_RATE,
        texts.FALSE_NON_MATCH_RATE,
        ndtri,
    )
    for axis, low, title in (
        (figure.update_xaxes, 1e-4, texts.FALSE_MATCH_RATE),
        (figure.update_yaxes, 1e-3, texts.FALSE_NON_MATCH_RATE),
    ):
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
    """Plot the share of searches that find a present person at rank 1 over the false-alarm rate for absent persons."""
    figure = _lines(
        results,
        lambda one: (one.false_alarm_rate(EDGES), one.detection_rate(EDGES)),
        texts.FALSE_ALARM_RATE,
        texts.FOUND_RATE,
    )
    figure.update_xaxes(title=texts.FALSE_ALARM_RATE, range=[-2.5, 0], **_powers(0.01))
    figure.update_yaxes(title=texts.FOUND_RATE, range=[0, 1.02], tickformat=".0%")
    return figure


def _lines(results: Counted, rates, x_name: str, y_name: str, scale=lambda values: values) -> go.Figure:
    figure = go.Figure()
    for name, (style, counts) in results.items():
        if counts is None:
            continue
        x, y = rates(counts)
        shown = (x >= MIN_SHARE_SHOWN) & _changing(x, y)
        if scale is ndtri:  # is infinite at 0 and 1
            shown &= (x < 1) & (y > 0) & (y < 1)
        text = [
            texts.RATES.format(name=name, score=score, x_name=x_name, x=100 * one, y_name=y_name, y=100 * other)
            for score, one, other in zip(EDGES[shown], x[shown], y[shown], strict=True)
        ]
        figure.add_scatter(
            x=scale(x[shown]),
            y=scale(y[shown]),
            mode="lines",
            name=name,
            text=text,
            line=style.line,
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(height=HEIGHT, margin=MARGIN, hovermode="closest", showlegend=False)
    return figure


def _powers(lowest: float) -> dict:
    """Return the settings of a logarithmic axis of percentages up to 100."""
    ticks = 10.0 ** np.arange(round(np.log10(lowest)), 1)
    return {"type": "log", "tickvals": ticks, "ticktext": [f"{100 * one:g} %" for one in ticks]}


def _changing(*rates: Sequence[float]) -> np.ndarray:
    """Return the points where a curve changes. It is constant beyond the scores that occur."""
    return np.any([np.diff(one, prepend=np.nan) != 0 for one in rates], axis=0)
