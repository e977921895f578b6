"""An own gallery on a Milvus server: sent there from the page Data, searched there from the page Search."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.shared import cache, gallery_picker, job_progress, widgets
from app.shared.keys import SERVER
from app.shared.settings import milvus_server
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.jobs.job import FAILED, LOST, QUEUED, RUNNING, STOPPED, STOPPING
from core.milvus.sync import Copy, launch, read_copy, withdraw

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from core.data.records import Record

STATE_TEXTS = {
    QUEUED: "The sending begins in a moment.",
    RUNNING: "It is being sent.",
    STOPPED: "The sending was stopped.",
    STOPPING: "The sending stops after the images under way.",
    FAILED: "It could not be sent.",
    LOST: "The sending was broken off and can go on.",
}
INCOMPLETE_RANKING = (
    "**Most alike first**; the server ranks fewer images than it has, so not all right answers can be counted"
)
INDEXES = {"FLAT": "FLAT: exact", "HNSW": "HNSW: faster with millions, and nearly exact"}


def toggle(gallery: StoredGallery | None) -> Copy | None:
    """The copy to search in, if there is one and it is chosen."""
    copy = read_copy(gallery) if gallery else None
    if copy is None:
        return None
    changed = "" if copy.is_current(gallery) else "It is older than the gallery: on the page Data, send what is new."
    chosen = st.toggle(
        "On the server",
        key=SERVER,
        bind="query-params",
        help=f"Searches its copy of {copy.images:,} images at `{copy.uri}`, {copy.index}. {changed}",
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
    """The server's `top`, of images that the gallery still has; by the model that described the gallery."""
    fingerprint, known, asked = gallery.model["fingerprint"], cache.images(gallery).names, top
    while True:
        found = copy.search(gallery, fingerprint, descriptors, asked, cameras, probe)
        ranking = found[[Path(path) in known for path in found["path"]]].head(top)
        if len(ranking) == top or len(found) < asked:
            return ranking.assign(rank=range(1, len(ranking) + 1)).reset_index(drop=True)
        asked *= 4  # some of what it found is gone here


def offer_here(error: UserError) -> None:
    """What went wrong on the server, and the way back to this machine's gallery."""
    st.error(widgets.as_plain_text(str(error)))
    st.button(
        "Search on this machine instead",
        type="primary",
        icon=":material/computer:",
        on_click=lambda: st.session_state.update({SERVER: False}),
    )


def show_copy(gallery: StoredGallery) -> None:
    """What a server has of it, and what can be done about that."""
    server, copy, alive = milvus_server(), read_copy(gallery), gallery.sending.progress.is_alive
    with st.expander("On a Milvus server", icon=":material/dns:", expanded=alive or copy is not None):
        if not server and copy is None:
            st.markdown(
                "For what outgrows this machine. Start the app with `MR_BCNN_MILVUS=http://host:19530` in its "
                "environment, and `MILVUS_TOKEN` if the server asks for a token; then galleries are sent there "
                "from here, and searched there."
            )
            return
        job_progress.show_progress(
            lambda: gallery.sending.progress, lambda now: STATE_TEXTS.get(now, _sentence(gallery))
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            if alive:
                st.button(
                    "Stop sending",
                    icon=":material/stop:",
                    on_click=gallery_picker.attempt,
                    args=(gallery.sending.stop,),
                )
                return
            if server and gallery.images:
                index = st.selectbox("Index", INDEXES, format_func=INDEXES.get, key=f"index_{gallery.name}", width=320)
                st.button(
                    "Send what is new" if copy else "Send it",
                    icon=":material/upload:",
                    type="primary",
                    on_click=gallery_picker.attempt,
                    args=(launch, gallery, server, index),
                )
            if copy:
                st.button(
                    "Take it off",
                    icon=":material/delete:",
                    on_click=gallery_picker.attempt,
                    args=(withdraw, gallery),
                    help="Deletes the copy. The gallery here is left alone.",
                )


def _sentence(gallery: StoredGallery) -> str:
    """Of a sending that is finished, or never was."""
    copy = read_copy(gallery)
    if copy is None:
        return f"Nothing of it lies at `{milvus_server()}`."
    words = f"{copy.images:,} images lie at `{copy.uri}` as `{copy.collection}`, {copy.index}"
    return words + ("." if copy.is_current(gallery) else "; the gallery has changed since.")
