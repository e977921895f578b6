"""Better rankings on the search page: what is chosen, and the ranking in that order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.keys import ADAPT, CENTRE, EXPAND, RERANK
from app.loading import Searcher
from app.pictures import Pictures

EXPANSIONS = [0, 1, 2, 3, 5]
SWITCH = ["true", "false"]
MOST = 5000  # pictures of a gallery that is described again while a visitor waits
ASKED = {ADAPT: SWITCH, CENTRE: SWITCH, RERANK: SWITCH, EXPAND: EXPANSIONS}  # what a link may ask for


@dataclass(frozen=True)
class Better:
    """Whether cameras are adapted to and centred, the gallery is re-ranked, the probe averaged with so many answers."""

    adapt: bool = False
    centre: bool = False
    rerank: bool = False
    expansion: int = 0

    @property
    def is_plain(self) -> bool:
        return self == Better()


def controls(pictures: Pictures) -> tuple[Better, DeltaGenerator]:
    """What is chosen, and the place beside it where waiting is spoken of.

    Of cameras there is something to learn where the gallery has two or more.
    """
    adapt = centre = False
    with st.popover("Better rankings", icon=":material/auto_awesome:"):
        if len(pictures.cameras) > 1:
            adapt = st.toggle("Adapt to each camera", key=ADAPT, bind="query-params", help="The model takes what it "
                              "holds for usual light, colours and sharpness from each camera's pictures, and describes "
                              "the gallery again. It helps a model that never saw such pictures, and misleads where "
                              "cameras see different people.") if len(pictures.gallery) <= MOST else False  # fmt: skip
            centre = st.toggle("Centre each camera", key=CENTRE, bind="query-params", help="Light and colours of a "
                               "camera make strangers before it look alike. The mean of each camera's pictures is "
                               "taken from them. It helps where cameras differ, and misleads where they see different "
                               "people.")  # fmt: skip
        rerank = st.toggle("Re-rank by shared neighbours", key=RERANK, bind="query-params",
                           help="k-reciprocal neighbours (Zhong et al. 2017): two pictures are alike if they find the "
                           "same others, and each other.")  # fmt: skip
        expansion = st.segmented_control("Average the probe with its first", EXPANSIONS, default=0, required=True,
                                         key=EXPAND, bind="query-params", help="Query expansion (Chum et al. 2007): "
                                         "the gallery is asked again with the mean of the probe and its first answers. "
                                         "It helps if they are right, and misleads if they are not.")  # fmt: skip
        place = st.container()
    return Better(adapt, centre, rerank, expansion), place


def in_better_order(
    searcher: Searcher, key: tuple, ranking: pd.DataFrame, probe: list[Image.Image], descriptors: np.ndarray,
    camera: int, better: Better, place: DeltaGenerator,
) -> pd.DataFrame:  # fmt: skip
    """The ranking as chosen; `camera` took the probe, `key` names the gallery, at which is looked once.

    `place` is where it is said that this takes long.
    """
    if better.is_plain:
        return ranking
    from core.search.better import WHOLE, reorder

    gallery = searcher.gallery
    if better.adapt:
        with place, st.spinner("Describing the gallery for each camera; this is done once"):
            gallery, models = state.adapted(key, searcher.model, gallery)
        descriptors = models.describe(probe, camera)
    if better.centre:
        gallery, centring = state.centred((key, better.adapt), gallery)
        descriptors = centring.transform(descriptors, np.full(len(descriptors), camera))
    seen = (key, better.adapt, better.centre)
    fitted = state.neighbours(seen, gallery) if better.rerank and len(gallery) <= WHOLE else None
    return reorder(gallery, ranking, descriptors, better.expansion, fitted, better.rerank)
