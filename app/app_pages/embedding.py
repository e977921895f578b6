"""Walk through the descriptors: a map of images, linked to crops, neighbours, search and errors."""

import streamlit as st

from app.components import scatter_map
from app.embedding import descriptors, map, selection
from app.embedding.checkpoints import watch_a_run
from app.embedding.controls import choose_filter, choose_map, choose_people
from app.embedding.descriptors import UNTRAINED
from app.embedding.map import View
from app.embedding.statistics import show_numbers
from app.embedding.table import colour_columns
from app.shared import cache, gallery_picker, widgets
from app.shared.keys import BESIDE_MODEL, CHOSEN, COLOUR, GALLERY, ISOLATED, MODEL, PROBE, REFUSED, WITH
from app.shared.probe_picker import model_from_another_page, search_with, unknown, upload_box
from app.shared.settings import models_for
from app.shared.url_params import unknown_in_link
from core.errors import UserError
from core.jobs.job import FAILED
from core.projection.projector import Projector

NO_OTHER = "no other"
CAUTION = "**Distances between clusters are not to scale**, and neither are the sizes of clusters."


def choose(names: list[str]) -> None:
    st.session_state[CHOSEN] = names


st.title("Embedding")
st.markdown(
    "Each point is an image. Near each other are those in which the network sees **the same person**: click a "
    "point, or draw a lasso."
)
gallery, own = gallery_picker.chosen(), gallery_picker.own_galleries()
try:
    images, models = cache.images(gallery), models_for(gallery)
except UserError as error:
    if own:
        gallery_picker.choose()
    st.error(str(error))
    st.stop()

untrained = [f"{name}{UNTRAINED}" for name in models]
warnings = unknown_in_link({MODEL: models, BESIDE_MODEL: [NO_OTHER, *models, *untrained]}, st.query_params.get_all)
model_from_another_page(models)
with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
    if own:
        gallery_picker.choose()
    model = st.selectbox("Model", models, key=MODEL, bind="query-params", width=210)
    others = [NO_OTHER, f"{model}{UNTRAINED}", *(name for name in models if name != model)]
    beside = st.selectbox("Beside it", others, key=BESIDE_MODEL, bind="query-params", width=210)
    settings = choose_map()
names = [name for name in (model, beside) if name != NO_OTHER]
try:
    projector = Projector(**settings)
    shown = [descriptors.embedding(name, images, gallery) for name in names]
except UserError as error:
    st.error(str(error))
    st.stop()
first = shown[0]

with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
    columns = colour_columns(first.table)
    colour = st.selectbox("Colour", columns, key=COLOUR, bind="query-params", width=210)
    people = choose_people(first.table) if colour == "person" else []
    kept = choose_filter(first.table, columns)
    st.selectbox(
        "Find",
        first.table["image"],
        index=None,
        placeholder="person or file name",
        key="find",
        width=210,
        on_change=lambda: search_with(st.session_state["find"] or ""),
    )

name = st.query_params.get(PROBE, "")
picked = first.number(name)
isolated = [row for row in st.session_state.get(ISOLATED, []) if row < len(first.table)]
view = View(isolated or None, kept, colour, people, name, st.session_state.get(CHOSEN, []))
linked = {WITH: model} | ({GALLERY: gallery.name} if gallery else {})
problems = [*warnings, *gallery_picker.unknown(), *st.session_state.get(REFUSED, []), *unknown(name, images)]

place_of_warnings = st.container()
left, right = st.columns([5, 2] if len(shown) == 1 else [6, 2], gap="medium")
with left:
    places = st.columns(len(shown))
    place_of_progress = st.container()
    for one, title, place in zip(shown, names, places, strict=True):
        try:
            found, progress = map.make(one, projector, view)
        except UserError as error:
            st.error(str(error))
            continue
        if progress.state == FAILED:
            problems.append(f"UMAP could not be made, so this is PCA. {progress.message}")
        elif progress.is_alive:
            with place_of_progress:
                map.wait_for(one, projector, view.rows)
        with place:
            uploads = [] if picked >= 0 else descriptors.described_uploads(one)
            map.draw(
                one, f"{title} · {found.method.upper()}", found, view, uploads, f"map_{title}", search_with, choose
            )
            st.caption(descriptors.how_faithful(one, found, view.rows))
    if sheet := descriptors.sprites(first):
        scatter_map.send_sprites(*sheet, len(first.table))
    st.caption(CAUTION)
    if view.chosen or isolated:
        selection.show_lasso(first, view, map.make(first, projector, view)[0], choose, search_with)
with place_of_warnings:
    widgets.warn(problems)

with right:
    if picked >= 0:
        selection.show_picked(first, picked, linked, search_with)
        st.button("Let go", icon=":material/close:", on_click=search_with, args=("",))
    else:
        uploads = descriptors.described_uploads(first)
        for label, descriptor in uploads:
            selection.show_nearest(first, label, descriptor, linked, search_with)
        if not uploads:
            st.info(
                "Click a point for its image and its nearest neighbours, or upload somebody: the map shows where "
                "the network puts them."
            )
    upload_box("Upload an image of a person")

show_numbers(list(zip(names, shown, strict=True)), kept)
watch_a_run(first.table, images)
