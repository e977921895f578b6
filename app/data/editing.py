"""Actions on images of a gallery: relabel, tag, remove, restore, and create a gallery from them."""

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from app.data import texts
from app.data.gallery_images import GalleryImages
from app.shared import read_only
from app.shared.gallery_picker import attempt, turn_to
from core.data.records import Record
from core.folders import galleries_folder
from core.galleries import changes
from core.galleries.gallery_folder import StoredGallery

IN_DIALOG = "opened"  # key of the actions in a dialog, which is a fragment


def show_actions(
    gallery: StoredGallery,
    images: GalleryImages,
    paths: list[str],
    key: str,
    on_done: Callable[[], None] = lambda: None,
) -> None:
    """Show the actions on some images. Each change shows at once; an update indexes the gallery in the background."""
    if read_only.show_note():
        return
    removed = [path for path in paths if path in set(images.removed)]
    present = images.table[images.table["path"].isin(paths)]
    changed = [path for path in paths if path in images.changes]

    def do(action: Callable, *arguments) -> None:
        attempt(_change, gallery, action, *arguments)
        on_done()

    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if len(present):
            with st.popover(texts.RELABEL, icon=":material/edit:"):
                _relabel_form(present, key, do)
            with st.popover(texts.TAG_IMAGES, icon=":material/label:"):
                _tag_form(images, present, key, gallery)
            _button(
                texts.REMOVE_IMAGES,
                icon=":material/delete:",
                key=f"{key}_remove",
                help=texts.REMOVE_IMAGES_HELP,
                on_click=do,
                args=(changes.remove_images, list(present["path"])),
            )
            with st.popover(texts.NEW_GALLERY, icon=":material/add:"):
                name = st.text_input(texts.NAME, key=f"{key}_name", max_chars=60, placeholder=texts.NAME_EXAMPLE)
                st.caption(texts.NEW_GALLERY_HELP)
                _button(
                    texts.CREATE_GALLERY,
                    type="primary",
                    key=f"{key}_create",
                    disabled=not name.strip(),
                    on_click=attempt,
                    args=(_create, gallery, present, name.strip()),
                )
        if changed:
            _button(
                texts.RESTORE if removed else texts.RESET,
                icon=":material/undo:",
                key=f"{key}_reset",
                help=texts.RESET_HELP,
                on_click=do,
                args=(changes.reset_images, changed),
            )


def _button(label: str, **options) -> None:
    """Show a button. After an action in a dialog the whole page runs again, which closes the dialog."""
    if st.button(label, **options) and options["key"].startswith(IN_DIALOG):
        st.rerun()


def _relabel_form(present: pd.DataFrame, key: str, do: Callable) -> None:
    first = present.iloc[0]
    identity = st.text_input(
        texts.COLUMN_IDENTITY, _common(present["identity"], ""), key=f"{key}_identity_{first.path}"
    )
    camera = st.number_input(
        texts.COLUMN_CAMERA,
        min_value=0,
        value=int(_common(present["camera"], 0)),
        help=texts.CAMERA_HELP,
        key=f"{key}_camera_{first.path}",
    )
    common_labels = [name for name in (changes.IDENTITY, changes.CAMERA) if present[name].nunique() == 1]
    parts = st.pills(
        texts.CHANGE_LABELS,
        [changes.IDENTITY, changes.CAMERA],
        selection_mode="multi",
        default=common_labels or [changes.IDENTITY],
        format_func={changes.IDENTITY: texts.COLUMN_IDENTITY, changes.CAMERA: texts.COLUMN_CAMERA}.get,
        key=f"{key}_parts_{'_'.join(common_labels)}",
    )
    _button(
        texts.RELABEL_IMAGES.format(count=len(present)),
        type="primary",
        key=f"{key}_relabel",
        disabled=not parts,
        on_click=do,
        args=(
            changes.relabel_images,
            list(present["path"]),
            identity if changes.IDENTITY in parts else None,
            int(camera) if changes.CAMERA in parts else None,
        ),
    )


def _tag_form(images: GalleryImages, present: pd.DataFrame, key: str, gallery: StoredGallery) -> None:
    own = sorted({tag for path in present["path"] for tag in images.tags(path)})
    known = list(changes.tags_of(images.changes))
    tags = st.multiselect(
        texts.TAGS, known, default=own, accept_new_options=True, key=f"{key}_tags_{present.iloc[0].path}", width=260
    )
    _button(
        texts.SAVE_TAGS.format(count=len(present)),
        type="primary",
        key=f"{key}_save_tags",
        on_click=attempt,
        args=(changes.tag_images, gallery, list(present["path"]), tags),
    )


def _common(values: pd.Series, default):
    """Return the value that all images have, or a default."""
    return values.iloc[0] if values.nunique() == 1 else default


def _change(gallery: StoredGallery, action: Callable, *arguments) -> None:
    from core.galleries.update import launch  # imports torch, which takes seconds

    action(gallery, *arguments)
    launch(gallery)


def _create(gallery: StoredGallery, present: pd.DataFrame, name: str) -> None:
    from core.galleries.selection import create_from_selection
    from core.galleries.update import launch

    records = [
        Record(
            gallery.folder / row.path,
            row.identity,
            int(row.camera),
            None if math.isnan(row.time) else float(row.time),
        )
        for row in present.itertuples()
    ]
    launch(create_from_selection(name, galleries_folder(), Path(gallery.model["checkpoint"]), records))
    turn_to(name)
