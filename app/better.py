"""Better rankings on the search page: what is chosen, and the ranking in that order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from app import state
from app.keys import CENTRE, EXPAND, RERANK
from app.loading import Searcher

EXPANSIONS = [0, 1, 2, 3, 5]
SWITCH = ["true", "false"]
ASKED = {CENTRE: SWITCH, RERANK: SWITCH, EXPAND: EXPANSIONS}  # what a link may ask for


@dataclass(frozen=True)
class Better:
    """Whether cameras are centred, the gallery is re-ranked, and with how many of its answers a probe is averaged."""

    centre: bool = False
    rerank: bool = False
    expansion: int = 0

    @property
    def is_plain(self) -> bool:
        return self == Better()


def controls(cameras: list[int]) -> Better:
    """What is chosen; `cameras` are the gallery's, of which there is something to centre from two on."""
    with st.popover("Better rankings", icon=":material/auto_awesome:"):
        centre = st.toggle("Centre each camera", key=CENTRE, bind="query-params", help="Light and colours of a camera "
                           "make strangers before it look alike. The mean of each camera's pictures is taken from "
                           "them. It helps where cameras differ, and misleads where they see different people."
                           ) if len(cameras) > 1 else False  # fmt: skip
        rerank = st.toggle("Re-rank by shared neighbours", key=RERANK, bind="query-params",
                           help="k-reciprocal neighbours (Zhong et al. 2017): two pictures are alike if they find the "
                           "same others, and each other.")  # fmt: skip
        expansion = st.segmented_control("Average the probe with its first", EXPANSIONS, default=0, required=True,
                                         key=EXPAND, bind="query-params", help="Query expansion (Chum et al. 2007): "
                                         "the gallery is asked again with the mean of the probe and its first answers. "
                                         "It helps if they are right, and misleads if they are not.")  # fmt: skip
    return Better(centre, rerank, expansion)


def in_better_order(
    searcher: Searcher, key: tuple, ranking: pd.DataFrame, descriptors: np.ndarray, camera: int, better: Better
) -> pd.DataFrame:
    """The ranking as chosen; `camera` took the probe, `key` names the gallery, at which is looked once."""
    if better.is_plain:
        return ranking
    from core.search.better import WHOLE, reorder

    gallery = searcher.gallery
    if better.centre:
        gallery, centring = state.centred(key, gallery)
        descriptors = centring.transform(descriptors, np.full(len(descriptors), camera))
    fitted = state.neighbours((key, better.centre), gallery) if better.rerank and len(gallery) <= WHOLE else None
    return reorder(gallery, ranking, descriptors, better.expansion, fitted, better.rerank)
