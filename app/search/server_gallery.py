"""The server gallery on the page Search: whether it is searched, and its results."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.search import texts
from app.shared import cache, linked_widgets, widgets
from app.shared.address import change_link
from app.shared.keys import SERVER
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.milvus.sync import Copy, read_copy

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from core.data.records import Record


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
