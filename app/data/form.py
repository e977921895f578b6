"""The form to create a gallery or to add images to one: name, model, labels and source."""

from pathlib import Path

import streamlit as st

from app.data import texts
from app.shared import cache, datasets, gallery_picker, model_cards
from app.shared.keys import ADDED
from app.shared.probe_picker import TYPES
from core.data.labels import LAYOUT, TABLE
from core.errors import UserError, explain
from core.folders import galleries_folder
from core.galleries.adding import add_folder, add_uploads, add_zip
from core.galleries.catalog import check_name, extend_gallery
from core.galleries.gallery_folder import StoredGallery

PATH, ZIP, IMAGES = "path", "zip", "images"  # kinds of sources
SOURCES = {PATH: texts.SERVER_PATH, ZIP: texts.ZIP_UPLOAD, IMAGES: texts.IMAGE_UPLOAD}
MAX_ZIP_MB, MAX_IMAGE_MB = 2000, 50  # of an upload; larger files are given by their path


def add_form(gallery: StoredGallery | None = None) -> None:
    """Show the form to add images to a gallery; without a gallery, to create one."""
    added = st.session_state.get(ADDED, 0)  # empties the form after each success, and only then
    key = f"add_{gallery.name if gallery else ''}_{added}"
    name, checkpoint = gallery.name if gallery else "", None
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if gallery is None:
            models = cache.list_models()
            name = st.text_input(
                texts.NAME, key=f"{key}_name", placeholder=texts.NAME_EXAMPLE, max_chars=60, width=210
            ).strip()
            model = st.selectbox(
                texts.MODEL,
                models,
                format_func=model_cards.name_of,
                key=f"{key}_model",
                width=230,
                help=texts.MODEL_HELP,
            )
            checkpoint = models[model]
        labels = st.selectbox(
            texts.LABELS, texts.LABEL_RULES, format_func=texts.LABEL_RULES.get, key=f"{key}_labels", width=230
        )
        source = st.segmented_control(
            texts.SOURCE, SOURCES, default=ZIP, required=True, format_func=SOURCES.get, key=f"{key}_way"
        )
    st.caption(texts.LABEL_RULE_HELP[labels])
    given: list = []
    if source == PATH:
        path = _server_path(f"{key}_path", labels)
        given = [Path(path)] if path else []
    elif source == ZIP:
        file = st.file_uploader(texts.ZIP, ["zip"], key=f"{key}_zip", max_upload_size=MAX_ZIP_MB)
        given = [file] if file else []
    else:
        given = (
            st.file_uploader(
                texts.IMAGES, TYPES, accept_multiple_files=True, key=f"{key}_images", max_upload_size=MAX_IMAGE_MB
            )
            or []
        )
    table = _table(key) if labels == TABLE else None
    label = texts.ADD_IMAGES if gallery else texts.CREATE_GALLERY
    if st.button(label, type="primary", icon=":material/add:", key=f"{key}_do", disabled=not given):
        try:
            with st.spinner(texts.ADDING_IMAGES):
                _add(gallery, name, checkpoint, source, given, labels, table)
        except (UserError, OSError) as error:
            st.error(explain(error))
            return
        st.session_state[ADDED] = added + 1
        gallery_picker.turn_to(name)
        st.rerun()


def _server_path(key: str, labels: str) -> str:
    """Return a path on the server. A saved data set has rules for its labels, so it is offered for the layout only."""
    settings = {"placeholder": texts.PATH_EXAMPLE, "help": texts.PATH_HELP}
    if labels == LAYOUT:
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            return datasets.choose(texts.PATH, key, width="stretch", **settings)
    path = st.text_input(texts.PATH, key=key, **settings).strip()
    return str(Path(path).expanduser()) if path else ""


def _table(key: str) -> Path | bytes | None:
    """Return the table of labels: its path or its content; None for the table among the images."""
    left, right = st.columns([2, 3], gap="medium")
    with right:
        path = st.text_input(
            texts.TABLE_PATH,
            key=f"{key}_table_path",
            placeholder=texts.TABLE_PATH_EXAMPLE,
            help=texts.TABLE_PATH_HELP,
        )
        file = st.file_uploader(texts.TABLE_UPLOAD, ["csv"], key=f"{key}_table")
    with left:
        st.markdown(texts.TABLE_FORMAT)
        st.code(texts.TABLE_EXAMPLE, language=None)
    if file:
        return file.getvalue()
    return Path(path.strip()).expanduser() if path.strip() else None


def _add(
    gallery: StoredGallery | None,
    name: str,
    checkpoint: Path | None,
    source: str,
    given: list,
    labels: str,
    table: Path | bytes | None,
) -> None:
    from core.galleries.update import launch  # imports torch, which takes seconds

    root = galleries_folder()
    if gallery is None and (root / check_name(name)).exists():
        raise UserError(texts.NAME_IN_USE.format(name=name))
    with extend_gallery(name, root, checkpoint) as into:
        if source == IMAGES:
            add_uploads(into, ((file.name, file.getvalue()) for file in given), labels, table)
        elif source == ZIP:
            add_zip(into, given[0], labels, table, given[0].name)
        elif given[0].suffix.lower() == ".zip" and not given[0].is_dir():
            add_zip(into, given[0], labels, table)
        else:
            add_folder(into, given[0], labels, table)
    launch(into)
