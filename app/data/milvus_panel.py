"""The server gallery: uploaded on the page Data, searched on the page Search."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.data import texts
from app.shared import cache, gallery_picker, job_progress, linked_widgets, widgets
from app.shared.address import change_link
from app.shared.keys import SERVER
from app.shared.settings import milvus_server
from core.counts import counted
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.milvus.server import without_password
from core.milvus.sync import Copy, delete_copy, launch, read_copy
from core.read_only import is_read_only

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from core.data.records import Record

INCOMPLETE_RANKING = texts.INCOMPLETE_RANKING  # for the page Search


def toggle(gallery: StoredGallery | None) -> Copy | None:
    """Show the choice of the server gallery, if there is one; return it if it is chosen."""
    copy = read_copy(gallery) if gallery else None
    if copy is None:
        return None
    help_text = texts.SEARCH_SERVER_HELP if copy.is_current(gallery) else texts.SEARCH_SERVER_HELP_OUTDATED
    chosen = linked_widgets.toggle(
        texts.SEARCH_SERVER,
        SERVER,
        help=help_text.format(images=copy.images, uri=copy.uri, index=copy.index),
    )
    return copy if chosen else None


def search(
    copy: Copy,
    gallery: StoredGallery,
    descriptors: "np.ndarray",
    top: int,
    cameras: list[int] | None,
    probe: "Record | None",
) -> "pd.DataFrame":
    """Return the first `top` results of the server that the gallery still has. The gallery's model is used."""
    fingerprint, known, requested = gallery.model["fingerprint"], cache.images(gallery).names, top
    while True:
        found = copy.search(gallery, fingerprint, descriptors, requested, cameras, probe)
        ranking = found[[Path(path) in known for path in found["path"]]].head(top)
        if len(ranking) == top or len(found) < requested:
            return ranking.assign(rank=range(1, len(ranking) + 1)).reset_index(drop=True)
        requested *= 4  # some results are no longer in the gallery


def offer_here(error: UserError) -> None:
    """Show an error of the server, and a button to search on this machine."""
    st.error(widgets.as_plain_text(str(error)))
    st.button(
        texts.SEARCH_THIS_MACHINE,
        type="primary",
        icon=":material/computer:",
        on_click=change_link,
        args=({SERVER: None},),
    )


def show_server_gallery(gallery: StoredGallery) -> None:
    """Show the state of the server gallery, and its actions."""
    server, copy, alive = milvus_server(), read_copy(gallery), gallery.sending.progress.is_alive
    with st.expander(texts.SERVER_GALLERY, icon=":material/dns:", expanded=alive or copy is not None):
        if not server and copy is None:
            st.markdown(texts.SERVER_SETUP)
            return
        job_progress.show_progress(
            lambda: gallery.sending.progress, lambda state: texts.SERVER_STATES.get(state, _sentence(gallery))
        )
        if is_read_only():
            return
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            if alive:
                st.button(
                    texts.STOP_UPLOAD,
                    icon=":material/stop:",
                    on_click=gallery_picker.attempt,
                    args=(gallery.sending.stop,),
                )
                return
            if server and gallery.images:
                index = st.selectbox(
                    texts.INDEX, texts.INDEXES, format_func=texts.INDEXES.get, key=f"index_{gallery.name}", width=320
                )
                st.button(
                    texts.UPDATE_SERVER if copy else texts.UPLOAD_GALLERY,
                    icon=":material/upload:",
                    type="primary",
                    on_click=gallery_picker.attempt,
                    args=(launch, gallery, server, index),
                )
            if copy:
                st.button(
                    texts.REMOVE_FROM_SERVER,
                    icon=":material/delete:",
                    on_click=gallery_picker.attempt,
                    args=(delete_copy, gallery),
                    help=texts.REMOVE_FROM_SERVER_HELP,
                )


def _sentence(gallery: StoredGallery) -> str:
    """Return the state without an upload."""
    copy = read_copy(gallery)
    if copy is None:
        return texts.NOT_ON_SERVER.format(uri=without_password(milvus_server()))
    sentence = texts.ON_SERVER if copy.is_current(gallery) else texts.ON_SERVER_OUTDATED
    images = counted(copy.images, "image")
    return sentence.format(images=images, uri=copy.uri, collection=copy.collection, index=copy.index)
