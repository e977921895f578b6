"""Better rankings on the search page: what is chosen, and the ranking in that order."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app.shared.cache import of_galleries
from app.shared.images import Images
from app.shared.keys import ADAPT, CENTRE, EXPAND, RERANK
from app.shared.model_loading import Searcher

if TYPE_CHECKING:
    from core.evaluation.camera_centring import Centring
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import Model
    from core.search.gallery import Gallery
    from core.search.k_reciprocal import KReciprocal

EXPANSIONS = [0, 1, 2, 3, 5]
SWITCH = ["true", "false"]
MAX_IMAGES_ADAPTED = 5000  # images of a gallery that is described again while a visitor waits
WAIT = "Looking at the gallery camera by camera; this is done once"
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


def controls(images: Images) -> tuple[Better, DeltaGenerator]:
    """What is chosen, and the place beside it where waiting is spoken of.

    Of cameras there is something to learn where the gallery has two or more.
    """
    adapt = centre = False
    with st.popover("Better rankings", icon=":material/auto_awesome:"):
        if len(images.cameras) > 1:
            adapt = (
                st.toggle(
                    "Adapt to each camera",
                    key=ADAPT,
                    bind="query-params",
                    help="The model takes what it "
                    "holds for usual light, colours and sharpness from each camera's images, and describes "
                    "the gallery again. It helps a model that never saw such images, and misleads where "
                    "cameras see different people.",
                )
                if len(images.gallery) <= MAX_IMAGES_ADAPTED
                else False
            )
            centre = st.toggle(
                "Centre each camera",
                key=CENTRE,
                bind="query-params",
                help="Light and colours of a "
                "camera make strangers before it look alike. The mean of each camera's images is "
                "taken from them. It helps where cameras differ, and misleads where they see different "
                "people.",
            )
        rerank = st.toggle(
            "Re-rank by shared neighbours",
            key=RERANK,
            bind="query-params",
            help="k-reciprocal neighbours (Zhong et al. 2017): two images are alike if they find the "
            "same others, and each other.",
        )
        expansion = st.segmented_control(
            "Average the probe with its first",
            EXPANSIONS,
            default=0,
            required=True,
            key=EXPAND,
            bind="query-params",
            help="Query expansion (Chum et al. 2007): "
            "the gallery is asked again with the mean of the probe and its first answers. "
            "It helps if they are right, and misleads if they are not.",
        )
        place = st.container()
    return Better(adapt, centre, rerank, expansion), place


@dataclass(frozen=True)
class Prepared:
    """What a better order needs: gallery and probe as adapted cameras see them, and the gallery's neighbours."""

    better: Better
    gallery: "Gallery"
    descriptors: np.ndarray
    fitted: "KReciprocal | None" = None

    def order(self, ranking: pd.DataFrame) -> pd.DataFrame:
        """The ranking of the plain gallery in the order that was chosen."""
        if self.better.is_plain:
            return ranking
        from core.search.reranking import reorder

        return reorder(self.gallery, ranking, self.descriptors, self.better.expansion, self.fitted, self.better.rerank)


def prepare(
    searcher: Searcher,
    key: tuple,
    probe: list[Image.Image],
    content: tuple,
    descriptors: np.ndarray,
    camera: int,
    better: Better,
    place: DeltaGenerator,
) -> Prepared:
    """`key` names the gallery and `content` the probe, which `camera` took: each is looked at once.

    That this takes long is said in `place`, the popover, and where this is called, since the popover may be closed.
    """
    gallery = searcher.gallery
    if better.adapt:
        around = st.container()
        with place, st.spinner(WAIT), around, st.spinner(WAIT):
            gallery, models = adapt_gallery(key, searcher.model, gallery)
            descriptors = describe_cached(key, content, camera, models, probe)
    if better.centre:
        gallery, centring = centre_gallery((key, better.adapt), gallery)
        descriptors = centring.transform(descriptors, np.full(len(descriptors), camera))
    fitted = None
    if better.rerank:
        from core.search.reranking import MAX_IMAGES_RERANKED

        seen = (key, better.adapt, better.centre)
        fitted = fit_neighbours_cached(seen, gallery) if len(gallery) <= MAX_IMAGES_RERANKED else None
    return Prepared(better, gallery, descriptors, fitted)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def adapt_gallery(gallery: tuple, _model: "Model", _gallery: "Gallery") -> "tuple[Gallery, CameraModels]":
    """A gallery described by a model adapted to each of its cameras."""
    from core.search.reranking import adapt_gallery

    return adapt_gallery(_model, _gallery)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def centre_gallery(gallery: tuple, _gallery: "Gallery") -> "tuple[Gallery, Centring]":
    """A gallery measured from the mean of each camera's images."""
    from core.search.reranking import centre_gallery

    return centre_gallery(_gallery)


@of_galleries
@st.cache_data(max_entries=500, show_spinner=False)
def describe_cached(
    gallery: tuple, content: tuple, camera: int, _models: "CameraModels", _images: list[Image.Image]
) -> np.ndarray:
    """(N, D), by the model adapted to a camera of a gallery."""
    return _models.describe(_images, camera)


@of_galleries
@st.cache_resource(max_entries=4, show_spinner="Looking for the gallery's neighbours; this is done once")
def fit_neighbours_cached(gallery: tuple, _gallery: "Gallery") -> "KReciprocal":
    """The nearest of each image of a gallery, for re-ranking it."""
    from core.search.k_reciprocal import KReciprocal

    return KReciprocal().fit(_gallery.descriptors)
