"""One image side by side in several region sizes or models."""

import streamlit as st

from app.components import region_scene
from app.regions import lessons, scenes, texts
from app.shared import cache, formulas, linked_widgets, model_cards
from app.shared.keys import OTHERS, RANGE, ROW
from app.shared.probe_picker import Chosen

ROWS = (texts.REGION_SIZES, texts.MODELS)
COMPARED_MODELS = ("pedestrians-cnn", "pedestrians-b_cnn", "pedestrians-mr_bcnn")  # of the same training


def show_row(name: str, random: bool, models: list[str], chosen: Chosen) -> None:
    """Show one image in several region sizes or models. Raises UserError if a model cannot be loaded."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        row = linked_widgets.choose_one(st.segmented_control, texts.COMPARE, ROWS, ROW, required=True)
        shared = linked_widgets.toggle(texts.SHARED_SCALE, RANGE, help=texts.SHARED_SCALE_HELP)
        names = (
            [name]
            if row == texts.REGION_SIZES
            else linked_widgets.choose_several(
                st.multiselect,
                texts.CHOSEN_MODELS,
                models,
                OTHERS,
                default=COMPARED_MODELS if set(COMPARED_MODELS) <= set(models) else models[:3],
                max_selections=6,
                format_func=model_cards.name_of,
            )
        )
    columns = []
    for one in names:
        key, model = cache.model(one, random)
        for size in model.network.config.geometry.region_sizes[::-1] if row == texts.REGION_SIZES else (None,):
            regions = cache.inside(key, chosen.content, size, model, chosen.image)
            columns.append((_title(one, size), texts.REGION_COUNT.format(count=len(regions.matrices)), regions))
    if not columns:
        st.info(texts.SELECT_MODEL)
        return
    if row == texts.REGION_SIZES and columns[0][2].b.shape[1] == 1:
        st.info(texts.NO_REGION_SIZES.format(name=model_cards.short_name_of(name)))
        return
    tops = [float(regions.energy.max()) for _, _, regions in columns]
    items, extent = scenes.row_scene(columns, [max(tops)] * len(tops) if shared else tops)
    region_scene.show(items, extent, texts.COLUMNS, "side_by_side")
    formulas.teach(lessons.SIZES if row == texts.REGION_SIZES else lessons.MODELS)


def _title(name: str, size: int | None) -> str:
    if size:
        return texts.LOCATIONS.format(size=size) if size > 1 else texts.SINGLE_LOCATIONS
    return model_cards.short_name_of(name)[:22]
