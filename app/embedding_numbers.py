"""Numbers with the picture: how alike pairs of the same and of different people are, and what descriptors gather by."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from app.embeddings import Embedding, separation_of
from app.points import FALSE_ALARM, UNSAID

SAME, DIFFERENT = "#1d9a56", "#c8443c"


def show_numbers(models: list[tuple[str, Embedding]], kept: np.ndarray) -> None:
    """Of the pictures that are shown and whose person is known, for each model."""
    title = "Numbers: similarities of pairs, people or cameras"
    with st.expander(title, icon=":material/query_stats:", on_change="rerun", key="embedding_numbers") as expander:
        if not expander.open:
            return
        st.markdown(
            "All pairs of pictures of the **same** person and of **different** people, by similarity: the histograms "
            "that the histogram loss pushes apart. Where they overlap, a wrong picture can come before a right one; "
            "the **confusion** is how often a random wrong pair is as alike as a random right one. The "
            "**silhouettes** say whether pictures gather by person (wanted) or by camera (not wanted): from -1 to 1."
        )
        for place, (name, one) in zip(st.columns(len(models)), models, strict=True):
            with place:
                known = kept & ~one.table["person"].eq(UNSAID) & ~one.table["part"].eq(FALSE_ALARM)
                found = separation_of(one.content, tuple(np.flatnonzero(known).tolist()), one)
                if found is None:
                    st.info("There is no pair of the same person, or none of different people, among what is shown.")
                    continue
                st.plotly_chart(histograms(name, found), key=f"histograms_{name}", config={"displayModeBar": False})
                figures = {"Confusion": f"{found.confusion:.2%}"}
                figures |= {f"Silhouette by {kind}": f"{value:+.2f}" for kind, value in found.silhouettes.items()}
                for column, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
                    column.metric(label, value)


def histograms(name: str, found) -> go.Figure:
    figure = go.Figure()
    for kind, colour, values in (
        ("different people", DIFFERENT, found.negative),
        ("same person", SAME, found.positive),
    ):
        figure.add_scatter(x=found.nodes, y=100 * values, name=kind, mode="lines", line_color=colour, fill="tozeroy",
                           hovertemplate="%{y:.2f} % of pairs at %{x:.2f}")  # fmt: skip
    figure.update_layout(title=name, height=280, margin=dict(l=10, r=10, t=40, b=10), hovermode="x unified",
                         legend=dict(orientation="h", y=1.02, x=1, xanchor="right", yanchor="bottom"),
                         xaxis_title="similarity", yaxis_title="% of pairs")  # fmt: skip
    return figure
