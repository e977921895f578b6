"""The image that a page is about: named in the link, or uploaded in this session."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app.components.image_grid import crop_grid
from app.shared import cache, widgets
from app.shared.images import Images
from app.shared.keys import BOXES, MATCH, MODEL, NAME, PAIR, PROBE, REFUSED, UPLOADER, UPLOADS, WITH
from app.shared.uploads import cut, read_uploads
from core.data.images import open_image
from core.data.records import Record

TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "gif"]


@dataclass(frozen=True)
class Chosen:
    """One image to look at. `name` is what a link calls it, "" for an upload; `content` tells whether it changed."""

    name: str
    record: Record | None
    image: Image.Image
    content: tuple


def search_with(name: str) -> None:
    """The probe's name lives in the link alone, so that the browser's way back leads to the probe before."""
    st.session_state.update({UPLOADS: [], REFUSED: []})
    _forget_match()
    if name:
        st.query_params[PROBE] = name
    else:
        st.query_params.pop(PROBE, None)


def take_uploads(key: str) -> None:
    """Uploads are read once, kept small for the session, and the uploader is emptied for the next ones."""
    uploads, refused = read_uploads(st.session_state[key] or [])
    st.session_state.update({REFUSED: refused, UPLOADER: st.session_state.get(UPLOADER, 0) + 1})
    if uploads:
        st.session_state.update({UPLOADS: uploads, BOXES: {}})
        st.query_params.pop(PROBE, None)
        _forget_match()


def upload_box(label: str) -> None:
    key = f"upload_{st.session_state.get(UPLOADER, 0)}"
    st.file_uploader(label, TYPES, accept_multiple_files=True, key=key, on_change=take_uploads, args=(key,))


def model_from_another_page(models: Collection[str]) -> None:
    """Let the page's model be the one that a link from another page names, until another is chosen."""
    name = st.query_params.get(WITH)
    if name in models and MODEL not in st.query_params:
        st.session_state[MODEL] = name


def name_box(name: str) -> None:
    """The probe's name, to be read and to be typed."""
    st.session_state[NAME] = name
    st.text_input(
        "Image",
        key=NAME,
        placeholder="your upload",
        help="Any gallery image or demo probe by its name.",
        on_change=lambda: search_with(st.session_state[NAME].strip()),
    )


def unknown(name: str, images: Images) -> list[str]:
    """A sentence if no image has that name."""
    if not name or name in images.records:
        return []
    return [f"There is no image {name} here; images have names like {next(iter(images.records))}."]


def named(name: str, images: Images) -> Chosen:
    """An image of the data. Raises UserError if it cannot be opened."""
    record = images.records[name]
    return Chosen(name, record, open_image(record.path), (cache.content_of([record.path]),))


def linked_or_uploaded(images: Images, photographs: DeltaGenerator, open_out: bool = False) -> Chosen:
    """The image in the link, one that was uploaded, or else the first demo probe; shown with ways to another one.

    An uploaded photograph, on which a box is drawn, goes to the container `photographs`. The demo probes lie in a
    popover, or open if this already is one. Raises UserError if the image cannot be opened.
    """
    name = st.query_params.get(PROBE, "")
    uploads = [] if name in images.records else st.session_state.get(UPLOADS, [])
    if not uploads and name not in images.records:
        name = images.names[(images.probes or images.gallery)[0].path]
    place = st.container()
    name_box("" if uploads else name)
    people = st.container() if open_out else st.popover("Other people", icon=":material/group:", width="stretch")
    with people:
        crops = widgets.probe_crops(images.probes, images)
        crop_grid(crops, "strip", "Demo probes", "demo", search_with)
    upload_box("Upload")
    if not uploads:
        chosen = named(name, images)
        with place:
            widgets.show_probe(chosen.record, images)
        return chosen
    upload = uploads[0]
    if len(uploads) > 1:
        by_content = {each.content: each for each in uploads}
        upload = by_content[place.selectbox("Which of them", by_content, format_func=lambda one: by_content[one].name)]
    with photographs:
        box = widgets.choose_boxes([upload])[upload.content]
    image = cut(upload, box)
    with place:
        widgets.show_uploads([upload], {upload.content: box}, [image])
    return Chosen("", None, image, (upload.content, box))


def _forget_match() -> None:
    """Another probe has other answers."""
    st.query_params.pop(MATCH, None)
    st.query_params.pop(PAIR, None)
