"""Plotly figures of arrays and tables. The app's theme sets fonts, background and grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from app.shared import texts
from core.evaluation.metrics import AVERAGE_PRECISIONS

# of the architectures, in all figures; legible on light and on dark backgrounds
COLOURS = {"cnn": "#d9772b", "b_cnn": "#17998a", "mr_bcnn": "#5b6ee8", "mobile_bcnn": "#b8860b"}
GREY = "#8b90a0"
MORE_COLOURS = ("#c1559b", "#8c9a1f", "#2f9fd8", "#c94f4f", "#9a6fd8", "#8a6240", "#5f8f5a")  # of further results
SYMBOLS = {"cnn": "square-open", "b_cnn": "circle-open", "mr_bcnn": "diamond-open", "mobile_bcnn": "cross-open"}
RANKS = (1, 5, 10, 20, 30, 40, 50)  # ticks
HEIGHT = 400
LEGEND_ROW, AXIS = 20, 60  # pixels of a legend entry, and of the ticks and the title below a figure
MAX_AXIS_START = 50.0  # percent; a lower start keeps small differences small
MARGIN = {"l": 8, "r": 8, "t": 16, "b": 8}


@dataclass(frozen=True)
class LineStyle:
    """The colour and the dashes of a result in all figures."""

    colour: str
    dash: str = "solid"

    @property
    def line(self) -> dict[str, str | float]:
        """The settings of a plotly line."""
        return {"color": self.colour, "dash": self.dash, "width": 2.5}


@dataclass(frozen=True)
class Curve:
    """Recall@1, Recall@2, ... of a result, in percent."""

    name: str
    recalls: Sequence[float]
    style: LineStyle


@dataclass(frozen=True)
class Points:
    """Recall@K of an architecture at the ranks that the paper reports."""

    name: str
    architecture: str
    recalls: Mapping[int, float]  # by K


def recall_figure(curves: Sequence[Curve], points: Sequence[Points] = (), ranks: int = 50) -> go.Figure:
    """Draw measured curves as lines, and published values as hollow points in the colours of the architectures."""
    figure = go.Figure()
    for one in points:
        figure.add_scatter(
            x=list(one.recalls),
            y=list(one.recalls.values()),
            mode="markers",
            name=texts.PUBLISHED.format(name=one.name),
            marker={
                "size": 11,
                "symbol": SYMBOLS[one.architecture],
                "color": COLOURS[one.architecture],
                "line": {"width": 2},
            },
            zorder=1,  # above the curves
            hovertemplate=texts.RECALL_HOVER.format(name=texts.PUBLISHED.format(name=one.name)),
        )
    for one in curves:
        figure.add_scatter(
            x=list(range(1, len(one.recalls) + 1))[:ranks],
            y=list(one.recalls)[:ranks],
            mode="lines",
            name=one.name,
            line=one.style.line,
            hovertemplate=texts.RECALL_HOVER.format(name=one.name),
        )
    lowest = min((min(trace.y) for trace in figure.data if len(trace.y)), default=0)
    figure.update_xaxes(
        title=texts.K,
        tickvals=[rank for rank in RANKS if rank <= ranks],
        range=[0, ranks + 0.5],
        zeroline=False,
        unifiedhovertitle={"text": texts.K_HOVER},
    )
    figure.update_yaxes(title=texts.RECALL_AT_K, range=[max(0, 10 * (lowest // 10) - 2), 101.5], zeroline=False)
    # the legend stands below the curves
    figure.update_layout(
        height=HEIGHT + LEGEND_ROW * len(figure.data),
        margin=MARGIN,
        hovermode="x unified",
        legend={"x": 0, "y": -AXIS / HEIGHT, "yanchor": "top"},
    )
    return figure


def precision_figure(ranks: Sequence[int], definition: str) -> go.Figure:
    """Draw precision and recall of one probe at each rank, and the area that a definition of average precision sums.

    `ranks` are the ranks of its true matches. The area above each step of recall has the mean height that the
    definition gives the true match, and ends at the precision there.
    """
    ranks, hits = np.asarray(ranks), np.arange(1, len(ranks) + 1)
    heights = AVERAGE_PRECISIONS[definition].precision(hits, ranks, np.full(len(ranks), len(ranks)))
    figure = go.Figure()
    for hit, rank, height in zip(hits, ranks, heights, strict=True):
        if height:
            end, left, right = hit / rank, (hit - 1) / len(ranks), hit / len(ranks)
            figure.add_scatter(
                x=[left, left, right, right],
                y=[0, 2 * height - end, end, 0],
                fill="toself",
                mode="lines",
                line={"color": COLOURS["mr_bcnn"], "width": 1},
                fillcolor="rgba(91, 110, 232, 0.28)",
                hoverinfo="skip",
            )
    all_ranks = np.arange(1, ranks[-1] + 1)
    found = np.searchsorted(ranks, all_ranks, side="right")
    is_match = np.isin(all_ranks, ranks)
    figure.add_scatter(
        x=found / len(ranks),
        y=found / all_ranks,
        mode="lines+markers+text",
        line={"color": GREY, "width": 1, "dash": "dot"},
        marker={
            "size": 8,
            "color": [COLOURS["mr_bcnn"] if one else GREY for one in is_match],
            "symbol": ["circle" if one else "circle-open" for one in is_match],
        },
        text=[str(rank) for rank in all_ranks],
        textposition="top right",
        hovertemplate=texts.PRECISION_HOVER,
    )
    between = [f"{hit}/{len(ranks)}" for hit in hits[:-1]]
    figure.update_xaxes(
        title=texts.RECALL,
        range=[-0.02, 1.1],
        zeroline=False,
        showgrid=False,
        tickvals=[0, *hits / len(ranks)],
        ticktext=["0", *between, "1"],
    )
    figure.update_yaxes(title=texts.PRECISION, range=[0, 1.15], zeroline=False, tickvals=[0, 0.5, 1])
    figure.update_layout(height=240, margin=MARGIN, showlegend=False)
    return figure


def camera_figure(probe: Sequence[int], gallery: Sequence[int], recalls: Sequence[Sequence[float | None]]) -> go.Figure:
    """Draw rank-1 in percent by probe camera (rows) and gallery camera (columns), with the numbers in the cells."""
    lowest = min((value for row in recalls for value in row if value is not None), default=MAX_AXIS_START)
    figure = go.Figure(
        go.Heatmap(
            x=[str(camera) for camera in gallery],
            y=[str(camera) for camera in probe],
            z=recalls,
            zmin=min(lowest, MAX_AXIS_START),
            zmax=100,
            texttemplate="%{z:.1f}",
            textfont={"size": 13},
            xgap=3,
            ygap=3,
            showscale=False,
            hoverongaps=False,
            hovertemplate=texts.CAMERA_HOVER,
        )
    )
    figure.update_xaxes(title=texts.GALLERY_CAMERA, type="category", side="top", showgrid=False, ticks="")
    figure.update_yaxes(title=texts.PROBE_CAMERA, type="category", autorange="reversed", showgrid=False, ticks="")
    figure.update_layout(height=110 + 46 * len(probe), margin=MARGIN)
    return figure
