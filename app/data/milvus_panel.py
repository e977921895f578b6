"""The server gallery on the page Data: its state, its upload and its removal."""

import streamlit as st

from app.data import texts
from app.shared import gallery_picker, job_progress
from app.shared.settings import milvus_server
from core.counts import counted
from core.galleries.gallery_folder import StoredGallery
from core.milvus.server import without_password
from core.milvus.sync import delete_copy, launch, read_copy
from core.read_only import is_read_only


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
