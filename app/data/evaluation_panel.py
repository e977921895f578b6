"""The evaluation of a named gallery or data set: jobs, results by model, worst probes and cameras of one result."""

from pathlib import Path

import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.data import evaluated, texts
from app.data.comparison_panel import show_comparison
from app.data.evaluated import Evaluated
from app.shared import (
    cache,
    charts,
    context,
    gallery_picker,
    job_progress,
    model_cards,
    model_picker,
    search_links,
    widgets,
)
from app.shared.keys import TABLE
from core.errors import UserError
from core.evaluation import evaluation_job
from core.evaluation.protocols import PROTOCOLS
from core.evaluation.report import Report
from core.jobs.progress import ALIVE, FAILED, LOST, STOPPED
from core.read_only import is_read_only

MAX_WORST_PROBES = 12
FIGURES = {"recall@1": "Recall@1", "recall@5": "Recall@5", "recall@10": "Recall@10", "mAP": "mAP", "mINP": "mINP"}


def show_evaluation(target: Evaluated) -> None:
    """Show the form, the jobs and the results."""
    if target.problem:
        st.info(target.problem)
        return
    protocol = target.protocols[0]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        models = cache.list_models()
        chosen = st.multiselect(
            texts.EVALUATED_MODELS,
            models,
            default=[model_picker.default(models, target.gallery)],
            format_func=model_cards.name_of,
            key=f"evaluate_{target.key}",
            width=420,
            help=texts.EVALUATED_MODELS_HELP if target.gallery else None,
        )
        if len(target.protocols) > 1:
            protocol = st.selectbox(texts.PROTOCOL, target.protocols, key=f"protocol_{target.key}", width=230)
        if not is_read_only():
            st.button(
                texts.EVALUATE,
                type="primary",
                icon=":material/query_stats:",
                key=f"start_{target.key}",
                disabled=not chosen,
                on_click=gallery_picker.attempt,
                args=(_start, target, [models[name] for name in chosen], protocol),
            )
    rule = PROTOCOLS[protocol].sentence
    st.caption(
        texts.EVALUATION_RULE if target.gallery else texts.EVALUATION_RULE_OF.format(protocol=protocol, rule=rule)
    )
    _show_jobs(target)
    reports = target.reports(protocol)
    if not reports:
        st.caption(texts.NO_EVALUATIONS)
        return
    _show_figures(target, reports)
    name = next(iter(reports))
    if len(reports) > 1:
        name = st.selectbox(
            texts.RESULT_OF, reports, format_func=evaluated.shown, key=f"result_{target.key}", width=420
        )
    _show_result(target, reports[name], search_links.searched_with(name, models))
    if len(reports) > 1:
        show_comparison(target, reports)


def _show_jobs(target: Evaluated) -> None:
    """Show the jobs that are alive, and the newest one if it did not finish."""
    for number, job in enumerate(evaluation_job.list_evaluations(target.folder)):
        state = job.state
        if state not in ALIVE and (number or state not in (FAILED, LOST, STOPPED)):
            continue
        model = widgets.as_plain_text(model_cards.name_of(Path(job.read().get("checkpoint", "")).name))
        alive = job_progress.show_progress(
            lambda job=job: job.progress,
            lambda state, model=model: texts.EVALUATION_STATES.get(state, "").format(model=model),
        )
        if alive and not is_read_only():
            st.button(
                texts.STOP_EVALUATION,
                icon=":material/stop:",
                key=f"stop_{target.key}_{job.folder.name}",
                on_click=gallery_picker.attempt,
                args=(job.stop,),
            )


def _show_figures(target: Evaluated, reports: dict[str, Report]) -> None:
    """Show a table with one row per model, the best first."""
    rows = [
        {texts.COLUMN_RESULT: evaluated.shown(name)}
        | {title: report.result["summary"].get(key) for key, title in FIGURES.items()}
        | {texts.COLUMN_PROBES: report.result["summary"]["probes"]}
        | (
            {texts.COLUMN_VERSION: texts.CURRENT_VERSION if target.is_current(report) else texts.EARLIER_VERSION}
            if target.gallery
            else {}
        )
        for name, report in reports.items()
    ]
    percent = {title: st.column_config.NumberColumn(format="%.1f %%") for title in FIGURES.values()}
    st.dataframe(rows, hide_index=True, column_config=percent, key=f"figures_{target.key}")
    seen = [
        f"{evaluated.shown(name)}: {report.overlap.sentence}" for name, report in reports.items() if report.overlap.seen
    ]
    widgets.warn(seen)
    task = next(iter(reports.values())).task
    link = context.link() | {TABLE: task}
    st.page_link("app_pages/results.py", label=texts.OPEN_RESULTS, icon=":material/bar_chart:", query_params=link)


def _show_result(target: Evaluated, report: Report, model: str | None) -> None:
    """Show the worst probes, with links to search for them with the model, and rank-1 by cameras."""
    left, right = st.columns([3, 2], gap="large")
    worst = report.probes.sort_values(["average_precision", "first_rank"], ascending=[True, False], kind="stable")
    with left:
        st.markdown(f"**{texts.WORST_PROBES}**")
        crops = []
        for row in worst.head(MAX_WORST_PROBES).itertuples():
            if source := evaluated.thumbnail(target.root / row.path):
                title = texts.WORST_PROBE.format(
                    name=Path(row.path).name, rank=row.first_rank, precision=row.average_precision
                )
                link = _link(target, target.root / row.path, model, report)
                rank = texts.RANK.format(rank=row.first_rank)
                crops.append(crop(source, title, below=rank, **({"href": link} if link else {})))
        crop_grid(crops, "strip", texts.WORST_PROBES, f"worst_{target.key}")
    with right:
        st.markdown(f"**{texts.RANK_1_BY_CAMERAS}**", help=texts.CAMERAS_TABLE_HELP)
        cameras = report.result["cameras"]
        st.plotly_chart(
            charts.camera_figure(cameras["probe"], cameras["gallery"], cameras["recall@1"]),
            key=f"cameras_{target.key}",
            alt=texts.CAMERAS_ALT,
            config={"displayModeBar": False},
        )


def _link(target: Evaluated, path: Path, model: str | None, report: Report) -> str:
    """Return a link to search the gallery for this image with a model, "" if the page Search does not have it."""
    try:
        images = cache.images(target.gallery)
    except UserError:
        return ""
    name = images.names.get(path)
    return search_links.link(name, model, images, report.result) if name else ""


def _start(target: Evaluated, checkpoints: list[Path], protocol: str) -> None:
    arguments = [] if target.gallery else ["--protocol", protocol]
    for checkpoint in checkpoints:
        evaluation_job.start_evaluation(checkpoint, target.folder, arguments)
