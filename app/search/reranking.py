"""Post-processing on the page Search: its controls, and the ranking in the new order."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from app.search import texts
from app.shared import adaptation, linked_widgets, widgets
from app.shared import texts as shared_texts
from app.shared.address import change_link
from app.shared.cache import of_galleries
from app.shared.images import Images
from app.shared.keys import ADAPT, AFTER, CENTRE, EXPAND, RERANK
from app.shared.model_loading import Searcher
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

if TYPE_CHECKING:
    import pandas as pd

    from core.evaluation.camera_centring import Centring
    from core.search.gallery import Gallery
    from core.search.k_reciprocal import KReciprocal

EXPANSIONS = [0, 1, 2, 3, 5]
SWITCH = ["true", "false"]
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

    @property
    def reorders(self) -> bool:
        """Whether the order differs from that of the descriptors, plain or adapted, which the page Compare explains."""
        return replace(self, adapt=False) != PostProcessing()


def controls(images: Images, gallery: StoredGallery | None) -> PostProcessing:
    """Show the controls -> the chosen post-processing.

    The controls for cameras are shown if the gallery has two or more.
    """
    centre = False
    with st.popover(texts.POST_PROCESSING, icon=":material/auto_awesome:"):
        adapt = adaptation.toggle(images, gallery)
        if len(images.cameras) > 1:
            centre = linked_widgets.toggle(texts.CENTRE, CENTRE, help=texts.CENTRE_HELP)
        rerank = linked_widgets.toggle(texts.RERANK, RERANK, help=texts.RERANK_HELP)
        expansion = linked_widgets.choose_one(
            st.segmented_control, texts.EXPAND, EXPANSIONS, EXPAND, required=True, help=texts.EXPAND_HELP
        )
    return PostProcessing(adapt, centre, rerank, expansion)


def active_options(processing: PostProcessing, is_known_camera: bool) -> None:
    """Show the active options as buttons that switch them off, and sentences about adaptation."""
    active = {
        ADAPT: shared_texts.ADAPT if processing.adapt else "",
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
                    args=({key: "false" if key == ADAPT else None},),  # adaptation may be the default
                )
    if processing.adapt:
        st.caption(texts.ADAPTED if is_known_camera else f"{texts.ADAPTED} {shared_texts.ALL_CAMERAS}")


def link(processing: PostProcessing, gallery: StoredGallery | None) -> dict[str, str]:
    """Return the parameter of a link to an explanation that says whether the descriptors are adapted, if needed."""
    is_default = processing.adapt == adaptation.is_default(gallery)
    return {} if is_default else {ADAPT: "true" if processing.adapt else "false"}


def link_ranks(crops: list[dict]) -> list[dict]:
    """Add the rank to the links to explanations, which rank all cameras without post-processing."""
    return [crop | {"why": f"{crop['why']}&{AFTER}={crop['rank']}"} if crop.get("why") else crop for crop in crops]


@dataclass(frozen=True)
class Prepared:
    """The gallery and the probe after AdaBN and camera centring, and the fitted re-ranking."""

    processing: PostProcessing
    gallery: "Gallery"
    descriptors: np.ndarray
    fitted: "KReciprocal | None" = None

    @property
    def is_adapted_only(self) -> bool:
        """Whether AdaBN is the only post-processing, so that the first results need no sort of all."""
        return self.processing == PostProcessing(adapt=True)

    def search(self, plain: "Gallery", descriptors: np.ndarray, top: int, *filters, **more) -> "pd.DataFrame":
        """Return the first results; with other post-processing than AdaBN, `top` must be the size of the gallery."""
        if self.is_adapted_only:
            from core.search.reranking import search_adapted

            return search_adapted(plain, self.gallery, descriptors, self.descriptors, top, *filters, **more)
        return self.order(plain.search(descriptors, top, *filters, **more))

    def order(self, ranking: "pd.DataFrame") -> "pd.DataFrame":
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
    stored: StoredGallery | None,
) -> Prepared:
    """Prepare gallery and probe; `key` and `content` identify them in caches, and `camera` took the probe."""
    gallery = searcher.gallery
    if processing.adapt:
        try:
            gallery, models = adaptation.wait_for(key, searcher.model, gallery, stored, st.container())
            descriptors = adaptation.describe(key, content, camera, models, probe)
        except UserError as error:  # adaptation may be the default
            widgets.warn([shared_texts.NOT_ADAPTED.format(why=error)])
            processing = replace(processing, adapt=False)
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
def centre_gallery(gallery: tuple, _gallery: "Gallery") -> "tuple[Gallery, Centring]":
    """Subtract the mean descriptor of each camera from a gallery."""
    from core.search.reranking import centre_gallery

    return centre_gallery(_gallery)


@of_galleries
@st.cache_resource(max_entries=4, show_spinner=texts.FINDING_NEIGHBOURS)
def fit_neighbours_cached(gallery: tuple, _gallery: "Gallery") -> "KReciprocal":
    """Find the nearest neighbours of each gallery image, for re-ranking."""
    from core.search.k_reciprocal import KReciprocal

    return KReciprocal().fit(_gallery.descriptors)
