"""The form that makes a gallery, or adds images to one: where they come from, and who is on them."""

from pathlib import Path

import streamlit as st

from app.shared import cache
from app.shared.keys import ADDED, GALLERY
from app.shared.probe_picker import TYPES
from core.data.labels import FOLDER, LABEL_RULES, LAYOUT, NAMES, NONE, TABLE
from core.errors import UserError
from core.folders import galleries_folder
from core.galleries.catalog import check_name, extend_gallery
from core.galleries.gallery_folder import StoredGallery
from core.galleries.sources import add_folder, add_uploads, add_zip

HERE, ZIP, IMAGES = WAYS = ("a folder or zip on this machine", "a zip to upload", "images to upload")
KNOWN = {
    LAYOUT: "as the layout tells",
    NONE: "nobody knows",
    FOLDER: "one folder a person",
    NAMES: "names like Market-1501's",
    TABLE: "a table (CSV)",
}
LABEL_TEXTS = LABEL_RULES | {
    LAYOUT: "recognised from folders and names, e.g. Market-1501, CUHK03, VIPeR, or one folder a person"
}
MAX_ZIP_MB, MAX_IMAGE_MB = 2000, 50  # MB; larger ones are given by their path
EXAMPLE = """path,identity,camera,time
monday/0001.jpg,anna,2,2026-03-01T09:30:00
monday/0002.jpg,,2,"""


def add_form(gallery: StoredGallery | None = None) -> None:
    """Everything about images that are to be added; the button adds them. Without a gallery, a new one is made."""
    added = st.session_state.get(ADDED, 0)  # the form is emptied after each success, and never before
    key = f"add_{gallery.name if gallery else ''}_{added}"
    name, checkpoint = gallery.name if gallery else "", None
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if gallery is None:
            models = cache.list_models()
            name = st.text_input("Name", key=f"{key}_name", placeholder="station", max_chars=60, width=210).strip()
            model = st.selectbox("Model", models, key=f"{key}_model", width=230, help="It describes the images.")
            checkpoint = models[model]
        labels = st.selectbox("Who is on the images", KNOWN, format_func=KNOWN.get, key=f"{key}_labels", width=230)
        way = st.segmented_control("They come from", WAYS, default=ZIP, required=True, key=f"{key}_way")
    st.caption(f"Labels: {LABEL_TEXTS[labels]}.")
    what: list = []
    if way == HERE:
        path = st.text_input(
            "Path",
            key=f"{key}_path",
            placeholder="/data/station",
            help="Images of a folder stay where they are; those of a zip are copied.",
        )
        what = [Path(path.strip()).expanduser()] if path.strip() else []
    elif way == ZIP:
        file = st.file_uploader("Zip", ["zip"], key=f"{key}_zip", max_upload_size=MAX_ZIP_MB)
        what = [file] if file else []
    else:
        what = (
            st.file_uploader(
                "Images", TYPES, accept_multiple_files=True, key=f"{key}_images", max_upload_size=MAX_IMAGE_MB
            )
            or []
        )
    table = _table(key) if labels == TABLE else None
    word = "Add them" if gallery else "Make it"
    if st.button(word, type="primary", icon=":material/add:", key=f"{key}_do", disabled=not what):
        try:
            with st.spinner("Taking the images in"):
                _add(gallery, name, checkpoint, way, what, labels, table)
        except (UserError, OSError) as error:
            st.error(str(error))
            return
        st.session_state[ADDED] = added + 1
        st.query_params[GALLERY] = name
        st.rerun()


def _table(key: str) -> Path | bytes | None:
    """The table of labels: its path, or its content; None for the one that lies among the images."""
    left, right = st.columns([2, 3], gap="medium")
    with right:
        path = st.text_input(
            "Path of the table",
            key=f"{key}_table_path",
            placeholder="/data/labels.csv",
            help="Read again at each update. Without it: labels.csv among the images.",
        )
        file = st.file_uploader("or upload it", ["csv"], key=f"{key}_table")
    with left:
        st.markdown("It has a header and the column path; the others may be missing or empty.")
        st.code(EXAMPLE, language=None)
    if file:
        return file.getvalue()
    return Path(path.strip()).expanduser() if path.strip() else None


def _add(
    gallery: StoredGallery | None,
    name: str,
    checkpoint: Path | None,
    way: str,
    what: list,
    labels: str,
    table: Path | bytes | None,
) -> None:
    from core.galleries.update import launch  # with torch, for which the page is not to wait

    root = galleries_folder()
    if gallery is None and (root / check_name(name)).exists():
        raise UserError(f"There is a gallery {name} already: choose another name, or add to that one below.")
    with extend_gallery(name, root, checkpoint) as into:
        if way == IMAGES:
            add_uploads(into, ((file.name, file.getvalue()) for file in what), labels, table)
        elif way == ZIP:
            add_zip(into, what[0], labels, table, what[0].name)
        elif what[0].suffix.lower() == ".zip" and not what[0].is_dir():
            add_zip(into, what[0], labels, table)
        else:
            add_folder(into, what[0], labels, table)
    launch(into)
