"""Regions: one image inside the network, from its parts to an entry of the bilinear matrix of a region."""

import streamlit as st

from app.components import region_scene
from app.regions import lessons, scenes, texts
from app.regions.comparison import ROWS, show_row
from app.regions.descriptor_steps import show_descriptor
from app.regions.running_sum import show_running_sum
from app.regions.shuffle_experiment import show_shuffles
from app.regions.top_activations import show_filter_pair
from app.shared import (
    cache,
    formulas,
    gallery_picker,
    linked_widgets,
    model_picker,
    person_check,
    probe_picker,
    widgets,
)
from app.shared.address import change_link
from app.shared.keys import ENTRY, MOVED, OTHERS, RANGE, REFUSED, REGION, ROW, SIZE, STEPS, WEIGHTS
from app.shared.url_params import number_in_link, unknown_in_link, unknown_numbers
from core.errors import UserError
from core.explain.region_names import entry_name, region_name

STRONGEST = 8
OF_REGIONS = (REGION, ENTRY)  # other region sizes number their regions differently
OF_NETWORK = (*OF_REGIONS, SIZE)  # and other networks have other sizes


def pick_region(grid: str, cell: int) -> None:
    """Write the region of a clicked cell to the link."""
    part = int(grid.rpartition("-")[2])
    change_link({REGION: str(part * regions.geometry.side**2 + cell), ENTRY: None})


def pick_entry(grid: str, cell: int) -> None:
    """Write the entry of a clicked cell to the link."""
    change_link({ENTRY: str(cell)})


def pick_pill(key: str) -> None:
    """Write the entry of a clicked pill to the link."""
    if (picked := st.session_state[key]) is not None:
        pick_entry("", picked)


try:
    gallery = gallery_picker.chosen()
    images, models = cache.images(gallery), cache.list_models()
except UserError as error:
    st.error(str(error))
    st.stop()

st.title(texts.TITLE)
st.markdown(texts.INTRODUCTION)
problems = st.session_state.get(REFUSED, [])
asked = {
    **dict.fromkeys((WEIGHTS, RANGE, STEPS, MOVED), ["true", "false"]),
    ROW: ROWS,
    OTHERS: models,
}
widgets.warn(problems + unknown_in_link(asked, st.query_params.get_all))
left, right = st.columns([1, 5], gap="medium")
try:
    with left:
        chosen = probe_picker.linked_or_uploaded(images, right.container())
    with right, st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        default = model_picker.default(models, gallery, explains=True)
        name = model_picker.choose(models, default, OF_NETWORK)
        own_geometry = cache.model(name)[1].network.config.geometry
        sizes = [texts.AS_TRAINED, *own_geometry.region_sizes[::-1]]
        size = linked_widgets.choose_one(
            st.segmented_control,
            texts.REGION_SIZE,
            sizes,
            SIZE,
            forgets=OF_REGIONS,
            required=True,
            help=texts.REGION_SIZE_HELP,
        )
        random = linked_widgets.toggle(texts.RANDOM_WEIGHTS, WEIGHTS, help=texts.RANDOM_WEIGHTS_HELP)
    key, model = cache.model(name, random)
    descriptors, _ = cache.descriptors(model, key, chosen.content, [chosen.image])
    regions = cache.inside(key, chosen.content, None if size == texts.AS_TRAINED else size, model, chosen.image)
except UserError as error:
    right.error(str(error))
    st.stop()

from core.explain.activations import find_strongest  # noqa: E402 - with torch, which takes seconds

pooled = regions.b.shape[1] > 1
count, (rows, columns) = len(regions.matrices), regions.matrices.shape[1:]
with right:
    no_person = [] if random else person_check.flag_images(models[name], descriptors)[1]
    unknown = unknown_in_link({SIZE: sizes}, st.query_params.get_all)
    unknown += unknown_numbers({REGION: count, ENTRY: rows * columns}, st.query_params.get)
    widgets.warn(no_person + unknown)
region = number_in_link(REGION, count, int(regions.energy.argmax()), st.query_params.get)
matrix = regions.matrices[region]
strongest = find_strongest(matrix, STRONGEST)
entry = number_in_link(ENTRY, rows * columns, strongest[0][0] * columns + strongest[0][1], st.query_params.get)
i, j = divmod(entry, columns)
geometry = regions.geometry
name_of_region = region_name(region, geometry)

with right, st.container(horizontal=True, gap="medium"):  # stacked in a narrow window
    one, two = st.container(width=500), st.container(width=350)
with one:
    st.subheader(texts.ENERGY)
    items, extent = scenes.image_scene(regions, float(regions.energy.max()), region)
    region_scene.show(items, extent, texts.IMAGE, "image", pick_region)
    formulas.teach(lessons.energy(geometry, pooled))
with two:
    st.subheader(texts.REGION.format(region=name_of_region))
    items, extent = scenes.matrix_scene(matrix, float(matrix.max()), (i, j), "entry")
    region_scene.show(items, extent, texts.MATRIX.format(region=name_of_region), "matrix", pick_entry)
    formulas.teach(lessons.MATRIX if pooled else lessons.FEATURES)

name_of_entry = entry_name(i, j, columns)
with right:
    st.subheader(texts.ENTRY.format(entry=name_of_entry))
    labels = {
        n * columns + m: texts.STRONGEST_ENTRY.format(entry=entry_name(n, m, columns), value=matrix[n, m])
        for n, m in strongest
    }
    pill = f"strongest_{region}_{entry}"
    st.pills(
        texts.STRONGEST_ENTRIES,
        labels,
        default=entry if entry in labels else None,
        format_func=labels.get,
        key=pill,
        on_change=pick_pill,
        args=(pill,),
    )
    items, extent = scenes.product_scene(regions, region, i, j)
    region_scene.show(items, extent, texts.MAPS.format(entry=name_of_entry), "product")
    a, b, product = regions.filter_pair(region, i, j)
    formulas.teach(lessons.entry(scenes.sum_formula(a, b, matrix[i, j], pooled), pooled))

    st.subheader(texts.TOP_ACTIVATIONS.format(entry=name_of_entry, region=name_of_region))
    searching = None
    if geometry == own_geometry:
        searching = show_filter_pair(key, model, images, region, i, j)
    else:
        st.info(texts.OTHER_REGION_SIZE)

    st.subheader(texts.COMPARISON)
    try:
        show_row(name, random, list(models), chosen)
    except UserError as error:
        st.error(str(error))

    st.subheader(texts.RUNNING_SUM.format(region=name_of_region))
    show_running_sum(model, regions, region, entry)

    with linked_widgets.expander(texts.DESCRIPTOR_STEPS, STEPS, icon=":material/conversion_path:") as steps:
        if steps.open and geometry != own_geometry:
            st.info(texts.OTHER_SIZE_NO_DESCRIPTOR)
        elif steps.open:
            show_descriptor(key, model, regions, region, name, chosen, images)
    with linked_widgets.expander(texts.SHUFFLES, MOVED, icon=":material/shuffle:") as moved:
        if moved.open:
            show_shuffles(list(models), chosen, images)

if searching:
    searching.wait()  # after all else
