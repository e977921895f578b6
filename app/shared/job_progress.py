"""A line about a process that goes on without the page: looked at each second, without a rerun of the page."""

from collections.abc import Callable

import streamlit as st

from app.shared import widgets
from core.galleries.gallery_folder import Progress
from core.jobs.status import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING

ICONS = {
    QUEUED: ":material/hourglass_empty:",
    RUNNING: ":material/play_circle:",
    STOPPING: ":material/pause_circle:",
    STOPPED: ":material/pause:",
    FINISHED: ":material/check_circle:",
    FAILED: ":material/error:",
    LOST: ":material/help:",
    "": ":material/radio_button_unchecked:",
}
SECONDS = 1


def show_progress(look: Callable[[], Progress], sentence: Callable[[str], str]) -> None:
    """How far it is; `sentence` says a state in Markdown. The page runs again when the process begins or ends."""
    alive = look().is_alive
    st.fragment(_show, run_every=SECONDS if alive else None)(look, sentence, alive)


def _show(look: Callable[[], Progress], sentence: Callable[[str], str], alive: bool) -> None:
    now = look()
    if alive != now.is_alive:
        st.rerun()  # there is something new to be seen
    st.markdown(f"{ICONS.get(now.state, '')} {sentence(now.state)}")
    if alive:
        left = "" if now.seconds is None else f", about {_time(now.seconds)} left"
        far = f"{now.done:,} of {now.total:,} pictures{left}" if now.total else now.message or "looking for pictures"
        st.progress(now.share, widgets.as_plain_text(far))
    elif now.state in (FAILED, LOST) and now.message:
        st.error(widgets.as_plain_text(now.message))


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
