"""The uploads of a page, each with a button to remove it, and a button that deletes them from the server."""

from collections.abc import Sequence

import streamlit as st

from app.shared import cache, linked_uploads, texts
from app.shared.uploads import WHOLE_IMAGE, Box, Upload

THUMBNAIL_PIXELS = 96


def show(uploads: Sequence[Upload], boxes: dict[str, Sequence[Box]]) -> None:
    """Show thumbnails of the uploads with their buttons."""
    with st.container(horizontal=True, gap="small"):
        for upload in uploads:
            with st.container(width=56, gap=None, horizontal_alignment="center"):
                url = cache.upload_url(upload.id, WHOLE_IMAGE, (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), upload.image)
                st.image(url, width=44, alt=upload.name)
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
