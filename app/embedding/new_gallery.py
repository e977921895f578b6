"""The form to create a named gallery from the selection."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.embedding import texts
from app.embedding.descriptors import Embedding
from app.embedding.table import records_of
from app.shared import context, read_only
from app.shared.keys import CHOSEN, GALLERY, ISOLATED, PROBE
from core.errors import UserError, explain
from core.folders import galleries_folder

DATA_PAGE = "app_pages/data.py"


def show_form(one: Embedding, numbers: Sequence[int], checkpoint: Path) -> None:
    """Show the form; a new gallery is indexed in the background and shown on the page Data."""
    if read_only.show_note():
        return
    with st.popover(texts.CREATE_GALLERY, icon=":material/add:"):
        name = st.text_input(texts.GALLERY_NAME, key="new_gallery_name", max_chars=60).strip()
        st.caption(texts.CREATE_GALLERY_HELP)
        if not st.button(texts.CREATE, type="primary", key="create_gallery", disabled=not name):
            return
        try:
            with st.spinner(texts.COPYING_IMAGES):
                _create(one, numbers, checkpoint, name)
        except (UserError, OSError) as error:
            st.error(explain(error))
            return
    st.session_state.update({ISOLATED: [], CHOSEN: []})  # rows and names of the gallery before
    linked = {parameter: values for parameter, values in context.link().items() if parameter != PROBE}
    st.switch_page(DATA_PAGE, query_params=linked | {GALLERY: [name]})


def _create(one: Embedding, numbers: Sequence[int], checkpoint: Path, name: str) -> None:
    from core.galleries.selection import create_from_selection
    from core.galleries.update import launch  # imports torch, which takes seconds

    records = records_of(one.table.iloc[list(numbers)])
    launch(create_from_selection(name, galleries_folder(), checkpoint, records))
