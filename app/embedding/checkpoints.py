"""Watch a run learn: the same few people on a map of each of its checkpoints, one after the other."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from app.components import scatter_map
from app.embedding.colours import colouring
from app.embedding.table import FALSE_ALARM, UNSAID, sentences
from app.shared import cache
from app.shared.images import Images
from app.shared.settings import file_versions
from core.folders import list_numbered

PEOPLE, MAX_CHECKPOINTS = 12, 12


def watch_a_run(table: pd.DataFrame, images: Images) -> None:
    """Runs with two checkpoints or more; maps are PCA, each turned to fit the one after it."""
    runs = {path.name: found for path in cache.run_folders() if len(found := checkpoints(path)) > 1}
    with st.expander("Watch a run learn", icon=":material/movie:", on_change="rerun", key="watch_a_run") as expander:
        if not expander.open:
            return
        if not runs:
            st.markdown(
                "As soon as a run has two checkpoints, this shows how its clusters form: "
                "`python -m core train assets/pedestrians --preset demo`."
            )
            return
        run = st.selectbox("Run", runs, key="watched_run", width=320)
        rows = few_people(table)
        paths = list(map(str, table["path"].iloc[rows]))
        written = [file_versions(*sorted(folder.iterdir())) for folder in runs[run]]
        frames = _frames(runs[run], written, cache.content_of(paths), paths)
        steps = [folder.name.lstrip("0") or "0" for folder in runs[run]]
        step = st.select_slider("Steps trained", steps, value=steps[-1], key=f"step_{run}")
        some = table.iloc[rows]
        shown = scatter_map.Shown(sentences(some), np.ones(len(rows), bool))
        scatter_map.point_map(
            f"{run}, step {step}", frames[steps.index(step)], colouring(some["person"]), shown, "", "watched"
        )


def checkpoints(run: Path) -> list[Path]:
    """At most `MAX_CHECKPOINTS` of a run, evenly spread, with the first and the last."""
    found = list_numbered(run / "checkpoints")
    places = np.unique(np.linspace(0, len(found) - 1, MAX_CHECKPOINTS).round().astype(int)) if found else []
    return [found[place] for place in places]


def few_people(table: pd.DataFrame) -> list[int]:
    """Rows of the people with the most images."""
    known = table[~table["part"].eq(FALSE_ALARM) & ~table["person"].eq(UNSAID)]
    people = known["person"].value_counts().index[:PEOPLE]
    return np.flatnonzero(table["person"].isin(people)).tolist()


@cache.of_galleries
@st.cache_data(max_entries=4, show_spinner="Describing images by each checkpoint")
def _frames(folders: list[Path], written: list[tuple], content: str, _paths: list[str]) -> list[np.ndarray]:
    from core.inference.model import load
    from core.projection.projector import Projector, align_map

    maps = [Projector("pca").fit_transform(load(folder).describe(_paths)) for folder in folders]
    for place in reversed(range(len(maps) - 1)):
        maps[place] = align_map(maps[place], maps[place + 1])
    return maps
