"""The cached reports of evaluations, and the cached comparisons of two of them."""

from pathlib import Path

import streamlit as st

from app.shared.settings import checkpoints_folder, file_versions, runs_folder
from core.errors import UserError
from core.evaluation.comparison import Comparison, compare_results
from core.evaluation.report import PROBES, RESULT, SCORES, Report, find_reports, read_report


def read_reports() -> tuple[dict[str, Report], list[str]]:
    """Return the results of the shipped checkpoints and of the runs, by name; and a sentence for each damaged one."""
    found, damaged = {}, []
    for name, folder in _folders().items():
        try:
            found[name] = _report(folder, _versions(folder))
        except UserError as error:
            damaged.append(str(error))
    return found, damaged


def compare(first: str, second: str) -> Comparison:
    """Compare two results, given by their names.

    Raises:
        UserError: If they cannot be compared.
    """
    folders = _folders()
    return _comparison(*((folders[name], _versions(folders[name])) for name in (first, second)))


def _folders() -> dict[str, Path]:
    return find_reports([checkpoints_folder(), runs_folder()])


def _versions(folder: Path) -> tuple:
    return file_versions(folder / RESULT, folder / PROBES, folder / SCORES)


@st.cache_resource(max_entries=200, show_spinner=False)
def _report(folder: Path, changed: tuple) -> Report:
    return read_report(folder)


@st.cache_data(max_entries=200, show_spinner=False)
def _comparison(first: tuple[Path, tuple], second: tuple[Path, tuple]) -> Comparison:
    return compare_results(_report(*first), _report(*second))
