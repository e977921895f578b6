"""Numbers with the image: how alike pairs of the same and of different people are, and what descriptors gather by."""

import numpy as np
import streamlit as st

from app.embedding.descriptors import Embedding, separation_of
from app.embedding.table import FALSE_ALARM, UNSAID
from app.shared.pair_histograms import pair_histograms


def show_numbers(models: list[tuple[str, Embedding]], kept: np.ndarray) -> None:
    """Of the images that are shown and whose person is known, for each model."""
    title = "Numbers: similarities of pairs, people or cameras"
    with st.expander(title, icon=":material/query_stats:", on_change="rerun", key="embedding_numbers") as expander:
        if not expander.open:
            return
        st.markdown(
            "All pairs of images of the **same** person and of **different** people, by similarity: the histograms "
            "that the histogram loss pushes apart. Where they overlap, a wrong image can come before a right one; "
            "the **confusion** is how often a random wrong pair is as alike as a random right one. The "
            "**silhouettes** say whether images gather by person (wanted) or by camera (not wanted): from -1 to 1."
        )
        for place, (name, one) in zip(st.columns(len(models)), models, strict=True):
            with place:
                known = kept & ~one.table["person"].eq(UNSAID) & ~one.table["part"].eq(FALSE_ALARM)
                found = separation_of(one.key, tuple(np.flatnonzero(known).tolist()), one)
                if found is None:
                    st.info("There is no pair of the same person, or none of different people, among what is shown.")
                    continue
                st.plotly_chart(
                    pair_histograms(found.positive, found.negative, name),
                    key=f"histograms_{name}",
                    config={"displayModeBar": False},
                )
                figures = {"Confusion": f"{found.confusion:.2%}"}
                figures |= {f"Silhouette by {kind}": f"{value:+.2f}" for kind, value in found.silhouettes.items()}
                for column, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
                    column.metric(label, value)
