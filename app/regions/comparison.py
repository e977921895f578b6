"""The same image several times, side by side: in regions of each size, or in several models."""

import streamlit as st

from app.components import region_scene
from app.regions import scenes
from app.shared import cache, formulas
from app.shared.keys import OTHERS, RANGE, ROW
from app.shared.probe_picker import Chosen

SIZES = (15, 5, 3, 1)
OF_SIZES, OF_MODELS = ROWS = ("region sizes", "models")


def show_row(name: str, random: bool, models: list[str], chosen: Chosen) -> None:
    """Raises UserError if a model cannot be loaded."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        row = st.segmented_control("Compare", ROWS, default=OF_SIZES, required=True, key=ROW, bind="query-params")
        shared = st.toggle(
            "One scale for all", key=RANGE, bind="query-params", help="Off: the brightest region of each is full."
        )
        names = (
            [name]
            if row == OF_SIZES
            else st.multiselect("Models", models, default=models[:3], key=OTHERS, bind="query-params", max_selections=6)
        )
    columns = []
    for one in names:
        key, model = cache.model(one, random)
        for size in SIZES if row == OF_SIZES else (None,):
            regions = cache.inside(key, chosen.content, size, model, chosen.image)
            columns.append((_title(one, size), f"{len(regions.matrices)} regions", regions))
    if not columns:
        st.info("Choose a model.")
        return
    if row == OF_SIZES and columns[0][2].b.shape[1] == 1:
        st.info(f"{name} has one stream and pools nothing, so there are no other regions: compare models instead.")
        return
    tops = [float(regions.energy.max()) for _, _, regions in columns]
    items, extent = scenes.row_scene(columns, [max(tops)] * len(tops) if shared else tops)
    region_scene.show(items, extent, "The image side by side", "side_by_side")
    formulas.teach(formulas.SIZES if row == OF_SIZES else formulas.MODELS)


def _title(name: str, size: int | None) -> str:
    if size:
        return f"{size} × {size} places" if size > 1 else "single places"
    return name.removeprefix("pedestrians-")[:22]
