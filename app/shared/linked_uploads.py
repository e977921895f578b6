"""The uploads that the link of a page names, in its order, with the boxes drawn on them.

Where uploads are not stored, the session alone has them, and links do not name them.
"""

import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

import streamlit as st

from app.shared import cache, texts
from app.shared.address import change_link
from app.shared.keys import BOX, BOXES, CARRIED_TO, LINKED_ON, PAGE, PROBE, PUT, REFUSED, UPLOAD, UPLOADS, VISITOR
from app.shared.upload_store import ID_BYTES, UploadStore
from app.shared.uploads import MAX_IMAGES, Box, File, Upload, check_box, read_uploads
from core.folders import uploads_folder
from core.read_only import is_read_only


def stores_uploads() -> bool:
    """Return whether uploads are stored on the server; `MR_BCNN_STORE_UPLOADS=0` and read-only mode switch it off."""
    return not is_read_only() and os.environ.get("MR_BCNN_STORE_UPLOADS", "1").strip().lower() not in (
        "0",
        "false",
        "no",
        "off",
    )


def current() -> tuple[list[Upload], dict[str, Sequence[Box]], bool]:
    """Return the uploads, their boxes by id, and whether the link names an upload that is gone."""
    held, ids = st.session_state.get(UPLOADS, []), st.query_params.get_all(UPLOAD)
    gone = False
    if ids:
        known = {upload.id: upload for upload in held}
        found = [_find(id, number, known.get(id)) for number, id in enumerate(ids[:MAX_IMAGES], 1)]
        gone = None in found
        boxes = {ids[number - 1]: drawn for number, drawn in read_boxes(st.query_params.get_all(BOX), len(ids)).items()}
        st.session_state.update({UPLOADS: [*filter(None, found)], BOXES: boxes, LINKED_ON: st.session_state.get(PAGE)})
    elif held and all(upload.is_stored for upload in held):
        page = st.session_state.get(PAGE)
        if st.session_state.get(LINKED_ON) != page:  # another page had them
            _write_link()
            st.session_state[CARRIED_TO] = page
        elif st.session_state.get(CARRIED_TO) != page:  # the browser's back button went to the page before the upload
            clear()
    return st.session_state.get(UPLOADS, []), st.session_state.setdefault(BOXES, {}), gone


def add(files: Sequence[File], forgets: Iterable[str] = ()) -> bool:
    """Read and store uploads, and append them to those of the page; return whether there is a new one.

    A new one removes the parameters `forgets` from the link.
    """
    held = st.session_state.get(UPLOADS, [])
    images, refused = read_uploads(files, MAX_IMAGES - len(held))
    added, deleted = [], 0
    for name, image in images:
        id, is_stored = secrets.token_urlsafe(ID_BYTES), False
        if stores_uploads():
            try:
                id, earlier = store().put(image, st.session_state.setdefault(VISITOR, secrets.token_urlsafe(ID_BYTES)))
                st.session_state.setdefault(PUT, []).append(id)
                is_stored, deleted = True, deleted + earlier
            except OSError:
                refused.append(texts.NOT_STORED)
        added.append(Upload(id, name, image, is_stored))
    if deleted:
        refused.append(texts.MADE_SPACE.format(count=deleted))
    st.session_state[REFUSED] = list(dict.fromkeys(refused))
    if added:
        st.session_state.update({UPLOADS: [*held, *added], CARRIED_TO: None})
        _write_link(forgets)
    return bool(added)


def remove(id: str) -> None:
    """Remove one upload from the page; it stays stored."""
    st.session_state[UPLOADS] = [upload for upload in st.session_state.get(UPLOADS, []) if upload.id != id]
    st.session_state[REFUSED] = []
    _write_link()


def draw(id: str, boxes: Sequence[Box] | None) -> None:
    """Set the boxes of one upload; None for its whole image."""
    held = st.session_state.setdefault(BOXES, {})
    if boxes is None:
        held.pop(id, None)
    else:
        held[id] = tuple(boxes)
    _write_link()


def forget() -> None:
    """Remove all uploads from the page, but not from its link; they stay stored."""
    st.session_state.update({UPLOADS: [], BOXES: {}, REFUSED: []})


def clear() -> None:
    """Remove all uploads from the page and its link; they stay stored."""
    forget()
    change_link({UPLOAD: None, BOX: None})


def delete() -> None:
    """Delete the uploads of the page and of the session from the server."""
    for id in {*(upload.id for upload in st.session_state.get(UPLOADS, [])), *st.session_state.get(PUT, [])}:
        store().delete(id)
    cache.forget_uploads()
    clear()
    st.session_state[PUT] = []
    st.toast(texts.DELETED)


def can_delete() -> bool:
    """Return whether the page or the session has uploads on the server."""
    return bool(st.session_state.get(PUT)) or any(upload.is_stored for upload in st.session_state.get(UPLOADS, []))


def store() -> UploadStore:
    """Return the store of uploads."""
    return _store(uploads_folder())


def write_boxes(drawn: dict[int, Sequence[Box]]) -> list[str]:
    """Write boxes for a link: for each the number of its upload, from 1, and its edges; "2" alone for no box yet."""
    found = []
    for number, boxes in drawn.items():
        found += [",".join([str(number), *(f"{edge:.4g}" for edge in box)]) for box in boxes] or [str(number)]
    return found


def read_boxes(values: Sequence[str], uploads: int) -> dict[int, tuple[Box, ...]]:
    """Read the boxes in a link by the number of their upload; invalid ones are ignored."""
    found: dict[int, tuple[Box, ...]] = {}
    for value in values:
        number, *edges = value.split(",")
        if not (number.isdecimal() and number.isascii() and 1 <= int(number) <= uploads):
            continue
        try:
            box = check_box([float(edge) for edge in edges])
        except ValueError:
            continue
        if box or not edges:
            found[int(number)] = (*found.get(int(number), ()), *filter(None, [box]))
    return found


def _find(id: str, number: int, known: Upload | None) -> Upload | None:
    if not store().has(id):
        return None
    if known:
        return known
    image = store().get(id)
    return image and Upload(id, texts.UPLOAD_NUMBER.format(number=number), image, True)


def _write_link(forgets: Iterable[str] = ()) -> None:
    """Write the uploads and boxes to the link, if all are stored."""
    held, boxes = st.session_state.get(UPLOADS, []), st.session_state.get(BOXES, {})
    st.session_state[LINKED_ON] = st.session_state.get(PAGE)
    link: dict[str, list[str]] = {UPLOAD: [], BOX: []}
    if all(upload.is_stored for upload in held):
        drawn = {number: boxes[upload.id] for number, upload in enumerate(held, 1) if upload.id in boxes}
        link = {UPLOAD: [upload.id for upload in held], BOX: write_boxes(drawn)}
    change_link({name: values or None for name, values in link.items()} | dict.fromkeys((PROBE, *forgets)))


@st.cache_resource(show_spinner=False)
def _store(folder: Path) -> UploadStore:
    opened = UploadStore(folder)
    opened.sweep_regularly()
    return opened
