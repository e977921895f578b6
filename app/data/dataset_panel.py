"""The section on data sets: show how a folder is read, ask where that is a guess, edit rules, and save them."""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from app.data import texts
from app.data.dataset_view import show_data_set
from app.data.rule_editor import edit_rules
from app.shared import cache, datasets, gallery_picker, linked_widgets, model_cards, widgets
from app.shared import texts as shared_texts
from app.shared.keys import ADDED, DATA
from core.data.datasets import UnknownLayout
from core.data.folder_scan import FolderScan, scan_folder
from core.data.inspection import Inspection, inspect_dataset
from core.data.records import Dataset
from core.data.rule_editing import rules_content
from core.data.rule_files import make_rules
from core.data.rule_trial import Trial, find_rules, try_rules
from core.data.rules import RULES_NAME, Rules
from core.data.saved_datasets import delete_dataset, save_dataset
from core.errors import UserError, explain
from core.folders import datasets_folder, galleries_folder
from core.galleries.adding import add_folder
from core.galleries.catalog import extend_gallery
from core.read_only import is_read_only

MAX_UNMATCHED = 100  # names of images that fit no rule
GUESS, OWN = "guess", "own"  # ways to read a folder, besides the names of presets
PROBLEM, JUST_SAVED = "data_set_problem", "data_set_saved_as"  # session keys


def show_data_sets() -> None:
    """Show the section. Raises UserError if the data set cannot be read."""
    st.caption(texts.DATA_SETS_INTRODUCTION)
    link = linked_widgets.linked(DATA, st.query_params.get(DATA, ""), lambda given: given.strip() or None)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        path = datasets.choose(
            texts.DATA_SET,
            DATA,
            width="stretch",
            placeholder=texts.DATA_SET_EXAMPLE,
            help=texts.DATA_SET_HELP,
            on_change=link["on_change"],
        )
        name = st.session_state.get(datasets.saved_key(DATA), datasets.BY_PATH)
        if name and not is_read_only():
            with st.popover(texts.DELETE, icon=":material/delete:"):
                st.markdown(texts.CONFIRM_DELETE_DATA_SET.format(name=widgets.as_plain_text(name)))
                st.button(
                    texts.DELETE_DATA_SET,
                    type="primary",
                    on_click=_attempt,
                    args=(delete_dataset, name, datasets_folder()),
                )
    widgets.warn([st.session_state.pop(PROBLEM)] if PROBLEM in st.session_state else [])
    if saved := st.session_state.pop(JUST_SAVED, ""):
        st.success(texts.SAVED.format(name=widgets.as_plain_text(saved)), icon=":material/check:")
    if not path:
        return
    try:
        dataset = datasets.read(Path(path))
    except UnknownLayout as error:
        if is_read_only():
            st.error(str(error))
        else:
            _ask(Path(path), error)
        return
    _show_known(Path(path), dataset, name)


def _ask(folder: Path, unknown: UnknownLayout) -> None:
    """Show a guess or the presets that fit, and let the user choose or edit the rules."""
    fits = {fit.rules.layout: fit for fit in unknown.fits}
    several = sum(fit.fits for fit in unknown.fits) > 1
    st.info(
        (texts.SEVERAL_LAYOUTS if several else texts.UNKNOWN_LAYOUT).format(folder=widgets.as_plain_text(str(folder))),
        icon=":material/help:",
    )
    names = {GUESS: texts.BY_GUESS} if unknown.guess else {}
    for layout, fit in fits.items():
        text = texts.BY_PRESET if fit.fits else texts.BY_PART_OF_PRESET
        names[layout] = text.format(title=widgets.as_plain_text(fit.rules.title), share=fit.share)
    names[OWN] = texts.BY_OWN_RULES
    key = f"rules_{folder}"
    way = st.radio(texts.READ_AS, names, format_func=names.get, key=f"{key}_way")
    guess = make_rules(unknown.guess, folder / RULES_NAME) if unknown.guess else None
    if way == OWN:
        start = guess or next((fit.rules for fit in fits.values() if not fit.below), None)
        _edit(folder, start, key)
        return
    if way == GUESS:
        st.caption(texts.GUESS_CAPTION)
        content, root, label = unknown.guess, folder, texts.USE_GUESS
    else:
        content, root, label = rules_content(fits[way].rules), folder / fits[way].below, texts.SAVE_DATA_SET
    _show_trial(content, root, f"{key}_{way}")
    _save_form(content, root, f"{key}_{way}", label)


def _show_known(path: Path, dataset: Dataset, name: str) -> None:
    """Show a data set with its actions, or the editor of its rules."""
    key, plain = f"known_{path}", widgets.as_plain_text
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(
            texts.LAYOUT_OF.format(layout=plain(dataset.layout), folder=plain(str(dataset.root))), width="content"
        )
        rules = find_rules(path, dataset)
        edits = rules is not None and not is_read_only() and st.toggle(texts.EDIT_RULES, key=f"{key}_edit")
    if rules and edits:
        _edit(dataset.root, rules, key, name)
        return
    show_data_set(dataset, _inspection(path, datasets.versions(path), dataset), key)
    if is_read_only():
        return
    _gallery_form(path, dataset, key)
    if rules is None:
        st.caption(texts.NO_RULES_TO_EDIT)
    elif not name:
        _save_form(rules_content(rules), dataset.root, key, texts.SAVE_DATA_SET)


def _edit(folder: Path, start: Rules | None, key: str, name: str = "") -> None:
    """Show the editor, what its rules give, and the form to save them; under `name` they replace those before."""
    scan = _scan(folder, datasets.versions(folder))
    with st.container(border=True):
        content = edit_rules(scan, start, f"{key}_editor")
    if not content:
        return
    _show_trial(content, folder, f"{key}_own")
    _save_form(content, folder, f"{key}_own", texts.SAVE_CHANGES if name else texts.SAVE_DATA_SET, name)


def _show_trial(content: dict[str, Any], folder: Path, key: str) -> None:
    """Show what rules make of a folder. Raises UserError if they cannot be used."""
    trial, found = _trial(json.dumps(content, default=str), datasets.versions(folder), folder, content)
    text = texts.FITTING_WITH_SKIPPED if trial.skipped else texts.FITTING
    st.markdown(text.format(fitting=trial.fitting, images=trial.images, skipped=trial.skipped))
    if trial.unmatched:
        label = texts.FINDING.format(finding=texts.NOT_FITTING, count=len(trial.unmatched))
        with st.expander(label, icon=":material/list:"):
            st.dataframe({texts.COLUMN_FILE: trial.unmatched[:MAX_UNMATCHED]}, hide_index=True, key=f"{key}_unmatched")
            if len(trial.unmatched) > MAX_UNMATCHED:
                st.caption(texts.FIRST_ROWS.format(count=MAX_UNMATCHED))
    show_data_set(trial.dataset, found, key)


def _save_form(content: dict[str, Any], folder: Path, key: str, label: str, name: str = "") -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        field = f"{key}_name"
        st.text_input(texts.SAVED_NAME, name or folder.resolve().name, key=field, max_chars=60, width=230)
        st.button(
            label,
            type="primary",
            icon=":material/save:",
            key=f"{key}_save",
            on_click=_attempt,
            args=(_save, content, folder, field, name),
        )


def _gallery_form(path: Path, dataset: Dataset, key: str) -> None:
    """Offer to create a gallery of the data set, if it has images to search."""
    if not dataset.searchable:
        return
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        field = f"{key}_gallery"
        st.text_input(texts.GALLERY_OF_DATA_SET, dataset.name, key=field, max_chars=60, width=230)
        models = cache.list_models()
        name_of = model_cards.name_of
        model = st.selectbox(
            texts.MODEL, models, format_func=name_of, key=f"{key}_model", width=230, help=texts.MODEL_HELP
        )
        st.button(
            texts.CREATE_GALLERY_OF_DATA_SET,
            icon=":material/add:",
            key=f"{key}_create",
            on_click=_attempt,
            args=(_create_gallery, path, field, models[model]),
        )


def _attempt(action, *arguments) -> None:
    """Run a button's action and keep its error for this section to show."""
    try:
        action(*arguments)
    except (UserError, OSError) as error:
        st.session_state[PROBLEM] = explain(error)


def _save(content: dict[str, Any], folder: Path, field: str, before: str) -> None:
    """Save rules under the name in a field, and choose the saved data set."""
    name = st.session_state[field].strip()
    save_dataset(name, content, folder, datasets_folder(), replace=name == before)
    st.session_state.update({datasets.saved_key(DATA): name, JUST_SAVED: name})


def _create_gallery(path: Path, field: str, checkpoint: Path) -> None:
    from core.galleries.update import launch  # imports torch, which takes seconds

    name, root = st.session_state[field].strip(), galleries_folder()
    if (root / name).exists() and name:
        raise UserError(texts.NAME_IN_USE.format(name=name))
    with extend_gallery(name, root, checkpoint) as gallery:
        add_folder(gallery, path)
    launch(gallery)
    st.session_state[ADDED] = st.session_state.get(ADDED, 0) + 1
    gallery_picker.turn_to(name)


@st.cache_resource(max_entries=8, show_spinner=False)
def _inspection(path: Path, changed: tuple, _dataset: Dataset) -> Inspection:
    return inspect_dataset(_dataset)


@st.cache_resource(max_entries=4, show_spinner=False)
def _scan(folder: Path, changed: tuple) -> FolderScan:
    return scan_folder(folder)


@st.cache_resource(max_entries=8, show_spinner=shared_texts.READING_DATA)
def _trial(content: str, changed: tuple, folder: Path, _content: dict[str, Any]) -> tuple[Trial, Inspection]:
    trial = try_rules(_content, folder, _scan(folder, changed))
    return trial, inspect_dataset(trial.dataset)
