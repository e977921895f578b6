"""The page Training: start, watch, stop, resume and compare runs."""

import streamlit as st

from app.shared import cache, linked_widgets, read_only, widgets
from app.shared.keys import BESIDE_RUNS, NEWEST, REFUSED_ACTION, WATCHED
from app.shared.url_params import unknown_in_link
from app.training import texts
from app.training.film_panel import show_film
from app.training.form import new_run
from app.training.live import show_run
from app.training.run_list import show_runs
from app.training.test_panel import show_test
from core.errors import UserError
from core.training.queue import list_runs

st.title(texts.TITLE)
st.markdown(texts.INTRODUCTION)

folder = cache.runs_folder()
runs = list_runs(folder)
can_start = not read_only.show_note()
if can_start:
    with st.expander(texts.NEW_RUN, icon=":material/add:", expanded=not runs, on_change="rerun", key="new") as expander:
        if expander.open:
            try:
                new_run(folder)
            except UserError as error:
                st.error(str(error))

if refused := st.session_state.pop(REFUSED_ACTION, None):
    widgets.warn([refused])
if not runs:
    if can_start:
        st.info(texts.NO_RUNS)
    st.stop()

names = [run.folder.name for run in runs]
widgets.warn(unknown_in_link({WATCHED: names}, st.query_params.get_all))
label = texts.ONE_RUN if len(runs) == 1 else texts.RUN_COUNT.format(count=len(runs))
with st.expander(label, icon=":material/list:", expanded=len(runs) > 1):
    show_runs(folder)

with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
    if st.session_state.get(NEWEST) not in names:  # a newer run does not replace the one shown
        st.session_state[NEWEST] = names[0]
    watched = linked_widgets.choose_one(
        st.selectbox, texts.RUN, names, WATCHED, default=st.session_state[NEWEST], width=420
    )
    unwatched = [name for name in names if name != watched]
    others = linked_widgets.choose_several(st.multiselect, texts.OTHER_RUNS, unwatched, BESIDE_RUNS, width=420)
show_run(folder / watched, [folder / name for name in others])
show_test(folder / watched)
show_film(folder / watched)
