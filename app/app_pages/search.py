"""Search: one image of a person, or several -> the gallery, ranked by how much each image looks like them."""

import time

import numpy as np
import pandas as pd
import streamlit as st

from app.components.image_grid import crop_grid
from app.data import milvus_panel
from app.search import calibration_panel, reranking
from app.shared import cache, gallery_picker, true_matches, widgets
from app.shared.keys import CAMERAS, GALLERY, MATCH, MODEL, PROBE, REFUSED, RULE, SERVER, TOP, UPLOADS, WHY, WITH
from app.shared.probe_picker import name_box, search_with, unknown, upload_box
from app.shared.settings import models_for
from app.shared.uploads import cut
from app.shared.url_params import unknown_in_link
from core.data.images import open_image
from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError
from core.evaluation.evaluators import rule_applies

TOPS = [10, 20, 50]


def ask_why(name: str) -> None:
    """The page Compare is opened once the script knows the probe's link again."""
    st.session_state[WHY] = name


def rank(top: int, also: np.ndarray | None = None) -> pd.DataFrame:
    """The first of the ranking, and the images that are `also` asked for; in another order all must be asked for."""
    if copy:
        return milvus_panel.search(copy, gallery, descriptors, top, *asked_for)
    return prepared.order(searcher.gallery.search(descriptors, top, *asked_for, also=also))


def foot() -> None:
    widgets.how_it_works()
    widgets.responsible_use()


gallery, own = gallery_picker.chosen(), gallery_picker.own_galleries()
try:
    images, models = cache.images(gallery), models_for(gallery)
except UserError as error:
    if own:
        gallery_picker.choose()
    st.error(str(error))
    foot()
    st.stop()

name = st.query_params.get(PROBE, "")
record = images.records.get(name)
uploads = [] if record else st.session_state.get(UPLOADS, [])
problems = [*st.session_state.get(REFUSED, []), *unknown(name, images), *gallery_picker.unknown()]

# nothing to search with: invite. Either view leaves the other's place empty, which takes the other away at once
if not record and not uploads:
    with st.container():
        st.title("Find a person again in other cameras' images")
        widgets.warn(problems)
        if own:
            gallery_picker.choose()
        st.markdown("**Click one of these people**")
        crop_grid(widgets.probe_crops(images.probes, images), "start", "Demo probes", "demo", search_with)
        upload_box("**or upload an image**; several of the same person are averaged")
    st.empty()
    foot()
    cache.loading(next(iter(models)), gallery)  # the default model gets ready while people look at the page
    st.stop()

# the probe on the left, settings and ranking on the right
st.empty()
left, right = st.columns([1, 4], gap="medium")
with left:
    place_of_probe = st.container()
    name_box(name)
    look_inside = st.container()
    st.button("Start again", icon=":material/restart_alt:", on_click=search_with, args=("",), width="stretch")
    upload_box("Another upload")
with right:
    asked = {MODEL: models, TOP: TOPS, CAMERAS: images.cameras, RULE: ["true", "false"], SERVER: ["true", "false"]}
    widgets.warn(problems + unknown_in_link(asked | reranking.ASKED | calibration_panel.ASKED, st.query_params.get_all))
    place_of_photograph = st.container()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if own:
            gallery_picker.choose()
        model = st.selectbox("Model", models, key=MODEL, bind="query-params", width=210)
        top = st.segmented_control("Results", TOPS, default=20, required=True, key=TOP, bind="query-params")
        cameras = (
            st.pills(
                "Cameras",
                images.cameras,
                selection_mode="multi",
                key=CAMERAS,
                bind="query-params",
                help="None chosen: all are searched.",
            )
            if images.cameras
            else []
        )
        rule = st.toggle(
            "Same-camera rule",
            True,
            key=RULE,
            bind="query-params",
            help=f"On: {widgets.RULE}",
            disabled=record is None or not rule_applies(record),
        )
        copy = milvus_panel.toggle(gallery)
        wanted, place = (reranking.Better(), right) if copy else reranking.controls(images)
        prior, rate = calibration_panel.controls()

try:
    if record:
        probe, content = [open_image(record.path)], (cache.content_of([record.path]),)
        with place_of_probe:
            widgets.show_probe(record, images)
    else:
        with place_of_photograph:
            boxes = widgets.choose_boxes(uploads)
        probe = [cut(upload, boxes[upload.content]) for upload in uploads]
        content = tuple((upload.content, boxes[upload.content]) for upload in uploads)
        with place_of_probe:
            widgets.show_uploads(uploads, boxes, probe)
    loading = cache.loading(model, gallery)
    with right:
        searcher = widgets.wait_for(loading)
    if cache.images(gallery) is not images:
        st.rerun()  # it was described anew meanwhile
    descriptors, describe_ms = cache.descriptors(searcher.model, loading.key, content, probe)
    camera = record.camera if record else UNKNOWN_CAMERA
    with right:
        prepared = reranking.prepare(searcher, loading.key, probe, content, descriptors, camera, wanted, place)
    start = time.perf_counter()
    asked_for = cameras or None, true_matches.asked_for(record, rule)
    known = true_matches.is_known(record) and not (copy and copy.is_short)
    if not wanted.is_plain or copy and known:  # another order sorts all, and a server counts no ranks
        ranking = rank(len(searcher.gallery))
    else:
        ranking = rank(top, searcher.gallery.identities == record.identity if known else None)
    searched = searcher.gallery.count(*asked_for)
    search_ms = 1000 * (time.perf_counter() - start)
except UserError as error:
    with right:
        if copy:
            milvus_panel.offer_here(error)
        else:
            st.error(str(error))
    foot()
    st.stop()

with look_inside:
    shown = ({PROBE: name} if record else {}) | ({GALLERY: gallery.name} if gallery else {})
    st.page_link(
        "app_pages/regions.py", label="Look inside", icon=":material/grid_on:", query_params=shown | {WITH: model}
    )
with right:
    answers = true_matches.right_answers(searcher.gallery, ranking, record, rule, cameras) if known else None
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        silence = milvus_panel.INCOMPLETE_RANKING if true_matches.is_known(record) else widgets.NOBODY_KNOWS
        st.markdown(answers.sentence if known else silence, width="stretch")
        st.download_button(
            "Ranking as CSV",
            lambda: true_matches.as_csv(rank(len(searcher.gallery)), images.folder),
            "ranking.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
    if ranking.empty:
        st.info("There is nothing to rank: the chosen cameras took no image that counts for this probe.")
    crops = widgets.ranking_crops(ranking.head(top), record, images, shown | {MODEL: model})
    calibration = calibration_panel.of(loading.checkpoint)
    if calibration and len(ranking):
        st.markdown(calibration_panel.verdict(ranking, searched, calibration))
        crops = calibration_panel.with_meaning(crops, ranking, calibration, prior, rate, wanted.is_plain)
    crop_grid(crops, "ranking", "Ranking", "ranking", search_with, ask_why)
    if match := st.session_state.pop(WHY, None):
        st.switch_page("app_pages/compare.py", query_params=shown | {WITH: model, MATCH: match})
    st.caption(widgets.figures(searched, searcher, describe_ms, search_ms, known))
    st.caption(calibration_panel.foundation(calibration, prior, searched, len(descriptors) > 1, not wanted.is_plain))
    if known:
        widgets.show_answers(answers, images, search_with)
foot()
