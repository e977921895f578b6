"""A run while it goes on, and afterwards: read from its folder every two seconds, without a rerun of the page."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.shared import cache, job_progress, widgets
from app.shared.keys import REFUSED_ACTION, WITH
from app.shared.pair_histograms import pair_histograms
from app.shared.true_matches import RIGHT, UNKNOWN, WRONG
from app.training.charts import curves
from core.errors import UserError
from core.jobs.job import ALIVE, FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING
from core.training import queue
from core.training.run_folder import METRICS, VALIDATIONS, Run
from core.training.run_table import RunSummary, format_duration, summarise

WORDS = {
    QUEUED: "waits until other runs are done",
    RUNNING: "is being trained",
    STOPPING: "stops after the step under way",
    STOPPED: "is stopped and can go on",
    FINISHED: "is finished",
    FAILED: "failed",
    LOST: "was broken off; it can go on from its newest checkpoint",
    "": "was not begun",
}
CURVES = {
    "loss": "Loss",
    "validation recall@1": "Validation: rank-1, %",
    "validation mAP": "Validation: mAP, %",
    "learning_rate": "Learning rate",
}
INTERVAL_S = 2


def show_run(folder: Path, beside: Sequence[Path]) -> None:
    """A run, with curves of others beside its own."""
    alive = Run(folder).state in ALIVE
    st.fragment(_show, run_every=INTERVAL_S if alive else None)(folder, beside, alive)


def _show(folder: Path, beside: Sequence[Path], alive: bool) -> None:
    run = Run(folder)
    try:
        summary = summarise(run)
    except UserError as error:
        st.error(str(error))
        return
    if alive != summary.progress.is_alive:
        st.rerun()  # the page's list is of another state, and so is how often this looks
    _headline(run, summary)
    rows = {one.name: Run(one).read(METRICS) for one in (folder, *beside)}
    validations = run.read(VALIDATIONS)
    left, middle, right = st.columns(3, gap="small")
    for place, column in ((left, "loss"), (middle, "validation recall@1")):
        with place:
            _figure(curves(rows, column, CURVES[column]), f"curve_{column}")
    with right:
        if validations:
            last = validations[-1]
            _figure(
                pair_histograms(last["positive"], last["negative"], f"Validation pairs, step {last['step']:,}"), "pairs"
            )
        else:
            _figure(curves(rows, "learning_rate", CURVES["learning_rate"]), "curve_learning_rate")
    if validations:
        _answers(validations)
    with st.expander("More curves", icon=":material/show_chart:", on_change="rerun", key="more_curves") as more:
        if more.open:
            for place, column in zip(st.columns(2), ("validation mAP", "learning_rate"), strict=True):
                with place:
                    _figure(curves(rows, column, CURVES[column]), f"more_{column}")
    with st.expander("Log", icon=":material/notes:", expanded=summary.progress.state == FAILED):
        st.code("\n".join(run.job.log_tail(15)) or "Nothing yet.", language=None)


def _headline(run: Run, summary: RunSummary) -> None:
    now, name = summary.progress, widgets.as_plain_text(summary.name)
    job_progress.show_state(now, f"**{name}** {WORDS.get(now.state, now.state)}.")
    job_progress.show_bar(now, "steps")
    figures = {
        "Loss": "–" if summary.loss is None else f"{summary.loss:.4f}",
        "Best validation rank-1": "–" if summary.best is None else f"{summary.best:.1f} %",
        "Images a second": "–" if summary.images_per_second is None else f"{summary.images_per_second:.0f}",
        "Time left": "–" if now.seconds_left is None else format_duration(now.seconds_left),
    }
    for place, (label, value) in zip(st.columns(4), figures.items(), strict=True):
        place.metric(label, value)
    _buttons(run, now.state)


def _buttons(run: Run, now: str) -> None:
    """What can be done with a run in its state."""
    with st.container(horizontal=True, gap="small"):
        if now in ALIVE:
            st.button(
                "Stop",
                icon=":material/stop:",
                on_click=_do,
                args=(queue.stop, run),
                disabled=now == STOPPING,
                help="Finishes the step under way, saves, and can go on later.",
            )
        elif now != FINISHED:
            st.button("Go on", icon=":material/play_arrow:", type="primary", on_click=_do, args=(queue.launch, run))
        if run.checkpoints() and now == FINISHED:
            for label, page in (
                ("Search with it", "search"),
                ("See its regions", "regions"),
                ("See its map", "embedding"),
            ):
                st.page_link(f"app_pages/{page}.py", label=label, query_params={WITH: f"runs/{run.folder.name}"})
        if now not in ALIVE:
            with st.popover("Delete", icon=":material/delete:"):
                st.markdown(f"Delete **{widgets.as_plain_text(run.folder.name)}** with all its checkpoints, for good?")
                st.button("Delete it", type="primary", on_click=_do, args=(queue.delete, run))


def _do(action, run: Run) -> None:
    try:
        action(run)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = str(error)


def _answers(validations: list[dict]) -> None:
    """The same few probes at every look, so that one sees it learn."""
    st.markdown("**Can it find them?** A fixed handful of people who are not trained on, and its first answers")
    answers = validations[-1]["answers"]
    for place, shown in zip(st.columns(max(1, len(answers))), answers, strict=False):
        with place:
            crops = []
            for path, mark, words in [(shown["probe"], UNKNOWN, "probe")] + [
                (answer["path"], RIGHT if answer["right"] else WRONG, f"answer {number}")
                for number, answer in enumerate(shown["answers"], start=1)
            ]:
                try:
                    crops.append(crop(cache.thumbnail(path), words, mark))
                except (UserError, OSError):
                    continue  # the data were moved away
            crop_grid(crops, "learned", "A probe and its first answers", f"learned_{shown['probe']}")


def _figure(figure, key: str) -> None:
    st.plotly_chart(figure, key=key, config={"displayModeBar": False})
