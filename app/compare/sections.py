"""Sections of the page Compare: notes on locations, contributions as bars, and one region pair by its filter pairs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app.compare import charts, lessons, scenes, texts
from app.compare.matches import Result
from app.components import figure_export, region_scene
from app.shared import formulas
from core.explain.region_names import entry_name, format_signed, region_name
from core.geometry import Geometry

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution, Models
    from core.models.network import Network

STRONGEST = 4
OnPick = Callable[[str, int], None]


def show_notes_on_locations(network: "Network", regions: "Regions") -> None:
    """Say whether the shares of locations are exact, which blocks are shown, and how large the receptive field is."""
    from core.explain.receptive_field import backbone_field  # with torch, which takes seconds
    from core.models.mobilenet import Backbone

    geometry = regions.geometry
    is_shared = network.config.normalise_regions and regions.b.shape[1] > 1  # then no sum over locations
    notes = [texts.LOCATIONS_SHARED if is_shared else texts.LOCATIONS_EXACT]
    if geometry.blocks != geometry:
        notes.append(texts.BLOCKS.format(size=geometry.blocks.region_size))
    st.caption(" ".join(notes))
    if isinstance(network.backbone, Backbone):
        field, rows, columns = backbone_field(network.backbone), geometry.rows, geometry.columns
        st.caption(texts.LARGE_FIELD.format(field=field, rows=rows, columns=columns))


def show_bars(explained: "list[Attribution]", results: list[Result], geometry: Geometry, c_name: str) -> None:
    """Show the bars of the first score, and of the difference if there are two scores."""
    attribution = explained[0]
    with st.container(horizontal=True, gap="medium"):
        left, right = st.container(width=540), st.container(width=540)
    with left:
        bars = charts.waterfall(attribution.of_regions[0], geometry, attribution.rest[0], c_name, end=texts.TOTAL)
        figure_export.show(bars, "waterfall", texts.BARS)
        formulas.teach(lessons.BARS)
    if len(explained) < 2:
        return
    order = sorted(range(2), key=lambda n: explained[n].score)
    (low, high), (worse, better) = [explained[n] for n in order], [results[n] for n in order]
    with right:
        st.markdown(f"**{texts.DIFFERENCE}**")
        bars = charts.waterfall(
            high.of_regions[0] - low.of_regions[0],
            geometry,
            high.rest[0] - low.rest[0],
            c_name,
            (worse.facts, low.score),
            better.facts,
        )
        figure_export.show(bars, "difference", texts.DIFFERENCE_BARS)
        formulas.teach(lessons.difference(better.facts, worse.facts))


def show_region_pair(
    models: "Models",
    attribution: "Attribution",
    both: "tuple[Regions, Regions]",
    pair: tuple[int, int],
    on_pick: OnPick,
) -> None:
    """Show the contributions of all region pairs, and one of them by filter pairs."""
    from core.explain.activations import find_strongest
    from core.explain.attribution import explain_region_pair

    geometry = both[0].geometry
    probe, match = (region_name(region, geometry) for region in pair)
    value = format_signed(attribution.terms[pair])
    st.subheader(texts.REGION_PAIR_HEADING.format(probe=probe, match=match, value=value))
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=440), st.container(width=560)
    with left:
        items, extent = scenes.table_scene(attribution, geometry, pair)
        region_scene.show(items, extent, texts.TABLE, "table", on_pick)
        formulas.teach(lessons.TABLE)
    with right:
        by_filters = explain_region_pair(models, attribution, *pair)
        items, extent = scenes.filter_pairs_scene(both, pair, by_filters)
        region_scene.show(items, extent, texts.FILTER_PAIRS, "filter_pairs")
        columns = by_filters[0].shape[1]
        for name, values in zip((texts.PROBE_IMAGE, texts.MATCH_IMAGE), by_filters, strict=True):
            strongest = "; ".join(
                f"{entry_name(i, j, columns)}: {format_signed(values[i, j])}"
                for i, j in find_strongest(values, STRONGEST)
            )
            st.markdown(
                texts.STRONGEST_FILTER_PAIRS.format(
                    image=name, strongest=strongest, count=values.size, total=format_signed(values.sum())
                )
            )
        formulas.teach(lessons.FILTER_PAIRS)
