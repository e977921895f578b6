"""Compare: why two images match, as a sum over regions, filter pairs and places that is exactly the score."""

import numpy as np
import streamlit as st

from app.compare import explanations, matches, scenes
from app.compare.deletion import show_deletion
from app.compare.sections import show_bars, show_region_pair
from app.components import region_scene
from app.components.image_grid import crop_grid
from app.shared import cache, formulas, gallery_picker, probe_picker, true_matches, widgets
from app.shared.keys import BESIDE, CHECK, FROM, MATCH, MODEL, PAIR, PROBE, REFUSED, WITH
from app.shared.settings import models_for
from app.shared.url_params import number_in_link, unknown_in_link, unknown_numbers
from core.data.subsample import REFERENCE_IMAGES, sample
from core.errors import UserError
from core.explain.region_blocks import block_side, strongest_pair
from core.explain.region_names import BIAS, SHARED

AVERAGE, NOTHING = REFERENCES = ("average image", "nothing")
OTHERS = 12  # images of the ranking to choose from


def pick_match(name: str) -> None:
    st.query_params[MATCH] = name
    st.query_params.pop(PAIR, None)


def pick(grid: str, cell: int) -> None:
    """A link, a cell of the table, or a region: this one with the region that it meets most strongly."""
    if grid == "table":
        blocks = 3 * block_side(side) ** 2
        row, column = divmod(cell, blocks + 1)
        if max(row, column) == blocks:  # c is no region
            return
        row, column = strongest_pair(why.region_pairs, side, row, column)
        cell = row * count + column
    elif grid != "link":
        terms = explained[int(grid[4])][1].region_pairs  # pair0, or pair1 below it; then 0 or 1, the image; the part
        region = int(grid[-1]) * side**2 + cell
        of_probe = grid[5] == "0"
        met = int(np.abs(terms[region] if of_probe else terms[:, region]).argmax())
        cell = region * count + met if of_probe else met * count + region
    st.query_params[PAIR] = str(cell)


def forget_pair() -> None:
    """Another network numbers its regions otherwise."""
    st.query_params.pop(PAIR, None)
    st.query_params.pop(WITH, None)


def explain(answer: matches.Answer):
    """The regions of both images, and why they match."""
    other = probe_picker.named(answer.name, images)
    both = (looked_at, cache.inside(loading.key, other.content, None, model, other.image))
    return both, explanations.why(loading.key, (chosen.content, other.content), measured_from, model, both, reference)


try:
    gallery = gallery_picker.chosen()
    images, models = cache.images(gallery), models_for(gallery)
except UserError as error:
    st.error(str(error))
    st.stop()

probe_picker.model_from_another_page(models)
st.title("Why do these two match?")
st.markdown(
    "The score is a sum over pairs of regions, one of either image: :blue[blue] speaks for the match, "
    ":orange[orange] against it. Click a region or a curve."
)
problems = [
    *st.session_state.get(REFUSED, []),
    *probe_picker.unknown(st.query_params.get(PROBE, ""), images),
    *probe_picker.unknown(st.query_params.get(MATCH, ""), images),
]
asked = {MODEL: models, FROM: REFERENCES, BESIDE: matches.BESIDES, CHECK: ["true", "false"]}
widgets.warn(problems + unknown_in_link(asked, st.query_params.get_all))
controls, photographs = st.container(horizontal=True, gap="medium", vertical_alignment="bottom"), st.container()
try:
    with controls:
        with st.popover("Another probe", icon=":material/person_search:"):
            chosen = probe_picker.linked_or_uploaded(images, photographs, open_out=True)
        place_of_matches = st.container(width="content")
        name = st.selectbox("Model", models, key=MODEL, bind="query-params", width=200, on_change=forget_pair)
        measured = st.segmented_control(
            "Measured from",
            REFERENCES,
            default=AVERAGE,
            required=True,
            key=FROM,
            bind="query-params",
            help="From the average image: what these two share that others do not. From nothing: everything, much of "
            "which all images share and the bias takes off again.",
        )
        place_of_choice = st.container(width="content")
    loading = cache.loading(name, gallery)
    searcher = widgets.wait_for(loading)
    model = searcher.model
    descriptors, _ = cache.descriptors(model, loading.key, chosen.content, [chosen.image])
    named, candidates = st.query_params.get(MATCH, ""), searcher.gallery
    shown = np.zeros(len(candidates), bool)
    if true_matches.is_known(chosen.record):
        shown |= candidates.identities == chosen.record.identity
    top = max(OTHERS, np.count_nonzero(shown) + 1)  # with the first wrong answer
    if named in images.records:
        shown |= candidates.paths == str(images.records[named].path)
    ranking = candidates.search(descriptors, top, None, true_matches.asked_for(chosen.record, True), also=shown)
    if ranking.empty:
        raise UserError("There is no image that counts for this probe, so there is nothing to compare it with.")
    best = widgets.ranking_crops(ranking.head(OTHERS), chosen.record, images)
    match = matches.answer(named if named in images.records else best[0]["id"], ranking, chosen.record, images)
    choice = matches.NOBODY
    if true_matches.is_known(chosen.record):
        choice = place_of_choice.segmented_control(
            "Beside it",
            matches.BESIDES,
            default=matches.usual_choice(match),
            required=True,
            key=BESIDE,
            bind="query-params",
        )
    with place_of_matches.popover("Another match", icon=":material/group:"), st.container(width=560):
        st.caption("The first of the ranking")
        crop_grid(best, "ranking", "Ranking", "other_matches", pick_match)
    other = matches.put_beside(choice, match, ranking, chosen.record, images)
    looked_at = cache.inside(loading.key, chosen.content, None, model, chosen.image)
    reference, measured_from = None, ""
    if measured == AVERAGE:
        averaged = sample(list(candidates.paths), REFERENCE_IMAGES)
        measured_from = cache.content_of(averaged)
        reference = explanations.average(loading.key, measured_from, model, averaged)
    answers = [match, other] if other else [match]
    explained = [explain(answer) for answer in answers]
except UserError as error:
    st.error(str(error))
    st.stop()

both, why = explained[0]
side, count = looked_at.side, len(why.region_pairs)
tops = scenes.Tops.over([each for _, each in explained])
c_name = SHARED if measured == AVERAGE else BIAS
pair = number_in_link(PAIR, count**2, int(np.abs(why.region_pairs).argmax()), st.query_params.get)
r, s = divmod(pair, count)

widgets.warn(unknown_numbers({PAIR: count**2}, st.query_params.get))
for n, (answer, (regions, each)) in enumerate(zip(answers, explained, strict=True)):
    st.subheader(f"Score {each.score:.3f}: {answer.facts}")
    items, extent = scenes.pair_scene(each, regions, ("the probe", answer.facts), tops, (r, s), f"pair{n}")
    region_scene.show(items, extent, f"The probe and {answer.name}", f"pair{n}", pick)
formulas.teach(formulas.PAIR)
rooted = model.network.config.normalise_regions and looked_at.b.shape[1] > 1
st.caption(formulas.PLACES[rooted] + formulas.BLOCKS * (block_side(side) != side))

show_bars([each for _, each in explained], answers, side, c_name)
show_region_pair(model, why, both, (r, s), pick)

st.subheader("The deletion check")
st.markdown("If the terms are right, the score falls as they say when regions of the match are taken away.")
if st.toggle("Take regions away", key=CHECK, bind="query-params"):
    key = (loading.key, chosen.content, cache.content_of([match.record.path]), measured_from)
    show_deletion(key, model, why, both[1])
