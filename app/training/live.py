"""The state, curves and validation results of a run. They are read every two seconds while the run is active."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.components import figure_export
from app.components.image_grid import crop, crop_grid
from app.shared import cache, context, job_progress, widgets
from app.shared.address import change_link
from app.shared.keys import GALLERY, MODEL, REFUSED_ACTION, WATCHED
from app.shared.pair_histograms import pair_histograms
from app.shared.true_matches import RIGHT, UNKNOWN, WRONG
from app.training import texts
from app.training.charts import curves
from core.errors import UserError, explain
from core.jobs.durations import format_duration
from core.jobs.progress import ALIVE, FAILED, FINISHED, STOPPING
from core.read_only import is_read_only
from core.training import queue
from core.training.run_folder import METRICS, VALIDATIONS, Run
from core.training.run_table import RunSummary, summarise

INTERVAL_S = 2


def show_run(folder: Path, others: Sequence[Path]) -> None:
    """Show a run, with the curves of other runs."""
    alive = _alive(folder, *others)
    st.fragment(_show, run_every=INTERVAL_S if any(alive) else None)(folder, others, alive)


def _alive(*folders: Path) -> list[bool]:
    return [Run(folder).state in ALIVE for folder in folders]


def _show(folder: Path, others: Sequence[Path], alive: list[bool]) -> None:
    run = Run(folder)
    try:
        summary = summarise(run)
    except UserError as error:
        st.error(str(error))
        return
    if alive != _alive(folder, *others):
        st.rerun()  # the list of runs and the interval depend on the states
    _headline(run, summary)
    _compared(others)
    rows = {one.name: Run(one).read(METRICS) for one in (folder, *others)}
    validations = run.read(VALIDATIONS)
    left, middle, right = st.columns(3, gap="small")
    for side, column in ((left, "loss"), (middle, "validation recall@1")):
        with side:
            _figure(curves(rows, column, texts.CURVES[column]), f"curve_{column}")
    with right:
        if validations:
            last = validations[-1]
            title = texts.VALIDATION_PAIRS.format(step=last["step"])
            _figure(pair_histograms(last["positive"], last["negative"], title), "pairs")
        else:
            _figure(curves(rows, "learning_rate", texts.CURVES["learning_rate"]), "curve_learning_rate")
    if validations:
        _validation_results(validations)
    with st.expander(texts.MORE_CURVES, icon=":material/show_chart:", on_change="rerun", key="more_curves") as more:
        if more.open:
            for side, column in zip(st.columns(2), ("validation mAP", "learning_rate"), strict=True):
                with side:
                    _figure(curves(rows, column, texts.CURVES[column]), f"more_{column}")
    with st.expander(texts.LOG, icon=":material/notes:", expanded=summary.progress.state == FAILED):
        st.code("\n".join(run.job.log_tail(15)) or texts.EMPTY_LOG, language=None)


def _headline(run: Run, summary: RunSummary) -> None:
    now, name = summary.progress, widgets.as_plain_text(summary.name)
    job_progress.show_state(now, texts.HEADLINE.format(name=name, state=texts.STATES.get(now.state, now.state)))
    job_progress.show_bar(now, texts.UNIT)
    figures = {
        texts.LOSS: texts.UNKNOWN_FIGURE if summary.loss is None else f"{summary.loss:.4f}",
        texts.BEST_RANK_1: texts.UNKNOWN_FIGURE if summary.best is None else f"{summary.best:.1f} %",
        texts.IMAGES_PER_SECOND: texts.UNKNOWN_FIGURE
        if summary.images_per_second is None
        else f"{summary.images_per_second:.0f}",
        texts.TIME_LEFT: texts.UNKNOWN_FIGURE if now.seconds_left is None else format_duration(now.seconds_left),
    }
    for side, (label, value) in zip(st.columns(4), figures.items(), strict=True):
        side.metric(label, value)
    _buttons(run, now.state)


def _compared(others: Sequence[Path]) -> None:
    """Show the state and the figures of the other runs, one line each."""
    for folder in others:
        try:
            one = summarise(Run(folder))
        except UserError as error:
            st.error(str(error))
            continue
        facts = [
            texts.HEADLINE.format(
                name=widgets.as_plain_text(one.name), state=texts.STATES.get(one.progress.state, one.progress.state)
            ),
            texts.STEPS_DONE.format(done=one.progress.done, total=one.progress.total),
            "" if one.loss is None else texts.LOSS_IS.format(loss=one.loss),
            "" if one.best is None else texts.BEST_IS.format(best=one.best),
        ]
        st.caption(" ".join(filter(None, facts)))


def _buttons(run: Run, state: str) -> None:
    """Show the actions that the state of a run allows."""
    can_change = not is_read_only()
    with st.container(horizontal=True, gap="small"):
        if can_change and state in ALIVE:
            st.button(
                texts.STOP,
                icon=":material/stop:",
                on_click=_do,
                args=(queue.stop, run),
                disabled=state == STOPPING,
                help=texts.STOP_HELP,
            )
        elif can_change and state != FINISHED:
            st.button(
                texts.RESUME, icon=":material/play_arrow:", type="primary", on_click=_do, args=(queue.launch, run)
            )
        if run.checkpoints() and state == FINISHED:
            kept = {} if GALLERY in st.query_params else context.link()  # another model indexed a named gallery
            for label, page in (
                (texts.SEARCH_WITH_MODEL, "search"),
                (texts.SHOW_REGIONS, "regions"),
                (texts.SHOW_MAP, "embedding"),
            ):
                st.page_link(
                    f"app_pages/{page}.py", label=label, query_params=kept | {MODEL: f"runs/{run.folder.name}"}
                )
        if can_change and state not in ALIVE:
            with st.popover(texts.DELETE, icon=":material/delete:"):
                st.markdown(texts.CONFIRM_DELETE.format(name=widgets.as_plain_text(run.folder.name)))
                st.button(texts.DELETE_RUN, type="primary", on_click=_do, args=(_delete, run))


def _do(action, run: Run) -> None:
    try:
        action(run)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = explain(error)


def _delete(run: Run) -> None:
    queue.delete(run)
    change_link({WATCHED: None})


def _validation_results(validations: list[dict]) -> None:
    """Show the first results of a few probes, the same at each validation."""
    st.markdown(texts.VALIDATION_RESULTS)
    examples = validations[-1]["answers"]
    for side, example in zip(st.columns(max(1, len(examples))), examples, strict=False):
        with side:
            crops = []
            for path, mark, title in [(example["probe"], UNKNOWN, texts.PROBE)] + [
                (result["path"], RIGHT if result["right"] else WRONG, texts.RESULT.format(rank=rank))
                for rank, result in enumerate(example["answers"], start=1)
            ]:
                try:
                    crops.append(crop(cache.thumbnail(path), title, mark))
                except (UserError, OSError):
                    continue  # the data set was moved
            crop_grid(crops, "learned", texts.VALIDATION_RESULTS_LABEL, f"learned_{example['probe']}")


def _figure(figure, key: str) -> None:
    figure_export.show(figure, key, figure.layout.title.text)
