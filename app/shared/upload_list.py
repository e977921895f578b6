"""The uploads of a page, each with a button to remove it, and a button that deletes them from the server."""

from collections.abc import Sequence

import streamlit as st

from app.shared import cache, linked_uploads, texts
from app.shared.uploads import Box, Upload
from app.shared.widgets import as_plain_text

SIDE_PIXELS = 56
CSS = """<style>  /* labels for screen readers: the buttons show icons */
.st-key-upload_list button [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
</style>"""


def show(uploads: Sequence[Upload], boxes: dict[str, Sequence[Box]]) -> None:
    """Show a square thumbnail of each upload; buttons below remove it, or draw a box on one with a person's shape."""
    st.html(CSS)
    with st.container(horizontal=True, gap="small", key="upload_list"):
        for upload in uploads:
            name = as_plain_text(upload.name)
            remove, draw = texts.REMOVE_UPLOAD.format(name=name), texts.DRAW_ON.format(name=name)
            with st.container(width=SIDE_PIXELS + 4, gap=None):
                square = cache.upload_square(upload.id, 2 * SIDE_PIXELS, upload.image)
                st.image(square, width=SIDE_PIXELS, alt=upload.name)
                with st.container(horizontal=True, gap="xsmall"):
                    st.button(
                        remove,
                        key=f"remove_{upload.id}",
                        icon=":material/close:",
                        type="tertiary",
                        help=remove,
                        on_click=linked_uploads.remove,
                        args=(upload.id,),
                    )
                    if upload.shows_one_person and upload.id not in boxes:
                        st.button(
                            draw,
                            key=f"draw_{upload.id}",
                            icon=":material/crop:",
                            type="tertiary",
                            help=draw,
                            on_click=linked_uploads.draw,
                            args=(upload.id, ()),
                        )


def show_delete_button() -> None:
    """Show the button that deletes the uploads of the page and of the session from the server, if there are any."""
    if linked_uploads.can_delete():
        st.button(
            texts.DELETE_NOW,
            icon=":material/delete:",
            help=texts.DELETE_NOW_HELP,
            on_click=linked_uploads.delete,
            width="stretch",
        )
