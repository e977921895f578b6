"""The list of runs, drawn again every ten seconds while one is alive."""

from pathlib import Path

import streamlit as st

from app.training import texts
from core.errors import UserError
from core.jobs.durations import format_duration
from core.jobs.progress import ALIVE
from core.training.queue import list_runs
from core.training.run_table import summarise

INTERVAL_S = 10  # longer than that of the shown run, because the metrics of all runs are read
COLUMNS = {
    texts.COLUMN_PROGRESS: st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
    texts.COLUMN_STEPS: st.column_config.NumberColumn(format="%d"),
    texts.COLUMN_LOSS: st.column_config.NumberColumn(format="%.4f"),
    texts.COLUMN_BEST: st.column_config.NumberColumn(format="%.1f %%"),
}


def show_runs(folder: Path) -> None:
    """Show the state and the figures of each run."""
    alive = _alive(folder)
    st.fragment(_show, run_every=INTERVAL_S if any(alive.values()) else None)(folder, alive)


def _alive(folder: Path) -> dict[str, bool]:
    return {run.folder.name: run.state in ALIVE for run in list_runs(folder)}


def _show(folder: Path, alive: dict[str, bool]) -> None:
    if alive != _alive(folder):
        st.rerun()  # the boxes to choose runs and the interval depend on the runs and their states
    rows = []
    for run in list_runs(folder):
        try:
            summary = summarise(run)
        except UserError as error:
            rows.append({texts.COLUMN_RUN: run.folder.name, texts.COLUMN_STATE: str(error)})
            continue
        rows.append(
            {
                texts.COLUMN_RUN: summary.name,
                texts.COLUMN_STATE: texts.STATE_NAMES.get(summary.progress.state, summary.progress.state),
                texts.COLUMN_PROGRESS: summary.progress.share,
                texts.COLUMN_STEPS: summary.progress.total,
                texts.COLUMN_LOSS: summary.loss,
                texts.COLUMN_BEST: summary.best,
                texts.COLUMN_TIME_LEFT: format_duration(summary.progress.seconds_left),
            }
        )
    st.dataframe(rows, hide_index=True, column_config=COLUMNS, key="run_list")
