"""The page Embedding: maps of the descriptors, with crops, nearest descriptors and statistics."""

import streamlit as st

from app.components import figure_export, scatter_map
from app.embedding import descriptors, map, selection, texts
from app.embedding.checkpoints import show_checkpoints
from app.embedding.controls import NO_OTHER, choose_filter, choose_identities, choose_map, update_link
from app.embedding.descriptors import UNTRAINED
from app.embedding.map import View
from app.embedding.statistics import show_statistics
from app.embedding.table import colour_columns
from app.shared import (
    cache,
    context,
    gallery_picker,
    linked_uploads,
    linked_widgets,
    model_cards,
    model_picker,
    upload_list,
    widgets,
)
from app.shared import texts as shared_texts
from app.shared.address import went_back
from app.shared.keys import BESIDE_MODEL, CHOSEN, COLOUR, ISOLATED, MODEL, PROBE, REFUSED
from app.shared.probe_picker import search_with, upload_box
from app.shared.settings import models_for
from app.shared.uploads import probe_images
from app.shared.url_params import follow_earlier_link, unknown_in_link
from core.counts import counted
from core.errors import UserError
from core.jobs.progress import FAILED
from core.projection.projector import Projector


def shown_model(name: str) -> str:
    """Return the name to show for a model, trained or untrained, or for no model."""
    model = name.removesuffix(UNTRAINED)
    return model_cards.name_of(model) + name.removeprefix(model)


def select(names: list[str]) -> None:
    """Select the images in the lasso."""
    st.session_state[CHOSEN] = names


st.title(texts.TITLE)
st.markdown(texts.INTRODUCTION)
follow_earlier_link("embedding", update_link)
gallery, own = gallery_picker.chosen(), gallery_picker.own_galleries()
try:
    images, models = cache.images(gallery), models_for(gallery)
except UserError as error:
    if own:
        gallery_picker.choose()
    st.error(str(error))
    st.stop()

untrained = [f"{name}{UNTRAINED}" for name in models]
warnings = unknown_in_link({BESIDE_MODEL: [NO_OTHER, *models, *untrained]}, st.query_params.get_all)
with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="controls"):
    if own:
        gallery_picker.choose()
    model = model_picker.choose(models, model_picker.default(models))
    others = [NO_OTHER, f"{model}{UNTRAINED}", *(name for name in models if name != model)]
    other = linked_widgets.choose_one(
        st.selectbox, texts.OTHER_MODEL, others, BESIDE_MODEL, shown=shown_model, width=210
    )
    settings = choose_map()
names = [name for name in (model, other) if name != NO_OTHER]
try:
    projector = Projector(**settings)
    embeddings = [descriptors.embedding(name, images, gallery) for name in names]
except UserError as error:
    st.error(str(error))
    st.stop()
first = embeddings[0]
name = st.query_params.get(PROBE, "")
picked = first.number(name)

with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="map_controls"):
    columns = colour_columns(first.table)
    colour = linked_widgets.choose_one(st.selectbox, texts.COLOUR, columns, COLOUR, width=210)
    identities = choose_identities(first.table) if colour == "identity" else []
    shown = choose_filter(first.table, columns)
    st.session_state["find"] = name if picked >= 0 else None
    st.selectbox(
        texts.FIND,
        first.table["image"],
        index=None,
        placeholder=texts.FIND_PLACEHOLDER,
        key="find",
        width=210,
        on_change=lambda: went_back() or search_with(st.session_state["find"] or ""),
    )

isolated = [row for row in st.session_state.get(ISOLATED, []) if row < len(first.table)]
view = View(isolated or None, shown, colour, identities, name, st.session_state.get(CHOSEN, []))
linked = context.link() | {MODEL: model}  # an explanation is that of the scores on this page
uploads, boxes, gone = ([], {}, False) if picked >= 0 else linked_uploads.current()
problems = [*warnings, *st.session_state.get(REFUSED, []), *([shared_texts.UPLOAD_GONE] if gone else [])]
cropped = probe_images(uploads, boxes)
try:
    described = [descriptors.described_uploads(one, cropped) for one in embeddings]
except UserError as error:  # a box is too small
    problems.append(str(error))
    described = [[] for _ in embeddings]

place_of_warnings = st.container()
left, right = st.columns([5, 2] if len(embeddings) == 1 else [6, 2], gap="medium")
with left:
    map_columns = st.columns(len(embeddings))
    place_of_progress = st.container()
    for one, title, stars, column in zip(embeddings, names, described, map_columns, strict=True):
        try:
            found, progress = map.current_map(one, projector, view)
        except UserError as error:
            st.error(str(error))
            continue
        if progress.state == FAILED:
            problems.append(texts.UMAP_FAILED.format(reason=progress.message))
        elif progress.is_alive:
            with place_of_progress:
                map.wait_for(one, projector, view.rows)
        with column:
            shown_title = texts.MAP_TITLE.format(model=shown_model(title), method=texts.METHODS[found.method])
            map.draw(
                one,
                shown_title,
                found,
                view,
                stars,
                f"map_{title}",
                search_with,
                select,
            )
            faithfulness = descriptors.faithfulness(one, found, view.rows)
            st.caption(faithfulness)
            caption = texts.MAP_CAPTION.format(
                images=counted(len(found.coordinates), "image"), colour=colour, faithfulness=faithfulness
            )
            figure_export.show_map_buttons(f"map_{title}", shown_title, caption)
    if sheet := descriptors.sprites(first):
        scatter_map.send_sprites(*sheet, len(first.table))
    st.caption(texts.CAUTION)
    if (total := len(images.gallery)) > descriptors.MAX_POINTS:
        st.caption(texts.SAMPLED.format(count=descriptors.MAX_POINTS, total=total))
    if view.chosen or isolated:
        found, _ = map.current_map(first, projector, view)
        selection.show_selection(first, view, found, select, search_with, models[model])
with place_of_warnings:
    widgets.warn(problems)

with right:
    if picked >= 0:
        selection.show_picked(first, picked, linked, search_with)
        st.button(texts.CLEAR_SELECTION, icon=":material/close:", on_click=search_with, args=("",))
    else:
        for number, (label, descriptor) in enumerate(described[0]):
            selection.show_nearest(first, label, descriptor, linked, search_with, f"nearest_{number}")
        widgets.choose_boxes(uploads, boxes)
        upload_list.show(uploads, boxes)
        if not uploads:
            st.info(texts.NO_POINT)
    upload_box(texts.UPLOAD)

show_statistics({shown_model(name): one for name, one in zip(names, embeddings, strict=True)}, shown)
show_checkpoints(first.table, images)
