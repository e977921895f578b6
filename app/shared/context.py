"""What all pages share: the probe, the gallery and the model. Links to other pages keep them, and a bar shows them."""

from contextlib import suppress
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from app.components import context_bar, scrolled_boxes
from app.shared import (
    cache,
    each_upload,
    gallery_picker,
    linked_uploads,
    model_cards,
    model_picker,
    probe_picker,
    texts,
    widgets,
)
from app.shared.address import parameters, remember_settings, settings_of, settle
from app.shared.images import Images
from app.shared.keys import CONTEXT, MODEL, PROBE, WITH
from app.shared.settings import SHIPPED, list_models, models_for
from app.shared.thumbnails import THUMBNAIL
from app.shared.uploads import probe_images
from app.shared.url_params import follow_earlier_link, rename_parameter, unknown_in_link
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

EXPLAINING = ("regions", "compare")  # addresses of pages that open with a demo probe and the small model
ANY_MODEL = "regions"  # the page that shows a named gallery's images in any model
CSS = """<style>
.stMainBlockContainer { padding-top: 0.75rem; }
[data-testid="stHeader"] { background: none; }  /* it lies over the bar, and holds the menu */
[data-testid="stHeader"], [data-testid="stHeader"] :not(button, button *) { pointer-events: none; }
.st-key-context { padding: 0 3rem 0.4rem 0; border-bottom: 1px solid rgb(128 128 128 / 0.35); }
.st-key-context .stPageLink a { padding: 0.25rem 0.4rem; }
body :is([data-testid="stCaptionContainer"], [data-testid="stFileUploaderDropzoneInstructions"]) { opacity: 0.78; }
body [data-testid="stFileUploaderDropzoneInstructions"] span { color: inherit; }
.stApp :is([data-testid="stBaseButton-primary"]:enabled, [data-tag]) { color: light-dark(#ffffff, #14171f); }
.stPlotlyChart :is(.xtick text, .ytick text, .xtitle, .ytitle, .textpoint text, .bartext-outside) {
  fill: currentColor !important;
}
.stApp :is(.stPageLink a, .katex-display, .stTable > div):focus-visible {
  outline: 2px solid light-dark(#3d4fc4, #7c8cf8); outline-offset: 1px;
}
body [data-testid="stWidgetLabel"] { color: inherit; }  /* of a disabled widget, too */
.stApp button[kind="tertiary"]:is(:active, [aria-expanded="true"]) { color: inherit; }
@media (min-width: 80rem) {  /* beside the menu and "Stop": in the bar it would need a second row */
  .st-key-terms { position: absolute; top: 0.6rem; right: 9rem; width: auto; z-index: 999991; }
  .st-key-context_bar { padding-right: 6rem; }
}
@media (max-width: 48rem) {  /* results come before controls */
  [data-testid="stLayoutWrapper"]:has(> :is(.st-key-controls, .st-key-map_controls, .st-key-introduction)) { order: 1; }
}
@media (max-width: 40rem) { .stColumn:has(.st-key-probe_controls) { order: 1; } }  /* columns are below each other */
</style>"""


def link(page: str | None = None) -> dict[str, list[str]]:
    """Return the parameters of a link to another page: the chosen context, and the settings at its last visit.

    Without the address of a page, it is the context alone.
    """
    chosen = {name: st.query_params.get_all(name) for name in CONTEXT if name in st.query_params}
    return chosen if page is None else chosen | settings_of(page)


def show(pages: list[StreamlitPage], page: StreamlitPage) -> DeltaGenerator:
    """Show links to all pages, the probe, the gallery and the model, and a sentence for each unknown value.

    Returns the bar, for what a page adds to it.
    """
    settle()
    follow_earlier_link(page, partial(rename_parameter, earlier=WITH, name=MODEL))
    remember_settings()
    gallery, address = gallery_picker.chosen(), page.url_path
    images = models = None  # if they are missing, the page says so
    with suppress(UserError):
        images = cache.images(gallery)
    with suppress(UserError):
        models = list_models() if address == ANY_MODEL else models_for(gallery)
    st.html(CSS)
    bar = st.container(key="context", horizontal=True, gap="small", vertical_alignment="center")
    with bar:
        with st.container(horizontal=True, gap=None, width="content"):
            for other in pages:
                kept = parameters() if other is page else link(other.url_path)
                st.page_link(other, query_params=kept)
        source, probe = _probe(images, address) if images else ("", texts.NO_PROBE)
        facts = [
            (texts.PROBE, probe),
            (texts.GALLERY, gallery_picker.name_of(gallery.name if gallery else SHIPPED)),
        ]
        if models:
            default = model_picker.default(models, gallery, address in EXPLAINING)
            facts.append((texts.MODEL, model_cards.name_of(model_picker.current(models, default))))
        context_bar.show(source, facts, texts.BAR)
        scrolled_boxes.make_focusable()
    widgets.warn(_unknown(images, gallery, models))
    return bar


def _probe(images: Images, address: str) -> tuple[str, str]:
    """Return the thumbnail and the name of the probe."""
    name = st.query_params.get(PROBE, "")
    uploads, boxes, gone = ([], {}, False) if name in images.records else linked_uploads.current()
    if cropped := probe_images(uploads, boxes):
        label = each_upload.describe(len(cropped))
        return cache.upload_url(*cropped[0].content, THUMBNAIL, cropped[0].image), label
    shows_demo = address in EXPLAINING and not each_upload.is_asked()
    if name not in images.records and not uploads and not gone and shows_demo:
        name = probe_picker.first(images)
    if name not in images.records:
        return "", texts.NO_PROBE
    return widgets.thumbnail_or_blank(images.records[name].path), name


def _unknown(images: Images | None, gallery: StoredGallery | None, models: dict | None) -> list[str]:
    """Return a sentence for a probe, a gallery or a model in the link that does not exist or cannot be used here."""
    sentences = gallery_picker.unknown()
    if images:
        sentences += probe_picker.unknown(st.query_params.get(PROBE, ""), images)
    if models:
        every, asked = list_models(), st.query_params.get(MODEL)
        if asked in every and asked not in models:
            [used] = models
            sentences.append(
                texts.GALLERY_MODEL.format(
                    gallery=gallery.name, model=model_cards.name_of(used), asked=model_cards.name_of(asked)
                )
            )
        else:
            sentences += unknown_in_link({MODEL: every}, st.query_params.get_all)
    return sentences
