"""Sections of the page Compare: the terms as bars, and one pair of regions by its filter pairs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app.compare import charts, scenes
from app.compare.matches import Answer
from app.components import region_scene
from app.shared import formulas
from core.explain.region_names import entry_name, format_signed, region_name

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution
    from core.inference.model import Model

STRONGEST = 4
NO_BAR = {"displayModeBar": False}
OnPick = Callable[[str, int], None]


def show_bars(explained: "list[Attribution]", answers: list[Answer], side: int, c_name: str) -> None:
    """Up to the score of the first; and from the lower to the higher score if there are two."""
    why = explained[0]
    with st.container(horizontal=True, gap="medium"):
        left, right = st.container(width=540), st.container(width=540)
    with left:
        st.subheader("The terms add up to the score")
        bars = charts.waterfall(why.of_regions[0], side, why.rest[0], c_name, end="score")
        st.plotly_chart(bars, key="waterfall", alt="The terms that add up to the score", config=NO_BAR)
        formulas.teach(formulas.WATERFALL)
    if len(explained) < 2:
        return
    order = sorted(range(2), key=lambda n: explained[n].score)
    (low, high), (worse, better) = [explained[n] for n in order], [answers[n] for n in order]
    with right:
        st.subheader("What decides between the two")
        bars = charts.waterfall(
            high.of_regions[0] - low.of_regions[0],
            side,
            high.rest[0] - low.rest[0],
            c_name,
            (worse.facts, low.score),
            better.facts,
        )
        st.plotly_chart(bars, key="difference", alt="From one score to the other", config=NO_BAR)
        formulas.teach(formulas.difference(better.facts, worse.facts))


def show_region_pair(
    model: "Model", why: "Attribution", both: "tuple[Regions, Regions]", pair: tuple[int, int], on_pick: OnPick
) -> None:
    """The table of all terms, and one of them by filter pairs."""
    from core.explain.activations import find_strongest
    from core.explain.attribution import explain_region_pair

    words = [region_name(region, both[0].side) for region in pair]
    st.subheader(f"One pair of regions: {words[0]} – {words[1]}, {format_signed(why.terms[pair])}")
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=440), st.container(width=560)
    with left:
        items, extent = scenes.table_scene(why, both[0].side, pair)
        region_scene.show(items, extent, "The table of terms", "table", on_pick)
        formulas.teach(formulas.TABLE)
    with right:
        by_filters = explain_region_pair(model, why, *pair)
        items, extent = scenes.filter_pairs_scene(both, pair, by_filters)
        region_scene.show(items, extent, "The term by filter pairs", "filter_pairs")
        columns = by_filters[0].shape[1]
        for whose, values in zip(("probe", "match"), by_filters, strict=True):
            most = "; ".join(
                f"{entry_name(i, j, columns)}: {format_signed(values[i, j])}"
                for i, j in find_strongest(values, STRONGEST)
            )
            st.markdown(f"Of the **{whose}**: {most}; all {values.size} add up to **{format_signed(values.sum())}**")
        formulas.teach(formulas.FILTER_PAIRS)
