"""Data: own galleries, made of folders, zips and uploads, kept on disk by name, and searched on the page Search."""

import streamlit as st

from app.data import milvus_panel, view
from app.data.form import add_form
from app.shared import cache, gallery_picker, widgets
from app.shared.keys import ADDED, REFUSED_ACTION
from core.data.records import DISTRACTOR
from core.errors import UserError

INTERVAL_S = 2
COLUMNS = {
    "Described": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
    **{name: st.column_config.NumberColumn(format="localized") for name in gallery_picker.COUNTS},
}


def list_them(alive: bool) -> None:
    """The data folder and all galleries; while one is being described, looked at again every two seconds."""
    found = gallery_picker.own_galleries().values()
    if alive != any(gallery.progress.is_alive for gallery in found):
        st.rerun()
    rows = [shipped] if shipped else []
    for gallery in found:
        try:
            rows.append(gallery_picker.line(gallery))
        except (UserError, OSError) as error:  # deleted this moment, or damaged
            rows.append({"Gallery": gallery.name, "State": str(error)})
    order = ["Gallery", *gallery_picker.COUNTS, "Described", "State", "Model"]
    st.dataframe(rows, hide_index=True, column_config=COLUMNS, column_order=order, key="galleries")


st.title("Data")
st.markdown(
    "A gallery is a set of images to search in. It has a name, lies on disk, and is described by one model, "
    "in a process of its own: close this page, and it goes on."
)
shipped, own, gallery = {}, gallery_picker.own_galleries(), gallery_picker.chosen()
try:
    images = cache.images()
    people = {record.identity for record in images.gallery} - {"", DISTRACTOR}
    shipped = {
        "Gallery": gallery_picker.SHIPPED,
        "Images": len(images.gallery),
        "People": len(people),
        "Cameras": len(images.cameras),
        "State": "comes with the app",
        "Model": "",
    }
except UserError as error:
    st.error(str(error))
refused = [st.session_state.pop(REFUSED_ACTION)] if REFUSED_ACTION in st.session_state else []
widgets.warn(refused + gallery_picker.unknown())

added = st.session_state.get(ADDED, 0)  # after each success the forms are closed
with st.expander(
    "Make a new gallery", icon=":material/add:", expanded=not own, on_change="rerun", key=f"new_{added}"
) as new:
    if new.open:
        try:
            add_form()
        except UserError as error:
            st.error(str(error))

alive = any(one.progress.is_alive for one in own.values())
st.fragment(list_them, run_every=INTERVAL_S if alive else None)(alive)

if own:
    gallery_picker.choose()
if gallery is None:
    if shipped:
        st.page_link("app_pages/search.py", label="Search in it", icon=":material/person_search:")
        view.show_samples([str(record.path) for record in images.probes], "samples")
    st.stop()

try:
    view.show_progress(gallery)
    view.show_buttons(gallery)
    health = cache.health(gallery)
    if health:
        view.show_figures(health)
        view.show_samples(view.samples(gallery), "samples")
    with st.expander(
        "Add images", icon=":material/add_photo_alternate:", on_change="rerun", key=f"more_{added}"
    ) as more:
        if more.open:
            add_form(gallery)
    view.show_sources(gallery)
    milvus_panel.show_copy(gallery)
    if health:
        view.show_health(gallery, health)
except (UserError, OSError) as error:
    st.error(str(error))
