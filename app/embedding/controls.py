"""What one may choose about a map: how it is made, what its colours say, which points it shows."""

import numpy as np
import pandas as pd
import streamlit as st

from app.embedding.table import UNSAID
from app.shared.keys import DIMENSIONS, DISTANCE, FILTER, METHOD, NEIGHBOURS, PEOPLE, SEED, VALUES
from core.data.records import DISTRACTOR

METHODS = {"umap": "UMAP", "pca": "PCA"}
SIZES = {2: "2-D", 3: "3-D"}
DEFAULT_PEOPLE = 10  # with the most images, coloured unless others are chosen
MAX_PEOPLE = 12


def choose_map() -> dict:
    """The settings of a `Projector`."""
    method = st.segmented_control(
        "Map", METHODS, default="umap", required=True, format_func=METHODS.get, key=METHOD, bind="query-params"
    )
    dimensions = st.segmented_control(
        "Dimensions", SIZES, default=2, required=True, format_func=SIZES.get, key=DIMENSIONS, bind="query-params"
    )
    with st.popover("UMAP settings", disabled=method != "umap", icon=":material/tune:"):
        neighbours = st.slider(
            "Neighbours kept together",
            2,
            100,
            15,
            key=NEIGHBOURS,
            bind="query-params",
            help="Few: small groups and details. Many: the large image.",
        )
        distance = st.slider(
            "Least distance of points",
            0.0,
            0.9,
            0.5,
            0.05,
            key=DISTANCE,
            bind="query-params",
            help="Small: tight clumps. Large: points spread out.",
        )
        seed = st.number_input(
            "Seed", 0, 9999, 0, key=SEED, bind="query-params", help="Another seed, another map: what stays is real."
        )
    return {
        "method": method,
        "dimensions": dimensions,
        "neighbours": neighbours,
        "min_distance": distance,
        "seed": seed,
    }


def choose_people(table: pd.DataFrame) -> list[str]:
    """Whose points are coloured, if persons are: nobody can tell 200 colours apart."""
    counts = table.loc[~table["person"].isin([DISTRACTOR, UNSAID]), "person"].value_counts()
    return st.multiselect(
        "People in colour",
        sorted(counts.index),
        default=sorted(counts.index[:DEFAULT_PEOPLE]),
        max_selections=MAX_PEOPLE,
        key=PEOPLE,
        width=420,
    )


def choose_filter(table: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """(N,) bool: the points that are shown. One or several columns, of each the values that are wanted."""
    with st.popover("Filter", icon=":material/filter_alt:"):
        names = st.multiselect("Columns", columns, key=FILTER, bind="query-params")
        kept = np.ones(len(table), bool)
        for name in names:
            if pd.api.types.is_float_dtype(table[name]):
                low, high = st.slider(name, 0.0, 1.0, (0.0, 1.0), key=f"{VALUES}_{name}", bind="query-params")
                kept &= table[name].between(low, high).to_numpy()
                continue
            values = sorted(table[name].dropna().unique(), key=str)
            chosen = st.multiselect(name, values, key=f"{VALUES}_{name}", placeholder="all values", bind="query-params")
            if chosen:
                kept &= table[name].isin(chosen).to_numpy()
        if names:
            st.caption(f"{int(kept.sum()):,} of {len(table):,} images")
    return kept
