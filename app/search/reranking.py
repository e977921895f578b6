"""Post-processing on the page Search: its controls, and the ranking in the new order."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app.search import texts
from app.shared import linked_widgets
from app.shared.address import change_link
from app.shared.cache import of_galleries
from app.shared.images import Images
from app.shared.keys import ADAPT, AFTER, CENTRE, EXPAND, RERANK
from app.shared.model_loading import Searcher

if TYPE_CHECKING:
    from core.evaluation.camera_centring import Centring
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import Model
    from core.search.gallery import Gallery
    from core.search.k_reciprocal import KReciprocal

EXPANSIONS = [0, 1, 2, 3, 5]
SWITCH = ["true", "false"]
MAX_IMAGES_ADAPTED = 5000  # images of a gallery that is described again during a search
ASKED = {ADAPT: SWITCH, CENTRE: SWITCH, RERANK: SWITCH, EXPAND: EXPANSIONS}  # valid values in a link


@dataclass(frozen=True)
class PostProcessing:
    """AdaBN, camera centring, k-reciprocal re-ranking, and the number of results for query expansion."""

    adapt: bool = False
    centre: bool = False
    rerank: bool = False
    expansion: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether no post-processing is chosen."""
        return self == PostProcessing()


def controls(images: Images) -> tuple[PostProcessing, DeltaGenerator]:
    """Show the controls -> the chosen post-processing, and the container for progress.

    The controls for cameras are shown if the gallery has two or more.
    """
    adapt = centre = False
    with st.popover(texts.POST_PROCESSING, icon=":material/auto_awesome:"):
        if len(images.cameras) > 1:
            adapt = (
                linked_widgets.toggle(texts.ADAPT, ADAPT, help=texts.ADAPT_HELP)
                if len(images.gallery) <= MAX_IMAGES_ADAPTED
                else False
            )
            centre = linked_widgets.toggle(texts.CENTRE, CENTRE, help=texts.CENTRE_HELP)
        rerank = linked_widgets.toggle(texts.RERANK, RERANK, help=texts.RERANK_HELP)
        expansion = linked_widgets.choose_one(
            st.segmented_control, texts.EXPAND, EXPANSIONS, EXPAND, required=True, help=texts.EXPAND_HELP
        )
        place = st.container()
    return PostProcessing(adapt, centre, rerank, expansion), place


def active_options(processing: PostProcessing) -> None:
    """Show the active options as buttons that switch them off."""
    active = {
        ADAPT: texts.ADAPT if processing.adapt else "",
        CENTRE: texts.CENTRE if processing.centre else "",
        RERANK: texts.RERANK if processing.rerank else "",
        EXPAND: texts.EXPANDED.format(count=processing.expansion) if processing.expansion else "",
    }
    with st.container(horizontal=True):
        for key, label in active.items():
            if label:
                st.button(
                    label,
                    key=f"without_{key}",
                    icon=":material/close:",
                    help=texts.SWITCH_OFF,
                    on_click=change_link,
                    args=({key: None},),
                )


def link_ranks(crops: list[dict]) -> list[dict]:
    """Add the rank after post-processing to the links to explanations."""
    return [crop | {"why": f"{crop['why']}&{AFTER}={crop['rank']}"} if crop.get("why") else crop for crop in crops]


@dataclass(frozen=True)
class Prepared:
    """The gallery and the probe after AdaBN and camera centring, and the fitted re-ranking."""

    processing: PostProcessing
    gallery: "Gallery"
    descriptors: np.ndarray
    fitted: "KReciprocal | None" = None

    def order(self, ranking: pd.DataFrame) -> pd.DataFrame:
        """Return the ranking of the plain gallery in the new order."""
        if self.processing.is_plain:
            return ranking
        from core.search.reranking import reorder

        return reorder(
            self.gallery, ranking, self.descriptors, self.processing.expansion, self.fitted, self.processing.rerank
        )


def prepare(
    searcher: Searcher,
    key: tuple,
    probe: list[Image.Image],
    content: tuple,
    descriptors: np.ndarray,
    camera: int,
    processing: PostProcessing,
    place: DeltaGenerator,
) -> Prepared:
    """Prepare gallery and probe; `key` and `content` identify them in caches, and `camera` took the probe.

    The progress is shown in the popover `place` and in the page, because the popover may be closed.
    """
    gallery = searcher.gallery
    if processing.adapt:
        page = st.container()
        with place, st.spinner(texts.ADAPTING), page, st.spinner(texts.ADAPTING):
            gallery, models = adapt_gallery(key, searcher.model, gallery)
            descriptors = describe_cached(key, content, camera, models, probe)
    if processing.centre:
        gallery, centring = centre_gallery((key, processing.adapt), gallery)
        descriptors = centring.transform(descriptors, np.full(len(descriptors), camera))
    fitted = None
    if processing.rerank:
        from core.search.reranking import MAX_IMAGES_RERANKED

        fitted_to = (key, processing.adapt, processing.centre)
        fitted = fit_neighbours_cached(fitted_to, gallery) if len(gallery) <= MAX_IMAGES_RERANKED else None
    return Prepared(processing, gallery, descriptors, fitted)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def adapt_gallery(gallery: tuple, _model: "Model", _gallery: "Gallery") -> "tuple[Gallery, CameraModels]":
    """Describe a gallery by a model adapted to each of its cameras."""
    from core.folders import cache_folder
    from core.inference.camera_statistics import CAMERA_STATISTICS
    from core.search.reranking import adapt_gallery

    return adapt_gallery(_model, _gallery, folder=cache_folder() / CAMERA_STATISTICS)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=False)
def centre_gallery(gallery: tuple, _gallery: "Gallery") -> "tuple[Gallery, Centring]":
    """Subtract the mean descriptor of each camera from a gallery."""
    from core.search.reranking import centre_gallery

    return centre_gallery(_gallery)


@of_galleries
@st.cache_data(max_entries=500, show_spinner=False)
def describe_cached(
    gallery: tuple, content: tuple, camera: int, _models: "CameraModels", _images: list[Image.Image]
) -> np.ndarray:
    """Describe images (N, D) by the model adapted to a camera of a gallery."""
    return _models.describe(_images, camera)


@of_galleries
@st.cache_resource(max_entries=4, show_spinner=texts.FINDING_NEIGHBOURS)
def fit_neighbours_cached(gallery: tuple, _gallery: "Gallery") -> "KReciprocal":
    """Find the nearest neighbours of each gallery image, for re-ranking."""
    from core.search.k_reciprocal import KReciprocal

    return KReciprocal().fit(_gallery.descriptors)
