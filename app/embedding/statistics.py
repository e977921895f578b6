"""Statistics of the shown images: scores of pairs of the same and of different identities, and silhouettes."""

import numpy as np
import streamlit as st

from app.components import figure_export
from app.embedding import texts
from app.embedding.descriptors import Embedding, separation_of
from app.embedding.table import DISTRACTOR_SUBSET, UNKNOWN
from app.shared.pair_histograms import pair_histograms


def show_statistics(models: dict[str, Embedding], shown: np.ndarray) -> None:
    """Show the statistics for each model by its name to show, of the shown images that have an identity."""
    with st.expander(
        texts.STATISTICS, icon=":material/query_stats:", on_change="rerun", key="embedding_numbers"
    ) as expander:
        if not expander.open:
            return
        st.markdown(texts.ABOUT_STATISTICS)
        for side, (name, one) in zip(st.columns(len(models)), models.items(), strict=True):
            with side:
                known = shown & ~one.table["identity"].eq(UNKNOWN) & ~one.table["subset"].eq(DISTRACTOR_SUBSET)
                found = separation_of(one.key, tuple(np.flatnonzero(known).tolist()), one)
                if found is None:
                    st.info(texts.NO_PAIRS)
                    continue
                histograms = pair_histograms(found.positive, found.negative, name)
                figure_export.show(histograms, f"histograms_{name}", texts.HISTOGRAMS.format(model=name))
                figures = {texts.CONFUSION: f"{found.confusion:.2%}"}
                figures |= {
                    texts.SILHOUETTES.get(kind, kind): f"{value:+.2f}" for kind, value in found.silhouettes.items()
                }
                for column, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
                    column.metric(label, value)
