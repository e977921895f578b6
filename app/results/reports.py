"""The cached reports of evaluations."""

from pathlib import Path

import streamlit as st

from app.shared.settings import checkpoints_folder, file_versions, runs_folder
from core.errors import UserError
from core.evaluation.report import PROBES, RESULT, SCORES, Report, find_reports, read_report


def read_reports() -> tuple[dict[str, Report], list[str]]:
    """Return the results of the shipped checkpoints and of the runs, by name; and a sentence for each damaged one."""
    found, damaged = {}, []
    for name, folder in find_reports([checkpoints_folder(), runs_folder()]).items():
        try:
            found[name] = _report(folder, file_versions(folder / RESULT, folder / PROBES, folder / SCORES))
        except UserError as error:
            damaged.append(str(error))
    return found, damaged


@st.cache_resource(max_entries=200, show_spinner=False)
def _report(folder: Path, changed: tuple) -> Report:
    return read_report(folder)
