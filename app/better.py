"""Better rankings on the search page: what is chosen, and the ranking in that order."""

import numpy as np
import pandas as pd
import streamlit as st

from app import state
from app.keys import EXPAND, RERANK
from app.loading import Searcher

EXPANSIONS = [0, 1, 2, 3, 5]
ASKED = {RERANK: ["true", "false"], EXPAND: EXPANSIONS}  # what a link may ask for


def controls() -> tuple[bool, int]:
    """Whether to re-rank, and with how many of its answers a probe is averaged."""
    with st.popover("Better rankings", icon=":material/auto_awesome:"):
        rerank = st.toggle("Re-rank by shared neighbours", key=RERANK, bind="query-params",
                           help="k-reciprocal neighbours (Zhong et al. 2017): two pictures are alike if they find the "
                           "same others, and each other.")  # fmt: skip
        expansion = st.segmented_control("Average the probe with its first", EXPANSIONS, default=0, required=True,
                                         key=EXPAND, bind="query-params", help="Query expansion (Chum et al. 2007): "
                                         "the gallery is asked again with the mean of the probe and its first answers. "
                                         "It helps if they are right, and misleads if they are not.")  # fmt: skip
    return rerank, expansion


def in_better_order(
    searcher: Searcher, key: tuple, ranking: pd.DataFrame, descriptors: np.ndarray, rerank: bool, expansion: int
) -> pd.DataFrame:
    """The ranking as chosen; `key` names the gallery, whose own neighbours are looked for once."""
    if not rerank and not expansion:
        return ranking
    from core.search.better import WHOLE, reorder

    fitted = state.neighbours(key, searcher.gallery) if rerank and len(searcher.gallery) <= WHOLE else None
    return reorder(searcher.gallery, ranking, descriptors, expansion, fitted, rerank)
