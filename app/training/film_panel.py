"""The film of a run's learning: made on demand in a process of its own, shown, and taken away as a file."""

from pathlib import Path

import streamlit as st

from app.shared import job_progress
from app.shared.keys import REFUSED_ACTION
from core.errors import UserError
from core.jobs.file_job import progress_of
from core.jobs.job import FAILED, LOST, QUEUED, RUNNING
from core.training.run_folder import Run

HEIGHT = 640  # pixels: the film with its player
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
            from core.projection.film import film_file

            file = film_file(run)
            if not job_progress.show_progress(lambda: progress_of(file), lambda now: WORDS.get(now, ""), unit=""):
                _show(run, file)


def _show(run: Run, file: Path) -> None:
    from core.projection.film import is_current, kept_film

    html = file.with_suffix(".html")
    film = kept_film(run) if html.exists() else None  # earlier versions kept none
    if film is not None:
        st.iframe(html.read_text(encoding="utf-8"), height=HEIGHT)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if film is not None:
            for label, kind in (("HTML", "text/html"), ("GIF", "image/gif")):
                kept = file.with_suffix(f".{label.lower()}")
                st.download_button(
                    label,
                    kept.read_bytes,
                    f"{run.folder.name}{kept.suffix}",
                    kind,
                    icon=":material/download:",
                    on_click="ignore",
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
    from core.projection.film import start_film

    try:
        start_film(run)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = str(error)
