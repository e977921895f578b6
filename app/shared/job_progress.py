"""The progress of a job: a line and a bar, updated each second without a rerun of the page."""

from collections.abc import Callable

import streamlit as st

from app.shared import texts, widgets
from core.jobs.durations import format_duration
from core.jobs.progress import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, Progress

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
    """Show the progress of a job -> whether it is alive. The page runs again when the job starts or ends.

    `sentence` returns a state in Markdown, or "" to show none. Without a `unit` the bar shows percent.
    """
    alive = look().is_alive
    st.fragment(_show, run_every=INTERVAL_S if alive else None)(look, sentence, unit, alive)
    return alive


def show_state(now: Progress, sentence: str) -> None:
    """Show the state with an icon, and the reason of a failure."""
    if sentence:
        st.markdown(f"{ICONS.get(now.state, '')} {sentence}")
    if now.state in (FAILED, LOST) and now.message:
        st.error(widgets.as_plain_text(now.message))


def show_bar(now: Progress, unit: str) -> None:
    """Show the share that is done, the count and the time left."""
    if unit and not now.total:
        text = now.message or texts.COUNTING.format(unit=unit)
    else:
        text = texts.COUNTED.format(done=now.done, total=now.total, unit=unit) if unit else f"{now.share:.0%}"
        text += "" if now.seconds_left is None else texts.TIME_LEFT.format(time=format_duration(now.seconds_left))
    st.progress(now.share, widgets.as_plain_text(text))


def _show(look: Callable[[], Progress], sentence: Callable[[str], str], unit: str, alive: bool) -> None:
    now = look()
    if alive != now.is_alive:
        st.rerun()  # the rest of the page changes too
    show_state(now, sentence(now.state))
    if alive:
        show_bar(now, unit)
