"""Compare: the score of two images as an exact sum over regions, filter pairs and locations."""

from functools import partial

import numpy as np
import streamlit as st

from app.compare import lessons, match_picker, matches, scenes, several_images, texts, uploaded_pair
from app.compare.deletion import show_deletion
from app.compare.explanations import Explainer
from app.compare.print_figure import show_download
from app.compare.sections import show_bars, show_notes_on_locations, show_region_pair
from app.components import region_scene
from app.shared import (
    adaptation,
    cache,
    calibrations,
    each_upload,
    formulas,
    gallery_picker,
    linked_widgets,
    model_picker,
    person_check,
    probe_picker,
    widgets,
)
from app.shared import texts as shared_texts
from app.shared.address import change_link
from app.shared.keys import (
    ADAPT,
    AFTER,
    BARS,
    BESIDE,
    CHECK,
    EACH,
    FROM,
    MATCH,
    PAIR,
    PAIR_PRIOR,
    PAIRS,
    PROBE,
    REFUSED,
)
from app.shared.settings import models_for
from app.shared.url_params import follow_earlier_link, number_in_link, rename_values, unknown_in_link, unknown_numbers
from core.errors import UserError
from core.explain.part_contributions import sum_parts, summarise_parts
from core.explain.region_blocks import strongest_pair
from core.explain.region_names import BIAS, SHARED

BASELINES = (texts.MEAN_IMAGE, texts.ZERO)
EARLIER_VALUES = {  # in links of earlier versions
    FROM: {"average image": texts.MEAN_IMAGE, "nothing": texts.ZERO},
    BESIDE: {"nobody": texts.NONE, "first right": texts.BEST_TRUE_MATCH, "first wrong": texts.BEST_FALSE_MATCH},
}
OF_NETWORK = (PAIR, AFTER)  # other networks number their regions differently


def pick(grid: str, cell: int) -> None:
    """Select the region pair of a link or of a cell of the table, or the strongest pair of a region."""
    if grid == "table":
        blocks = geometry.blocks.regions
        row, column = divmod(cell, blocks + 1)
        if max(row, column) == blocks:  # c is not a region
            return
        row, column = strongest_pair(attribution.region_pairs, geometry, row, column)
        cell = row * count + column
    elif grid != "link":
        terms = explained[int(grid[4])][1].region_pairs  # pair0, or pair1 below it; then 0 or 1, the image; the part
        region = int(grid[-1]) * geometry.side**2 + cell
        of_probe = grid[5] == "0"
        met = int(np.abs(terms[region] if of_probe else terms[:, region]).argmax())
        cell = region * count + met if of_probe else met * count + region
    change_link({PAIR: str(cell), PAIRS: "true"})  # the section shows the selected pair


def image_of(result: matches.Result) -> probe_picker.Chosen:
    """Return the image of a result."""
    return result.upload or probe_picker.named(result.name, images)


def explain(result: matches.Result):
    """Return the regions of both images, and the attribution of their score."""
    other = image_of(result)
    both = (probe_regions, explainer.inspect(other))
    return both, explainer.explain(chosen, other, both, mean)


def share_score(by: Explainer, of_probe: np.ndarray, result: matches.Result) -> np.ndarray:
    """Return the share of each image of the probe, given by its descriptors (N, D), in the score of a result."""
    from core.explain.probe_shares import probe_shares

    [described] = by.describe([image_of(result)])
    return probe_shares(of_probe, described)


try:
    gallery = gallery_picker.chosen()
    images, models = cache.images(gallery), models_for(gallery)
except UserError as error:
    st.error(str(error))
    st.stop()

follow_earlier_link("compare", partial(rename_values, earlier=EARLIER_VALUES))
is_pair = each_upload.is_asked() and st.query_params.get(PROBE, "") not in images.records
pair = None  # two uploads, instead of a probe and a gallery image
st.title(texts.TITLE_OF_TWO if is_pair else texts.TITLE)
st.markdown(texts.INTRODUCTION_OF_TWO if is_pair else texts.INTRODUCTION)
problems = [
    *st.session_state.get(REFUSED, []),
    *probe_picker.unknown(st.query_params.get(MATCH, ""), images),
]
asked = {FROM: BASELINES, BESIDE: matches.CHOICES, **dict.fromkeys((BARS, PAIRS, CHECK, EACH), ["true", "false"])}
asked |= {PAIR_PRIOR: uploaded_pair.PRIORS, ADAPT: ["true", "false"]}
widgets.warn(problems + unknown_in_link(asked, st.query_params.get_all))
controls = st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="controls")
photographs = st.container()
try:
    with controls:
        if is_pair:
            pair = uploaded_pair.choose(photographs)
            chosen = pair[0]
        else:
            with st.popover(texts.CHANGE_PROBE, icon=":material/person_search:"):
                chosen = probe_picker.linked_or_uploaded(images, photographs, open_out=True)
                if len(several_images.images_of(chosen)) > 1:
                    each_upload.switch()
        place_of_match = st.container(width="content")
        default = model_picker.default(models, gallery, explains=True)
        name = model_picker.choose(models, default, OF_NETWORK)
        baseline = linked_widgets.choose_one(
            st.segmented_control, texts.BASELINE, BASELINES, FROM, required=True, help=texts.BASELINE_HELP
        )
        places = place_of_match, st.container(width="content")
        adapts = not pair and adaptation.toggle(images, gallery)
    loading = cache.loading(name, gallery)
    searcher = widgets.wait_for(loading)
    plain = Explainer(loading.key, searcher.model, searcher.gallery)
    explainer = plain.adapt(gallery) if adapts else plain
    probe = {each.content: each for each in pair} if pair else several_images.images_of(chosen)
    descriptors = explainer.describe(list(probe.values()))
    if pair:
        match, other = matches.of_upload(pair[1]), None
    else:
        match, other = match_picker.choose(explainer.gallery, descriptors, chosen.record, images, places)
    probe_regions = explainer.inspect(chosen)
    mean = explainer.average() if baseline == texts.MEAN_IMAGE else None
    results = [match, other] if other else [match]
    explained = [explain(result) for result in results]
except UserError as error:
    st.error(str(error))
    st.stop()

both, attribution = explained[0]
geometry, count = probe_regions.geometry, len(attribution.region_pairs)
tops = scenes.Tops.over([each for _, each in explained], geometry)
c_name = SHARED if baseline == texts.MEAN_IMAGE else BIAS
region_pair = number_in_link(PAIR, count**2, int(np.abs(attribution.region_pairs).argmax()), st.query_params.get)
r, s = divmod(region_pair, count)

unadapted = plain.describe(list(probe.values()))
flags, no_person = person_check.flag_images(loading.checkpoint, unadapted, [each.name for each in pair or ()])
widgets.warn(no_person + unknown_numbers({PAIR: count**2}, st.query_params.get))
if pair:
    calibration = calibrations.read_or_warn(loading.checkpoint)
    uploaded_pair.show_verdict(calibration, attribution.score, not flags.any())
st.markdown(summarise_parts(sum_parts(attribution), geometry.part_names), help=texts.SUMMARY_HELP)
for n, (result, (regions, each)) in enumerate(zip(results, explained, strict=True)):
    shares = np.array([each.score]) if pair or len(probe) == 1 else share_score(explainer, descriptors, result)
    if pair:
        names = (widgets.as_plain_text(each.name) for each in pair)
        st.subheader(texts.CONTRIBUTIONS.format(names=" – ".join(names)))
    else:
        st.subheader(texts.SCORE.format(score=shares.sum(), facts=result.facts))
    if n == 0 and (after := number_in_link(AFTER, len(explainer.gallery) + 1, 0, st.query_params.get)):
        st.markdown(texts.MOVED.format(after=after))
    if explainer.adapted:
        score = share_score(plain, unadapted, result).sum()
        camera = "" if chosen.record else f" {shared_texts.ALL_CAMERAS}"
        st.caption(texts.ADAPTED.format(score=score) + camera)
    if not pair and len(probe) > 1:
        st.markdown(several_images.describe_shares(probe, chosen, shares))
        st.caption(texts.OWN_SCORE.format(score=each.score))
    items, extent = scenes.pair_scene(each, regions, (texts.PROBE, result.facts), tops, (r, s), f"pair{n}")
    region_scene.show(items, extent, texts.PAIR.format(name=result.name), f"pair{n}", pick)
formulas.teach(lessons.PAIR)
show_notes_on_locations(searcher.model.network, probe_regions)

show_download(name, baseline, (chosen.name, match.name), attribution, both)

with linked_widgets.expander(texts.REGIONS_ADD_UP, BARS, icon=":material/waterfall_chart:") as bars:
    if bars.open:
        show_bars([each for _, each in explained], results, geometry, c_name)
with linked_widgets.expander(texts.REGION_PAIRS, PAIRS, icon=":material/grid_on:") as pairs:
    if pairs.open:
        show_region_pair(explainer.models(chosen, image_of(match)), attribution, both, (r, s), pick)
with linked_widgets.expander(texts.DELETION_TEST, CHECK, icon=":material/visibility_off:") as check:
    if check.open:
        st.markdown(texts.DELETION_INTRODUCTION)
        show_deletion(explainer, (chosen, image_of(match)), attribution, both[1], mean)
