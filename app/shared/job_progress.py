"""How far background work is: a line and a bar, looked at each second without a rerun of the page."""

from collections.abc import Callable

import streamlit as st

from app.shared import widgets
from core.jobs.job import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, Progress

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
INTERVAL_S = 1


def show_progress(look: Callable[[], Progress], sentence: Callable[[str], str], unit: str = "images") -> bool:
    """How far a job is -> whether it is alive. The page runs again when the job begins or ends.

    `sentence` says a state in Markdown, "" for one of which nothing is to be said; without a `unit` the bar shows
    percent.
    """
    alive = look().is_alive
    st.fragment(_show, run_every=INTERVAL_S if alive else None)(look, sentence, unit, alive)
    return alive


def show_state(now: Progress, sentence: str) -> None:
    """A line with an icon, and why the job failed."""
    if sentence:
        st.markdown(f"{ICONS.get(now.state, '')} {sentence}")
    if now.state in (FAILED, LOST) and now.message:
        st.error(widgets.as_plain_text(now.message))


def show_bar(now: Progress, unit: str) -> None:
    """How much is done, in words too."""
    if unit and not now.total:
        words = now.message or f"looking for {unit}"
    else:
        words = f"{now.done:,} of {now.total:,} {unit}" if unit else f"{now.share:.0%}"
        words += "" if now.seconds_left is None else f", about {_time(now.seconds_left)} left"
    st.progress(now.share, widgets.as_plain_text(words))


def _show(look: Callable[[], Progress], sentence: Callable[[str], str], unit: str, alive: bool) -> None:
    now = look()
    if alive != now.is_alive:
        st.rerun()  # there is something new to be seen
    show_state(now, sentence(now.state))
    if alive:
        show_bar(now, unit)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
