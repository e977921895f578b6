"""Maps of the same few identities by each checkpoint of a run."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from app.components import scatter_map
from app.embedding import texts
from app.embedding.colours import colouring
from app.embedding.table import DISTRACTOR_SUBSET, UNKNOWN, point_labels
from app.shared import cache
from app.shared.images import Images
from app.shared.settings import file_versions
from core.folders import list_numbered

MAX_IDENTITIES, MAX_CHECKPOINTS = 12, 12


def show_checkpoints(table: pd.DataFrame, images: Images) -> None:
    """Show PCA maps of a run with two checkpoints or more, each aligned with the next one."""
    runs = {path.name: found for path in cache.run_folders() if len(found := checkpoints(path)) > 1}
    with st.expander(texts.CHECKPOINTS, icon=":material/movie:", on_change="rerun", key="watch_a_run") as expander:
        if not expander.open:
            return
        if not runs:
            st.markdown(texts.NO_CHECKPOINTS)
            return
        run = st.selectbox(texts.RUN, runs, key="watched_run", width=320)
        rows = rows_of_largest_identities(table)
        if not rows:
            st.info(texts.NO_IDENTITIES)
            return
        paths = list(map(str, table["path"].iloc[rows]))
        written = [file_versions(*sorted(folder.iterdir())) for folder in runs[run]]
        frames = _frames(runs[run], written, cache.content_of(paths), paths)
        steps = [folder.name.lstrip("0") or "0" for folder in runs[run]]
        step = st.select_slider(texts.STEP, steps, value=steps[-1], key=f"step_{run}")
        points = table.iloc[rows]
        shown = scatter_map.Shown(point_labels(points), np.ones(len(rows), bool))
        scatter_map.point_map(
            texts.CHECKPOINT_MAP.format(run=run, step=step),
            frames[steps.index(step)],
            colouring(points["identity"]),
            shown,
            "",
            "watched",
        )


def checkpoints(run: Path) -> list[Path]:
    """Return the checkpoints of a run, at most `MAX_CHECKPOINTS`: evenly spread, with the first and the last one."""
    found = list_numbered(run / "checkpoints")
    positions = np.unique(np.linspace(0, len(found) - 1, MAX_CHECKPOINTS).round().astype(int)) if found else []
    return [found[position] for position in positions]


def rows_of_largest_identities(table: pd.DataFrame) -> list[int]:
    """Rows of the `MAX_IDENTITIES` identities with the most images."""
    known = table[~table["subset"].eq(DISTRACTOR_SUBSET) & ~table["identity"].eq(UNKNOWN)]
    identities = known["identity"].value_counts().index[:MAX_IDENTITIES]
    return np.flatnonzero(table["identity"].isin(identities)).tolist()


@cache.of_galleries
@st.cache_data(max_entries=4, show_spinner=texts.DESCRIBING_CHECKPOINTS)
def _frames(folders: list[Path], written: list[tuple], content: str, _paths: list[str]) -> list[np.ndarray]:
    from core.inference.model import load
    from core.projection.linear_maps import align_map
    from core.projection.projector import Projector

    maps = [Projector("pca").fit_transform(load(folder).describe(_paths)) for folder in folders]
    for position in reversed(range(len(maps) - 1)):
        maps[position] = align_map(maps[position], maps[position + 1])
    return maps
