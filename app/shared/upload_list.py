"""The uploads of a page, each with a button to remove it, and a button that deletes them from the server."""

from collections.abc import Sequence

import streamlit as st

from app.shared import cache, linked_uploads, texts
from app.shared.uploads import Box, Upload

SIDE_PIXELS = 56


def show(uploads: Sequence[Upload], boxes: dict[str, Sequence[Box]]) -> None:
    """Show a square thumbnail of each upload; buttons below remove it, or draw a box on one with a person's shape."""
    with st.container(horizontal=True, gap="small"):
        for upload in uploads:
            with st.container(width=SIDE_PIXELS + 4, gap=None):
                square = cache.upload_square(upload.id, 2 * SIDE_PIXELS, upload.image)
                st.image(square, width=SIDE_PIXELS, alt=upload.name)
                with st.container(horizontal=True, gap="xsmall"):
                    st.button(
                        "",
                        key=f"remove_{upload.id}",
                        icon=":material/close:",
                        type="tertiary",
                        help=texts.REMOVE_UPLOAD.format(name=upload.name),
                        on_click=linked_uploads.remove,
                        args=(upload.id,),
                    )
                    if upload.shows_one_person and upload.id not in boxes:
                        st.button(
                            "",
                            key=f"draw_{upload.id}",
                            icon=":material/crop:",
                            type="tertiary",
                            help=texts.DRAW_ON.format(name=upload.name),
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
