"""The controls of the page Search: what is searched, with which model, and how the results are ordered."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.search import calibration_panel, reranking, server_gallery, texts
from app.shared import each_upload, gallery_picker, linked_widgets, model_picker, true_matches
from app.shared import texts as shared_texts
from app.shared.images import Images
from app.shared.keys import CAMERAS, EACH, RULE, SERVER, TOP
from core.data.records import Record
from core.galleries.gallery_folder import StoredGallery
from core.milvus.sync import Copy

TOPS = [10, 20, 50]


@dataclass(frozen=True)
class Chosen:
    """The values of the controls; the table of the first results of each image has the first four."""

    is_each: bool  # each image is a probe of its own
    model: str
    top: int  # number of results
    cameras: list[int]  # empty: all
    rule: bool = True  # the same-camera rule
    copy: Copy | None = None  # the server gallery to be searched
    processing: reranking.PostProcessing = reranking.PostProcessing()
    calibrated: tuple[bool, int, int] | None = None  # see `calibration_panel.controls`


def valid_in_link(images: Images) -> dict[str, list]:
    """Return the valid values of the controls' parameters in a link."""
    own = {TOP: TOPS, CAMERAS: images.cameras} | dict.fromkeys((RULE, SERVER, EACH), reranking.SWITCH)
    return own | reranking.ASKED | calibration_panel.ASKED


def show_controls(
    images: Images,
    gallery: StoredGallery | None,
    models: Mapping[str, Path],
    default: str,
    record: Record | None,
    uploads: int,
    has_galleries: bool,
) -> Chosen:
    """Show the controls in a row -> their values.

    Args:
        images: The images of the gallery.
        gallery: A named gallery, or None for the demo gallery.
        models: The models that can be chosen.
        default: The model that is chosen first.
        record: The probe, if it is an image of the gallery.
        uploads: Number of uploaded images, cropped.
        has_galleries: Whether there are named galleries to choose from.
    """
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="controls"):
        if has_galleries:
            gallery_picker.choose()
        is_each = uploads > 1 and each_upload.switch()
        model = model_picker.choose(models, default)
        top = linked_widgets.choose_one(st.segmented_control, texts.RESULTS, TOPS, TOP, default=20, required=True)
        cameras = _choose_cameras(images.cameras) if images.cameras else []
        if is_each:  # a table of first results has no post-processing and no threshold
            return Chosen(is_each, model, top, cameras)
        rule = linked_widgets.toggle(
            texts.SAME_CAMERA_RULE,
            RULE,
            default=True,
            help=texts.SAME_CAMERA_HELP.format(rule=shared_texts.SAME_CAMERA_RULE),
            disabled=record is None or not true_matches.rule_applies(record),
        )
        copy = server_gallery.toggle(gallery)
        processing = reranking.PostProcessing() if copy else reranking.controls(images, gallery)
        return Chosen(is_each, model, top, cameras, rule, copy, processing, calibration_panel.controls())


def _choose_cameras(cameras: list[int]) -> list[int]:
    return linked_widgets.choose_several(
        st.pills, shared_texts.CAMERAS, cameras, CAMERAS, selection_mode="multi", help=shared_texts.CAMERAS_HELP
    )
