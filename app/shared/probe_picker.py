"""The probe of a page: named in the link or uploaded in this session."""

from dataclasses import dataclass

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from app.components.image_grid import crop_grid
from app.shared import cache, linked_uploads, texts, upload_list, widgets
from app.shared.address import change_link, went_back
from app.shared.images import Images
from app.shared.keys import AFTER, BOX, EACH, MATCH, NAME, PAIR, PROBE, UPLOAD, UPLOADER
from app.shared.uploads import MAX_FILE_MB, probe_images
from core.data.images import IMAGE_SUFFIXES, open_image
from core.data.records import Record
from core.errors import UserError

TYPES = [suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES]
OF_PROBE = (MATCH, AFTER, PAIR)  # parameters that another probe removes


@dataclass(frozen=True)
class Chosen:
    """The chosen probe. `name` is its name in links, "" for an upload; `content` changes with the image."""

    name: str
    record: Record | None
    image: Image.Image
    content: tuple


def search_with(name: str) -> None:
    """Put the probe's name into the link, so that the browser's back button returns to the previous probe."""
    linked_uploads.forget()
    change_link(dict.fromkeys((UPLOAD, BOX, EACH, *OF_PROBE)) | {PROBE: name or None})


def take_uploads(key: str) -> None:
    """Add uploads to those of the page, and clear the uploader."""
    if PROBE in st.query_params:  # the session may hold uploads of another page
        linked_uploads.forget()
    linked_uploads.add(st.session_state[key] or [], OF_PROBE)
    st.session_state[UPLOADER] = st.session_state.get(UPLOADER, 0) + 1


def upload_box(label: str) -> None:
    """Show the box for uploads of probe images."""
    key = f"upload_{st.session_state.get(UPLOADER, 0)}"
    st.file_uploader(
        label,
        TYPES,
        accept_multiple_files=True,
        key=key,
        on_change=take_uploads,
        args=(key,),
        max_upload_size=MAX_FILE_MB,
    )
    if linked_uploads.stores_uploads():
        st.caption(texts.UPLOADS_STORED)
        upload_list.show_delete_button()


def name_box(name: str) -> None:
    """Show the box with the probe's name."""
    st.session_state[NAME] = name
    st.text_input(
        texts.IMAGE,
        key=NAME,
        placeholder=texts.UPLOADED,
        help=texts.IMAGE_HELP,
        on_change=lambda: went_back() or search_with(st.session_state[NAME].strip()),
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
    uploads, boxes, gone = ([], {}, False) if name in images.records else linked_uploads.current()
    if not uploads and not gone and name not in images.records:
        name = first(images)
    place = st.container(key="probe_controls")  # its column comes last in a narrow window
    name_box("" if uploads or gone else name)
    with st.container() if open_out else st.popover(texts.OTHER_PROBES, icon=":material/group:", width="stretch"):
        crops = widgets.probe_crops(images.probes, images)
        crop_grid(crops, "strip", texts.DEMO_PROBES, "demo", search_with)
    upload_box(texts.UPLOAD)
    if uploads or gone:
        with place:
            return _one_upload(uploads, boxes, gone, photographs)
    chosen = named(name, images)
    with place:
        widgets.show_probe(chosen.record, images)
    return chosen


def _one_upload(uploads: list, boxes: dict, gone: bool, photographs: DeltaGenerator) -> Chosen:
    """Show one image of the uploads and return it; the run ends if none has a box. Raises UserError if all are gone."""
    if not uploads:
        raise UserError(texts.UPLOAD_GONE)
    with photographs:
        if gone:
            widgets.warn([texts.UPLOAD_GONE])
        widgets.choose_boxes(uploads, boxes)
    found = {image.content: image for image in probe_images(uploads, boxes)}
    place = st.container()
    upload_list.show(uploads, boxes)
    if not found:
        st.stop()
    content = next(iter(found))
    with place:
        if len(found) > 1:
            content = st.selectbox(texts.WHICH_UPLOAD, found, format_func=lambda each: found[each].name)
        widgets.show_uploads([found[content]])
    return Chosen("", None, found[content].image, content)
