"""The settings of the maps: method, coloured identities, and filter."""

import numpy as np
import pandas as pd
import streamlit as st

from app.embedding import texts
from app.embedding.table import FALSE_MATCH, TRUE_MATCH, UNKNOWN
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
    method = st.segmented_control(
        texts.METHOD,
        texts.METHODS,
        default="umap",
        required=True,
        format_func=texts.METHODS.get,
        key=METHOD,
        bind="query-params",
    )
    dimensions = st.segmented_control(
        texts.DIMENSIONS,
        texts.DIMENSION_NAMES,
        default=2,
        required=True,
        format_func=texts.DIMENSION_NAMES.get,
        key=DIMENSIONS,
        bind="query-params",
    )
    with st.popover(texts.UMAP_SETTINGS, disabled=method != "umap", icon=":material/tune:"):
        neighbours = st.slider(
            texts.NEIGHBOURS,
            2,
            100,
            15,
            key=NEIGHBOURS,
            bind="query-params",
            help=texts.NEIGHBOURS_HELP,
        )
        distance = st.slider(
            texts.DISTANCE,
            0.0,
            0.9,
            0.5,
            0.05,
            key=DISTANCE,
            bind="query-params",
            help=texts.DISTANCE_HELP,
        )
        seed = st.number_input(texts.SEED, 0, 9999, 0, key=SEED, bind="query-params", help=texts.SEED_HELP)
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
        names = st.multiselect(texts.FILTER_COLUMNS, columns, key=FILTER, bind="query-params")
        shown = np.ones(len(table), bool)
        for name in names:
            if pd.api.types.is_float_dtype(table[name]):
                low, high = st.slider(name, 0.0, 1.0, (0.0, 1.0), key=f"{VALUES}_{name}", bind="query-params")
                shown &= table[name].between(low, high).to_numpy()
                continue
            values = sorted(table[name].dropna().unique(), key=str)
            chosen = st.multiselect(
                name, values, key=f"{VALUES}_{name}", placeholder=texts.ALL_VALUES, bind="query-params"
            )
            if chosen:
                shown &= table[name].isin(chosen).to_numpy()
        if names:
            st.caption(texts.FILTERED.format(count=int(shown.sum()), total=len(table)))
    return shown
