"""Regions: one image inside the network, from its parts to one entry of one region's bilinear matrix."""

import streamlit as st

from app.components import region_scene
from app.regions import scenes
from app.regions.comparison import ROWS, SIZES, show_row
from app.regions.top_activations import show_filter_pair
from app.shared import cache, formulas, gallery_picker, probe_picker, widgets
from app.shared.keys import ENTRY, MODEL, OTHERS, PROBE, RANGE, REFUSED, REGION, ROW, SIZE, WEIGHTS, WITH
from app.shared.url_params import number_in_link, unknown_in_link, unknown_numbers
from core.errors import UserError
from core.explain.region_names import entry_name, region_name

OWN = "as trained"
STRONGEST = 8


def pick_region(grid: str, cell: int) -> None:
    part = int(grid.rpartition("-")[2])
    st.query_params[REGION] = str(part * regions.side**2 + cell)
    st.query_params.pop(ENTRY, None)


def pick_entry(grid: str, cell: int) -> None:
    st.query_params[ENTRY] = str(cell)


def pick_pill(key: str) -> None:
    if (picked := st.session_state[key]) is not None:
        pick_entry("", picked)


def forget_region() -> None:
    """Another network or region size numbers its regions otherwise."""
    st.query_params.pop(REGION, None)
    st.query_params.pop(ENTRY, None)
    st.query_params.pop(WITH, None)


try:
    images, models = cache.images(gallery_picker.chosen()), cache.list_models()
except UserError as error:
    st.error(str(error))
    st.stop()

probe_picker.model_from_another_page(models)
st.title("What the network sees in an image")
st.markdown("From the parts of an image to the regions of their maps, and down to a single product. Click a region.")
problems = [*st.session_state.get(REFUSED, []), *probe_picker.unknown(st.query_params.get(PROBE, ""), images)]
asked = {
    MODEL: models,
    SIZE: [OWN, *SIZES],
    WEIGHTS: ["true", "false"],
    RANGE: ["true", "false"],
    ROW: ROWS,
    OTHERS: models,
}
widgets.warn(problems + unknown_in_link(asked, st.query_params.get_all))
left, right = st.columns([1, 5], gap="medium")
try:
    with left:
        chosen = probe_picker.linked_or_uploaded(images, right.container())
    with right, st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = st.selectbox("Model", models, key=MODEL, bind="query-params", width=210, on_change=forget_region)
        size = st.segmented_control(
            "Places along the side of a region",
            [OWN, *SIZES],
            default=OWN,
            required=True,
            key=SIZE,
            bind="query-params",
            on_change=forget_region,
            help="Other sizes pool the maps of the same trained streams.",
        )
        random = st.toggle(
            "Random weights",
            key=WEIGHTS,
            bind="query-params",
            help="The same architecture before training. What it shows too is not learned.",
        )
    key, model = cache.model(name, random)
    regions = cache.inside(key, chosen.content, None if size == OWN else size, model, chosen.image)
except UserError as error:
    right.error(str(error))
    st.stop()

from core.explain.activations import find_strongest, own_region_size  # noqa: E402 - with torch, which takes seconds

pooled = regions.b.shape[1] > 1
count, (rows, columns) = len(regions.matrices), regions.matrices.shape[1:]
with right:
    widgets.warn(unknown_numbers({REGION: count, ENTRY: rows * columns}, st.query_params.get))
region = number_in_link(REGION, count, int(regions.energy.argmax()), st.query_params.get)
matrix = regions.matrices[region]
best = find_strongest(matrix, STRONGEST)
entry = number_in_link(ENTRY, rows * columns, best[0][0] * columns + best[0][1], st.query_params.get)
i, j = divmod(entry, columns)
words = region_name(region, regions.side)

with right, st.container(horizontal=True, gap="medium"):  # one below the other in a narrow window
    one, two = st.container(width=500), st.container(width=350)
with one:
    st.subheader("Parts, regions, energy")
    items, extent = scenes.image_scene(regions, float(regions.energy.max()), region)
    region_scene.show(items, extent, "The image and its regions", "image", pick_region)
    formulas.teach(formulas.ENERGY)
with two:
    st.subheader(f"One region: {words}")
    items, extent = scenes.matrix_scene(matrix, float(matrix.max()), (i, j), "entry")
    region_scene.show(items, extent, f"Bilinear matrix of {words}", "matrix", pick_entry)
    formulas.teach(formulas.MATRIX if pooled else formulas.FEATURES)

with right:
    st.subheader(f"One entry: {entry_name(i, j, columns)}")
    labels = {n * columns + m: f"{entry_name(n, m, columns)}: {matrix[n, m]:.3g}" for n, m in best}
    pill = f"strongest_{region}_{entry}"
    st.pills(
        "Strongest of the region",
        labels,
        default=entry if entry in labels else None,
        format_func=labels.get,
        key=pill,
        on_change=pick_pill,
        args=(pill,),
    )
    items, extent = scenes.product_scene(regions, region, i, j)
    region_scene.show(items, extent, f"The maps of {entry_name(i, j, columns)}", "product")
    a, b, product = regions.filter_pair(region, i, j)
    formulas.teach(formulas.entry(scenes.sum_formula(a, b, matrix[i, j], pooled), pooled))

    st.subheader(f"What {entry_name(i, j, columns)} looks for: {words}")
    if regions.region_size == own_region_size(model.network):
        show_filter_pair(key, model, images, region, regions.side, i, j)
    else:
        st.info("This is shown in the network's own regions, of which its descriptor is made.")

    st.subheader("The same image in other regions")
    try:
        show_row(name, random, list(models), chosen)
    except UserError as error:
        st.error(str(error))
