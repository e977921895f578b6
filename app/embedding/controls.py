"""The settings of the maps: method, coloured identities, and filter."""

import numpy as np
import pandas as pd
import streamlit as st

from app.embedding import texts
from app.embedding.table import FALSE_MATCH, TRUE_MATCH, UNKNOWN
from app.shared import linked_widgets
from app.shared.keys import BESIDE_MODEL, COLOUR, DIMENSIONS, DISTANCE, FILTER, METHOD, NEIGHBOURS, PEOPLE, SEED, VALUES
from app.shared.url_params import Link, rename_values
from core.data.records import DISTRACTOR

NO_OTHER = "none"
DEFAULT_IDENTITIES = 10  # coloured by default: those with the most images
MAX_IDENTITIES = 12
EARLIER_COLUMNS = {"person": "identity", "part": "subset"}  # names in links of earlier versions
EARLIER_VALUES = {
    BESIDE_MODEL: {"no other": NO_OTHER},
    COLOUR: EARLIER_COLUMNS,
    FILTER: EARLIER_COLUMNS,
    f"{VALUES}_rank-1": {"right": TRUE_MATCH, "wrong": FALSE_MATCH},
    f"{VALUES}_identity": {"not known": UNKNOWN},
    f"{VALUES}_camera": {"not known": UNKNOWN},
}


def update_link(link: Link) -> Link:
    """Replace names and values of earlier versions in a link."""
    renamed = {}
    for name, values in link.items():
        prefix, _, column = name.partition("_")
        renamed[f"{VALUES}_{EARLIER_COLUMNS.get(column, column)}" if prefix == VALUES else name] = values
    return rename_values(renamed, EARLIER_VALUES)


def choose_map() -> dict:
    """Show the settings of the map; return them as arguments of `Projector`."""
    method = linked_widgets.choose_one(
        st.segmented_control,
        texts.METHOD,
        texts.METHODS,
        METHOD,
        default="umap",
        format_func=texts.METHODS.get,
        required=True,
    )
    dimensions = linked_widgets.choose_one(
        st.segmented_control,
        texts.DIMENSIONS,
        texts.DIMENSION_NAMES,
        DIMENSIONS,
        default=2,
        format_func=texts.DIMENSION_NAMES.get,
        required=True,
    )
    with st.popover(texts.UMAP_SETTINGS, disabled=method != "umap", icon=":material/tune:"):
        neighbours = linked_widgets.number(
            st.slider, texts.NEIGHBOURS, 2, 100, NEIGHBOURS, default=15, help=texts.NEIGHBOURS_HELP
        )
        distance = linked_widgets.number(
            st.slider, texts.DISTANCE, 0.0, 0.9, DISTANCE, default=0.5, step=0.05, help=texts.DISTANCE_HELP
        )
        seed = linked_widgets.number(st.number_input, texts.SEED, 0, 9999, SEED, default=0, help=texts.SEED_HELP)
    return {
        "method": method,
        "dimensions": dimensions,
        "neighbours": neighbours,
        "min_distance": distance,
        "seed": seed,
    }


def choose_identities(table: pd.DataFrame) -> list[str]:
    """Show the choice of the identities to colour: at most MAX_IDENTITIES, so that their colours differ clearly."""
    counts = table.loc[~table["identity"].isin([DISTRACTOR, UNKNOWN]), "identity"].value_counts()
    if counts.empty:  # unlabelled images
        return []
    return st.multiselect(
        texts.COLOURED_IDENTITIES,
        sorted(counts.index),
        default=sorted(counts.index[:DEFAULT_IDENTITIES]),
        max_selections=MAX_IDENTITIES,
        key=PEOPLE,
        width=420,
    )


def choose_filter(table: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Show the filter: values of one or several columns. Return the points to show, (N,) bool."""
    with st.popover(texts.FILTER, icon=":material/filter_alt:"):
        names = linked_widgets.choose_several(st.multiselect, texts.FILTER_COLUMNS, columns, FILTER)
        shown = np.ones(len(table), bool)
        for name in names:
            if pd.api.types.is_float_dtype(table[name]):
                low, high = linked_widgets.range_slider(name, 0.0, 1.0, f"{VALUES}_{name}")
                if (low, high) != (0.0, 1.0):  # the full range also shows images without a value
                    shown &= table[name].between(low, high).to_numpy()
                continue
            values = sorted(table[name].dropna().unique(), key=str)
            chosen = linked_widgets.choose_several(
                st.multiselect, name, values, f"{VALUES}_{name}", placeholder=texts.ALL_VALUES
            )
            if chosen:
                shown &= table[name].isin(chosen).to_numpy()
        if names:
            st.caption(texts.FILTERED.format(count=int(shown.sum()), total=len(table)))
    return shown
