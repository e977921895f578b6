"""Data sets in the app: the saved ones, the boxes to choose one, and cached reading."""

from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import context, texts
from app.shared.keys import DATA
from app.shared.settings import file_versions, folders_in
from core.data.addresses import split_address
from core.data.datasets import UnknownLayout, read_dataset
from core.data.records import Dataset
from core.data.rule_files import read_rules
from core.data.saved_datasets import list_datasets
from core.errors import UserError
from core.folders import datasets_folder
from core.read_only import is_read_only

BY_PATH = ""  # the choice of a path instead of a saved data set


def saved() -> dict[str, Path]:
    """Return the files of the saved data sets by name."""
    return list_datasets(datasets_folder())


def choose(label: str, key: str, default: str = "", width: int | str = 330, **settings: Any) -> str:
    """Show a box of the saved data sets, if there are any, and a field for the path of another one.

    In read-only mode there is no field.

    Args:
        label: The label.
        key: The key of the field; that of the box is `saved_key(key)`.
        default: The path in the field at first.
        width: The width of the field.
        settings: Further arguments of the field.

    Returns:
        The path of the data set, "" if the field is empty.
    """
    known = saved()
    if is_read_only():  # no path of the server's disk can be given
        name = st.selectbox(label, known, index=None, key=f"{key}_read_only", width=230)
        return str(known[name]) if name else ""
    chosen = BY_PATH
    if known:
        chosen = st.selectbox(
            label,
            [BY_PATH, *known],
            format_func=lambda name: name or texts.OTHER_DATA_SET,
            key=saved_key(key),
            width=230,
        )
    if chosen != BY_PATH:
        return str(known[chosen])
    given = st.text_input(texts.DATA_SET_PATH if known else label, default, key=key, width=width, **settings)
    return str(Path(given.strip()).expanduser()) if given.strip() else ""


def saved_key(key: str) -> str:
    """Return the key of the box of saved data sets."""
    return f"{key}_saved"


def read(path: Path) -> Dataset:
    """Read a data set; read again after a change. Raises UserError, or UnknownLayout if the layout is a guess."""
    found = _read(path, versions(path))
    if isinstance(found, UnknownLayout):
        raise found
    return found


def show_problem(error: UserError, path: str) -> None:
    """Show why a data set cannot be read, with a link to the page Data if its layout is a guess."""
    st.error(str(error))
    if isinstance(error, UnknownLayout):
        link = context.link() | {DATA: path}
        st.page_link("app_pages/data.py", label=texts.SHOW_DATA_SET, icon=":material/dataset:", query_params=link)


def versions(path: Path) -> tuple:
    """Return the times of change of the folder and the rules of a data set; part of a cache key."""
    folder, rules = split_address(path)
    root = folder
    if folder.suffix.lower() == ".toml" and folder.is_file():
        try:
            root = read_rules(folder).root or folder.parent
        except UserError:  # the page reports it
            root = folder.parent
    return file_versions(folder, Path(rules), root, *folders_in(root))


@st.cache_resource(max_entries=8, show_spinner=texts.READING_DATA)
def _read(path: Path, changed: tuple) -> Dataset | UnknownLayout:
    try:
        return read_dataset(path)
    except UnknownLayout as error:
        return error
