"""The page Data: create, extend, inspect, rename and delete named galleries."""

from pathlib import Path

import streamlit as st

from app.data import milvus_panel, texts, view
from app.data.accuracy_panel import show_prediction
from app.data.browser import show_images
from app.data.dataset_panel import show_data_sets
from app.data.evaluated import evaluated_folder, evaluated_gallery
from app.data.evaluation_panel import show_evaluation
from app.data.form import add_form
from app.data.label_panel import show_label_errors
from app.shared import cache, context, datasets, gallery_picker, read_only, widgets
from app.shared import texts as shared_texts
from app.shared.keys import ADDED, DATA, REFUSED_ACTION
from core.data.records import DISTRACTOR
from core.errors import UserError, explain

INTERVAL_S = 2
COLUMNS = {  # by the names that gallery_picker.line gives
    "Gallery": st.column_config.Column(texts.COLUMN_GALLERY),
    "Images": st.column_config.NumberColumn(texts.COLUMN_IMAGES, format="localized"),
    "People": st.column_config.NumberColumn(texts.COLUMN_IDENTITIES, format="localized"),
    "Cameras": st.column_config.NumberColumn(texts.COLUMN_CAMERAS, format="localized"),
    "Described": st.column_config.ProgressColumn(
        texts.COLUMN_INDEXED, format="percent", min_value=0, max_value=1, width="small"
    ),
    "State": st.column_config.Column(texts.COLUMN_STATE),
    "Model": st.column_config.Column(texts.COLUMN_MODEL),
}


def show_galleries(alive: bool) -> None:
    """List the demo gallery and all named galleries, every two seconds while one is being indexed."""
    named = gallery_picker.own_galleries().values()
    if alive != any(gallery.progress.is_alive for gallery in named):
        st.rerun()
    rows = [demo] if demo else []
    for gallery in named:
        try:
            rows.append(gallery_picker.line(gallery))
        except (UserError, OSError) as error:  # just deleted, or damaged
            rows.append({"Gallery": gallery.name, "State": explain(error)})
    st.dataframe(rows, hide_index=True, column_config=COLUMNS, column_order=list(COLUMNS), key="galleries")


st.title(texts.TITLE)
st.markdown(texts.INTRODUCTION)
demo, own, gallery = {}, gallery_picker.own_galleries(), gallery_picker.chosen()
try:
    images = cache.images()
    identities = {record.identity for record in images.gallery} - {"", DISTRACTOR}
    demo = {
        "Gallery": shared_texts.DEMO_GALLERY,
        "Images": len(images.gallery),
        "People": len(identities),
        "Cameras": len(images.cameras),
        "State": texts.DEMO_STATE,
        "Model": "",
    }
except UserError as error:
    st.error(str(error))
refused = [st.session_state.pop(REFUSED_ACTION)] if REFUSED_ACTION in st.session_state else []
widgets.warn(refused)

added = st.session_state.get(ADDED, 0)  # closes the forms after each success
can_change = not read_only.show_note()
if can_change:
    with st.expander(
        texts.NEW_GALLERY, icon=":material/add:", expanded=not own, on_change="rerun", key=f"new_{added}"
    ) as new:
        if new.open:
            try:
                add_form()
            except UserError as error:
                st.error(str(error))

if can_change or datasets.saved():
    with st.expander(
        texts.DATA_SETS, icon=":material/dataset:", expanded=DATA in st.query_params, on_change="rerun", key="data_sets"
    ) as data_sets:
        if data_sets.open:
            try:
                show_data_sets()
            except (UserError, OSError) as error:
                st.error(explain(error))

    with st.expander(
        texts.EVALUATE_FOLDER, icon=":material/query_stats:", on_change="rerun", key="evaluate_folder"
    ) as folder_expander:
        if folder_expander.open:
            with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
                path = datasets.choose(
                    texts.EVALUATED_FOLDER,
                    "evaluated_folder",
                    width="stretch",
                    placeholder=texts.EVALUATED_FOLDER_EXAMPLE,
                    help=texts.EVALUATED_FOLDER_HELP,
                )
            if path:
                try:
                    show_evaluation(evaluated_folder(Path(path), "folder"))
                except UserError as error:
                    datasets.show_problem(error, path)
                except OSError as error:
                    st.error(explain(error))

alive = any(one.progress.is_alive for one in own.values())
st.fragment(show_galleries, run_every=INTERVAL_S if alive else None)(alive)

if own:
    gallery_picker.choose()
if gallery is None:
    if demo:
        st.page_link(
            "app_pages/search.py",
            label=texts.SEARCH_GALLERY,
            icon=":material/person_search:",
            query_params=context.link(),
        )
        view.show_samples([str(record.path) for record in images.probes], "samples")
        with st.expander(texts.EVALUATION, icon=":material/query_stats:", on_change="rerun", key="evaluation") as panel:
            if panel.open:
                try:
                    show_evaluation(evaluated_folder(cache.data_folder(), "demo"))
                except (UserError, OSError) as error:
                    st.error(explain(error))
        with st.expander(
            texts.PREDICTION, icon=":material/troubleshoot:", on_change="rerun", key="prediction"
        ) as panel:
            if panel.open:
                try:
                    show_prediction("demo", cache.data_folder())
                except (UserError, OSError) as error:
                    st.error(explain(error))
    st.stop()

try:
    view.show_state(gallery)
    view.show_buttons(gallery)
    health = cache.health(gallery)
    if health:
        view.show_figures(health)
        view.show_adaptation(gallery, health)
        view.show_samples(view.samples(gallery), "samples")
        with st.expander(
            texts.BROWSE, icon=":material/photo_library:", on_change="rerun", key=f"browse_{gallery.name}"
        ) as browser:
            if browser.open:
                show_images(gallery, health)
    if can_change:
        with st.expander(
            texts.ADD_IMAGES, icon=":material/add_photo_alternate:", on_change="rerun", key=f"more_{added}"
        ) as more:
            if more.open:
                add_form(gallery)
    view.show_sources(gallery)
    if health:
        with st.expander(
            texts.EVALUATION, icon=":material/query_stats:", on_change="rerun", key=f"evaluation_{gallery.name}"
        ) as panel:
            if panel.open:
                show_evaluation(evaluated_gallery(gallery))
        with st.expander(
            texts.PREDICTION, icon=":material/troubleshoot:", on_change="rerun", key=f"prediction_{gallery.name}"
        ) as panel:
            if panel.open:
                show_prediction(gallery.id, gallery.folder, gallery)
        with st.expander(
            texts.SUSPICIOUS_LABELS, icon=":material/fact_check:", on_change="rerun", key=f"labels_{gallery.name}"
        ) as panel:
            if panel.open:
                show_label_errors(gallery)
    milvus_panel.show_server_gallery(gallery)
    if health:
        view.show_quality(gallery, health)
except (UserError, OSError) as error:
    st.error(explain(error))
