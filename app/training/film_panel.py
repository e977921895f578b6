"""The film of a run's learning: made on demand in a process of its own, shown, and taken away as a file."""

from pathlib import Path

import streamlit as st

from app.shared import job_progress
from app.shared.keys import REFUSED_ACTION
from app.shared.settings import changed
from core.errors import UserError
from core.jobs.file_job import progress_of
from core.jobs.job import FAILED, LOST, QUEUED, RUNNING
from core.training.run_folder import Run

ROOM = 8  # pixels below the film, so that it needs no scroll bar
WORDS = {
    QUEUED: "The film waits for another film to be finished; you may go elsewhere meanwhile.",
    RUNNING: "The film is being made; you may go elsewhere meanwhile.",
    FAILED: "The film could not be made.",
    LOST: "The making of the film was broken off.",
}


def show_film(folder: Path) -> None:
    """Of a run with two checkpoints or more."""
    run = Run(folder)
    if len(run.checkpoints()) < 2:
        return
    with st.expander("Film of its learning", icon=":material/movie:", on_change="rerun", key="film") as expander:
        if expander.open:
            from core.projection.film_gif import film_file

            file = film_file(run)
            if not job_progress.show_progress(lambda: progress_of(file), lambda now: WORDS.get(now, ""), unit=""):
                _show(run, file)


def _show(run: Run, file: Path) -> None:
    from core.projection.film_gif import is_current, kept_film

    film = kept_film(run)
    if film is not None:
        version = changed(file)
        st.iframe(film_page(file, version, st.context.theme.type == "dark"), height=_height())
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if film is not None:
            name, gif = run.folder.name, file.with_suffix(".gif")
            st.download_button(
                "HTML",
                lambda: film_page(file, version, False),
                f"{name}.html",
                "text/html",
                icon=":material/download:",
                on_click="ignore",
            )
            st.download_button(
                "GIF", gif.read_bytes, f"{name}.gif", "image/gif", icon=":material/download:", on_click="ignore"
            )
        if not is_current(film, run):
            st.button(
                "Make it" if film is None else "Make it anew, with later checkpoints",
                icon=":material/movie:",
                on_click=_start,
                args=(run,),
            )
    if film is None:
        st.caption(
            "People who are not trained on, on a map of each checkpoint, beside the two histograms of the loss. "
            "It takes a minute or two."
        )


def _start(run: Run) -> None:
    from core.projection.film_gif import start_film

    try:
        start_film(run)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = str(error)


def _height() -> int:
    from app.training.film_html import HEIGHT

    return HEIGHT + ROOM


@st.cache_data(max_entries=4, show_spinner=False)
def film_page(file: Path, changed: tuple, dark: bool) -> str:
    """A kept film as a page of its own."""
    from app.training.film_html import film_page
    from core.projection.training_film import Film

    return film_page(Film.open(file), dark)
