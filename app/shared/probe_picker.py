"""The probe of a page: named in the link or uploaded in this session."""

from dataclasses import dataclass

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app.components.image_grid import crop_grid
from app.shared import cache, texts, widgets
from app.shared.images import Images
from app.shared.keys import BOXES, MATCH, NAME, PAIR, PROBE, REFUSED, UPLOADER, UPLOADS
from app.shared.uploads import cut, read_uploads
from core.data.images import open_image
from core.data.records import Record

TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "gif"]


@dataclass(frozen=True)
class Chosen:
    """The chosen probe. `name` is its name in links, "" for an upload; `content` changes with the image."""

    name: str
    record: Record | None
    image: Image.Image
    content: tuple


def search_with(name: str) -> None:
    """Put the probe's name into the link, so that the browser's back button returns to the previous probe."""
    st.session_state.update({UPLOADS: [], REFUSED: []})
    _forget_match()
    if name:
        st.query_params[PROBE] = name
    else:
        st.query_params.pop(PROBE, None)


def take_uploads(key: str) -> None:
    """Read uploads, keep them small for the session, and clear the uploader."""
    uploads, refused = read_uploads(st.session_state[key] or [])
    st.session_state.update({REFUSED: refused, UPLOADER: st.session_state.get(UPLOADER, 0) + 1})
    if uploads:
        st.session_state.update({UPLOADS: uploads, BOXES: {}})
        st.query_params.pop(PROBE, None)
        _forget_match()


def upload_box(label: str) -> None:
    """Show the box for uploads of probe images."""
    key = f"upload_{st.session_state.get(UPLOADER, 0)}"
    st.file_uploader(label, TYPES, accept_multiple_files=True, key=key, on_change=take_uploads, args=(key,))


def name_box(name: str) -> None:
    """Show the box with the probe's name."""
    st.session_state[NAME] = name
    st.text_input(
        texts.IMAGE,
        key=NAME,
        placeholder=texts.UPLOADED,
        help=texts.IMAGE_HELP,
        on_change=lambda: search_with(st.session_state[NAME].strip()),
    )


def first(images: Images) -> str:
    """Return the name of the probe that is shown if the user chose none."""
    return images.names[(images.probes or images.gallery)[0].path]


def unknown(name: str, images: Images) -> list[str]:
    """Return a sentence if no image has that name."""
    if not name or name in images.records:
        return []
    return [texts.NO_IMAGE.format(name=name, example=next(iter(images.records)))]


def named(name: str, images: Images) -> Chosen:
    """Return an image of the gallery or a demo probe. Raises UserError if it cannot be opened."""
    record = images.records[name]
    return Chosen(name, record, open_image(record.path), (cache.content_of([record.path]),))


def linked_or_uploaded(images: Images, photographs: DeltaGenerator, open_out: bool = False) -> Chosen:
    """Show the image in the link, an upload or the first demo probe, and controls to choose another one.

    An uploaded photograph is shown in the container `photographs`, to draw a box on it. The demo probes are in a
    popover, unless `open_out`. Raises UserError if the image cannot be opened.
    """
    name = st.query_params.get(PROBE, "")
    uploads = [] if name in images.records else st.session_state.get(UPLOADS, [])
    if not uploads and name not in images.records:
        name = first(images)
    place = st.container(key="probe_controls")  # its column comes last in a narrow window
    name_box("" if uploads else name)
    with st.container() if open_out else st.popover(texts.OTHER_PROBES, icon=":material/group:", width="stretch"):
        crops = widgets.probe_crops(images.probes, images)
        crop_grid(crops, "strip", texts.DEMO_PROBES, "demo", search_with)
    upload_box(texts.UPLOAD)
    if not uploads:
        chosen = named(name, images)
        with place:
            widgets.show_probe(chosen.record, images)
        return chosen
    upload = uploads[0]
    if len(uploads) > 1:
        by_content = {each.content: each for each in uploads}
        upload = by_content[
            place.selectbox(texts.WHICH_UPLOAD, by_content, format_func=lambda one: by_content[one].name)
        ]
    with photographs:
        box = widgets.choose_boxes([upload])[upload.content]
    image = cut(upload, box)
    with place:
        widgets.show_uploads([upload], {upload.content: box}, [image])
    return Chosen("", None, image, (upload.content, box))


def _forget_match() -> None:
    """Remove the match of the previous probe from the link."""
    st.query_params.pop(MATCH, None)
    st.query_params.pop(PAIR, None)
