"""Search: one or several images of a person -> the gallery, ranked by score."""

import time
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components.image_grid import crop_grid
from app.search import each_upload_table, reranking, server_gallery, texts, verdict
from app.search.controls import show_controls, valid_in_link
from app.search.start import show_introduction
from app.shared import cache, context, gallery_picker, linked_uploads, model_picker, true_matches, upload_list, widgets
from app.shared import texts as shared_texts
from app.shared.keys import AFTER, MATCH, MODEL, PROBE, REFUSED, WHY
from app.shared.probe_picker import name_box, search_with, upload_box
from app.shared.settings import models_for
from app.shared.uploads import probe_images
from app.shared.url_params import unknown_in_link
from core.data.images import open_image
from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError

if TYPE_CHECKING:  # the first page does not wait for its import
    import pandas as pd


def explain(name: str) -> None:
    """Open the page Compare at the end of the next run, which knows the probe's link."""
    st.session_state[WHY] = name


def rank(top: int, also: np.ndarray | None = None) -> "pd.DataFrame":
    """Return the first `top` results, and those of `also`; post-processing other than AdaBN needs all results."""
    if chosen.copy:
        return server_gallery.search(chosen.copy, gallery, descriptors, top, *asked_for)
    return prepared.search(searcher.gallery, descriptors, top, *asked_for, also=also)


def foot() -> None:
    """Show the foot of the page."""
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
uploads, boxes, gone = ([], {}, False) if record else linked_uploads.current()
problems = [*st.session_state.get(REFUSED, []), *([shared_texts.UPLOAD_GONE] if gone else [])]
default = model_picker.default(models)
cropped = probe_images(uploads, boxes)

# without a probe: demo probes and uploads. Either view empties the other's place, which removes the other at once
if not record and not uploads:
    with st.container():
        st.title(texts.TITLE)
        widgets.warn(problems)
        if own:
            gallery_picker.choose()
        st.markdown(texts.RE_IDENTIFICATION)
        show_introduction(model_picker.current(models, default))
        st.markdown(texts.SELECT_PROBE)
        crop_grid(widgets.probe_crops(images.probes, images), "start", shared_texts.DEMO_PROBES, "demo", search_with)
        upload_box(texts.UPLOAD_IMAGES)
    st.empty()
    foot()
    cache.load_soon(model_picker.current(models, default), gallery)  # before the search
    st.stop()

# the probe on the left, settings and ranking on the right
st.empty()
left, right = st.columns([1, 4], gap="medium")
with left, st.container(key="probe_controls"):
    place_of_probe = st.container()
    name_box(name)
    look_inside = st.container()
    st.button(texts.NEW_SEARCH, icon=":material/restart_alt:", on_click=search_with, args=("",), width="stretch")
    upload_box(texts.ANOTHER_UPLOAD)
with right:
    widgets.warn(problems + unknown_in_link(valid_in_link(images), st.query_params.get_all))
    place_of_photograph = st.container()
    chosen = show_controls(images, gallery, models, default, record, len(cropped), bool(own))

try:
    if record:
        probe, content = [open_image(record.path)], (cache.content_of([record.path]),)
        with place_of_probe:
            widgets.show_probe(record, images)
    else:
        with place_of_photograph:
            widgets.choose_boxes(uploads, boxes)
        probe, content = [each.image for each in cropped], tuple(each.content for each in cropped)
        with place_of_probe:
            if cropped:
                widgets.show_uploads(cropped)
            upload_list.show(uploads, boxes)
        if not cropped:
            foot()
            st.stop()
    loading = cache.loading(chosen.model, gallery)
    with right:
        searcher = widgets.wait_for(loading)
    if cache.images(gallery) is not images:
        st.rerun()  # it was indexed again meanwhile
    descriptors, describe_ms = cache.descriptors(searcher.model, loading.key, content, probe)
    if chosen.is_each:
        with right:
            each_upload_table.show(cropped, uploads, descriptors, searcher, loading, images, chosen)
        foot()
        st.stop()
    camera = record.camera if record else UNKNOWN_CAMERA
    with right:
        prepared = reranking.prepare(
            searcher, loading.key, probe, content, descriptors, camera, chosen.processing, gallery
        )
    processing = prepared.processing  # without adaptation if that failed
    start = time.perf_counter()
    asked_for = chosen.cameras or None, true_matches.asked_for(record, chosen.rule)
    known = true_matches.is_known(record) and not (chosen.copy and chosen.copy.exceeds_result_limit)
    is_sorted = processing.is_plain or prepared.is_adapted_only
    if not is_sorted or chosen.copy and known:  # post-processing sorts all results, and a server counts no ranks
        ranking = rank(len(searcher.gallery))
    else:
        ranking = rank(chosen.top, searcher.gallery.identities == record.identity if known else None)
    searched = searcher.gallery.count(*asked_for)
    search_ms = 1000 * (time.perf_counter() - start)
except UserError as error:
    with right:
        if chosen.copy:
            server_gallery.offer_here(error)
        else:
            st.error(str(error))
    foot()
    st.stop()

has_regions = not searcher.model.lifts  # a comparison method has none, so that its scores are not explained
if has_regions:
    with look_inside:
        st.page_link(
            "app_pages/regions.py",
            label=texts.INSPECT_REGIONS,
            icon=":material/grid_on:",
            query_params=context.link("regions"),
        )
with right:
    if known:
        found = true_matches.find_true_matches(searcher.gallery, ranking, record, chosen.rule, chosen.cameras)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        unmarked = texts.INCOMPLETE_RANKING if true_matches.is_known(record) else texts.NO_IDENTITY
        st.markdown(found.sentence if known else unmarked, width="stretch")
        st.download_button(
            texts.DOWNLOAD_RANKING,
            lambda: true_matches.as_csv(rank(len(searcher.gallery)), images.folder),
            "ranking.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
    if ranking.empty:
        st.info(texts.NO_RESULTS_OF_CAMERAS if chosen.cameras else texts.NO_RESULTS)
    # the link explains the scores of the ranking
    scored = context.link() | {MODEL: chosen.model} | reranking.link(processing, gallery)
    crops = widgets.ranking_crops(ranking.head(chosen.top), record, images, scored if has_regions else None)
    if not processing.is_plain:
        reranking.active_options(processing, camera in images.cameras)
    has_rule = record is not None and true_matches.rule_applies(record)
    # the page Compare ranks all cameras, with the rule
    is_other_rank = processing.reorders or bool(chosen.cameras) or has_rule and not chosen.rule
    if is_other_rank:
        crops = reranking.link_ranks(crops)
    crops, caption = verdict.judge(
        crops, ranking, searched, searcher, loading, descriptors, chosen.calibrated, processing.is_plain
    )
    crop_grid(crops, "ranking", shared_texts.RANKING, "ranking", search_with, explain)
    if match := st.session_state.pop(WHY, None):
        after = {AFTER: next(one["rank"] for one in crops if one["id"] == match)} if is_other_rank else {}
        st.switch_page("app_pages/compare.py", query_params=context.link("compare") | scored | {MATCH: match} | after)
    st.caption(widgets.figures(searched, searcher, describe_ms, search_ms, known))
    if searcher.model.lifts and processing.is_plain:
        st.caption(texts.EUCLIDEAN_SCORE)
    if caption:
        st.caption(caption)
    if known:
        widgets.show_true_matches(found, images, has_rule and chosen.rule, search_with)
foot()
