"""The training studio: a window onto run folders, in which trainings are begun, watched, stopped and compared."""

import streamlit as st

from app.shared import cache, widgets
from app.shared.keys import BESIDE_RUNS, REFUSED_ACTION, WATCHED
from app.training.film_panel import show_film
from app.training.form import new_run
from app.training.live import show_run
from core.errors import UserError
from core.training.queue import list_runs
from core.training.run_table import format_duration, summarise

st.title("Training")
st.markdown("A run is a process of its own, and its folder holds the truth: close this page, and it goes on.")

folder = cache.runs_folder()
runs = list_runs(folder)
with st.expander("Begin a new run", icon=":material/add:", expanded=not runs, on_change="rerun", key="new") as expander:
    if expander.open:
        try:
            new_run(folder)
        except UserError as error:
            st.error(str(error))

if refused := st.session_state.pop(REFUSED_ACTION, None):
    widgets.warn([refused])
if not runs:
    st.info("There is no run yet. The recipe **demo** learns to find people within three minutes on two cores.")
    st.stop()

names = [run.folder.name for run in runs]
rows = []
for run in runs:
    try:
        summary = summarise(run)
    except UserError as error:
        rows.append({"Run": run.folder.name, "State": str(error)})
        continue
    rows.append(
        {
            "Run": summary.name,
            "State": summary.progress.state or "not started",
            "Steps": summary.progress.share,
            "of": summary.progress.total,
            "Loss": summary.loss,
            "Best rank-1": summary.best,
            "Time left": format_duration(summary.progress.seconds_left),
        }
    )
words = "One run" if len(runs) == 1 else f"All {len(runs)} runs"
with st.expander(words, icon=":material/list:", expanded=len(runs) > 1):
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "Steps": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "of": st.column_config.NumberColumn(format="%d steps"),
            "Loss": st.column_config.NumberColumn(format="%.4f"),
            "Best rank-1": st.column_config.NumberColumn(format="%.1f %%"),
        },
    )

with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
    if st.session_state.get(WATCHED) not in names:
        st.session_state.pop(WATCHED, None)
    watched = st.selectbox("Run", names, key=WATCHED, bind="query-params", width=420)
    others = st.multiselect(
        "Curves of others beside it",
        [name for name in names if name != watched],
        key=BESIDE_RUNS,
        bind="query-params",
        width=420,
    )
show_run(folder / watched, [folder / name for name in others])
show_film(folder / watched)
