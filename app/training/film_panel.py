"""The training film of a run: rendered on request by a job, shown, and downloaded."""

from pathlib import Path

import streamlit as st

from app.shared import job_progress
from app.shared.keys import REFUSED_ACTION
from app.training import texts
from core.errors import UserError, explain
from core.jobs.file_job import progress_of
from core.read_only import is_read_only
from core.training.run_folder import Run

PLAYER_HEIGHT = 640  # pixels


def show_film(folder: Path) -> None:
    """Show the film of a run with two checkpoints or more."""
    run = Run(folder)
    if len(run.checkpoints()) < 2:
        return
    with st.expander(texts.FILM, icon=":material/movie:", on_change="rerun", key="film") as expander:
        if expander.open:
            from core.projection.film import film_file

            file = film_file(run)
            is_alive = job_progress.show_progress(
                lambda: progress_of(file), lambda state: texts.FILM_STATES.get(state, ""), unit=""
            )
            if not is_alive:
                _show(run, file)


def _show(run: Run, file: Path) -> None:
    from core.projection.film import is_current, load_film

    html = file.with_suffix(".html")
    film = load_film(run) if html.exists() else None  # earlier versions stored none
    if film is not None:
        st.iframe(html.read_text(encoding="utf-8"), height=PLAYER_HEIGHT)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if film is not None:
            for label, kind in (("HTML", "text/html"), ("GIF", "image/gif")):
                download = file.with_suffix(f".{label.lower()}")
                st.download_button(
                    label,
                    download.read_bytes,
                    f"{run.folder.name}{download.suffix}",
                    kind,
                    icon=":material/download:",
                    on_click="ignore",
                )
        if not is_read_only() and not is_current(film, run):
            st.button(
                texts.RENDER_FILM if film is None else texts.RENDER_FILM_AGAIN,
                icon=":material/movie:",
                on_click=_start,
                args=(run,),
            )
    if film is None:
        st.caption(texts.ABOUT_FILM)


def _start(run: Run) -> None:
    from core.projection.film import start_film

    try:
        start_film(run)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = explain(error)
