"""The test of a run on the test identities of its data set: a job, and its metrics."""

from pathlib import Path

import streamlit as st

from app.shared import context, job_progress, widgets
from app.shared.keys import REFUSED_ACTION
from app.shared.settings import file_versions
from app.training import texts
from core.errors import UserError, explain
from core.evaluation import evaluation_job
from core.evaluation.report import EVALUATIONS, RESULT, Report, read_report
from core.jobs.progress import ALIVE
from core.read_only import is_read_only
from core.training.run_folder import Run

FIGURES = {"recall@1": "Recall@1", "recall@5": "Recall@5", "recall@10": "Recall@10", "mAP": "mAP", "mINP": "mINP"}


def show_test(folder: Path) -> None:
    """Show the button to test a run, the progress of its job, and the results of the run."""
    run = Run(folder)
    try:
        data = run.data.get("folder")
    except UserError:
        return  # the page has shown the error already
    if not data or not run.checkpoints() or run.state in ALIVE:
        return
    job = evaluation_job.find_evaluation(folder, Path(data))
    st.markdown(texts.TEST)
    alive = job_progress.show_progress(lambda: job.progress, lambda state: texts.TEST_STATES.get(state, ""))
    if is_read_only():
        pass  # the page has shown the reason
    elif alive:
        st.button(texts.STOP_TEST, icon=":material/stop:", on_click=_do, args=(job.stop,))
    else:
        st.button(texts.TEST_RUN, icon=":material/query_stats:", help=texts.TEST_HELP, on_click=_do, args=(_start, run))
    reports = _reports(folder)
    if not reports:
        return
    rows = [
        {texts.COLUMN_TEST: f"{report.result['data']}, {report.result['protocol']}{_options(folder_name, report)}"}
        | {title: report.result["summary"].get(key) for key, title in FIGURES.items()}
        | {texts.COLUMN_PROBES: report.result["summary"]["probes"]}
        for folder_name, report in reports.items()
    ]
    percent = {title: st.column_config.NumberColumn(format="%.1f %%") for title in FIGURES.values()}
    st.dataframe(rows, hide_index=True, column_config=percent, key="tests")
    for report in reports.values():
        if report.overlap.seen:
            st.warning(widgets.as_plain_text(report.overlap.sentence))
    link = context.link()
    st.page_link("app_pages/results.py", label=texts.OPEN_RESULTS, icon=":material/bar_chart:", query_params=link)


def _reports(folder: Path) -> dict[str, Report]:
    """Return the readable results of a run by the names of their folders."""
    found = {}
    for file in sorted((folder / EVALUATIONS).glob(f"*/{RESULT}")):
        try:
            found[file.parent.name] = _report(file.parent, file_versions(file))
        except UserError:
            continue  # the page Results names it
    return found


def _options(folder_name: str, report: Report) -> str:
    """Return the options of the evaluation or the checkpoint, as the name of the result's folder has them."""
    rest = folder_name.removeprefix(report.result["data"]).strip("-").removeprefix(report.result["protocol"]).strip("-")
    return f", {rest}" if rest else ""


def _start(run: Run) -> None:
    protocol = run.data.get("protocol")
    evaluation_job.start_evaluation(run.folder, Path(run.data["folder"]), ["--protocol", protocol] if protocol else [])


def _do(action, *arguments) -> None:
    try:
        action(*arguments)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = explain(error)


@st.cache_resource(max_entries=100, show_spinner=False)
def _report(folder: Path, changed: tuple) -> Report:
    return read_report(folder)
