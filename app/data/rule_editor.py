"""The editor of rules: a meaning for each folder level and for parts of an example file name."""

import re
import tomllib
from pathlib import Path
from typing import Any

import streamlit as st

from app.data import texts
from core.data.folder_scan import FolderScan
from core.data.path_patterns import SEPARATOR, folder_levels, name_runs, pattern_from_runs
from core.data.rule_editing import (
    by_depth,
    can_be_chosen,
    example_paths,
    is_read,
    make_groups,
    read_marks,
    read_names,
    read_places,
    rules_content,
    skip_group,
    unknown_splits,
)
from core.data.rule_files import format_rules, make_rules
from core.data.rules import NO_MEANING, RULES_NAME, Rules
from core.errors import UserError

EXAMPLES = 10
SPLIT_DEFAULTS = {"train": "train", "query": "probe", "probe": "probe", "gallery": "gallery", "test": "test"}


def edit_rules(scan: FolderScan, start: Rules | None, key: str) -> dict[str, Any]:
    """Show the editor, and return the content of a file of rules, {} before a part is the identity.

    Args:
        scan: The list of the folder.
        start: Rules that the editor starts from.
        key: The key of the widgets.

    Raises:
        UserError: If the choices do not fit together, or if the text is not valid TOML.
    """
    content_key, start_key = f"{key}_content", f"{key}_start"
    if carried := st.session_state.get(start_key):
        start = make_rules(carried, Path(RULES_NAME))
    is_long = start is not None and start.file is not None and not can_be_chosen(start, scan.images)

    def carry() -> None:  # the widgets of one way to edit forget their values while the other way is shown
        st.session_state[start_key] = st.session_state.get(content_key)

    if st.toggle(texts.EDIT_AS_TEXT, is_long, key=f"{key}_as_text", help=texts.EDIT_AS_TEXT_HELP, on_change=carry):
        content = _edit_text(start, key)
    else:
        content = _choose(scan, start, key)
    if content:
        make_rules(content, Path(RULES_NAME))
        st.session_state[content_key] = content
    return content


def _choose(scan: FolderScan, start: Rules | None, key: str) -> dict[str, Any]:
    """Choose the meanings of the parts of examples."""
    depths = by_depth(scan.images)
    groups, problems = [], []
    for depth, paths in depths.items():
        try:
            groups += _choose_group(paths, start, f"{key}_{depth}", several=len(depths) > 1)
        except UserError as error:  # raised at the end, so that all boxes are shown
            problems.append(error)
    options = _choose_options(start, key)
    if problems:
        raise problems[0]
    if not any("(?P<identity" in group["pattern"] for group in groups):
        st.info(texts.CHOOSE_IDENTITY, icon=":material/help:")
        return {}
    st.markdown(f"**{texts.PATTERN}**")
    st.code("\n".join(group["pattern"] for group in groups), language=None, wrap_lines=True)
    return {"images": groups} | options


def _edit_text(start: Rules | None, key: str) -> dict[str, Any]:
    """Show the rules that the editor starts from as text."""
    first = format_rules(rules_content(start)) if start else ""
    text = st.text_area(texts.RULES_TEXT, first, key=f"{key}_text", height=260, help=texts.RULES_TEXT_HELP)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(texts.INVALID_TOML.format(reason=error)) from None


def _choose_group(paths: list[str], start: Rules | None, key: str, several: bool) -> list[dict[str, Any]]:
    """Choose the meanings for images at one depth."""
    count, examples = paths[0].count("/"), example_paths(paths, EXAMPLES)
    if several:
        label = (texts.IN_THE_FOLDER, texts.BELOW_ONE_LEVEL, texts.BELOW_LEVELS)[min(count, 2)]
        is_default = is_read(start, examples[0])
        if not st.checkbox(label.format(count=len(paths), levels=count), is_default, key=f"{key}_read"):
            return [skip_group(count)]
    example = st.selectbox(texts.EXAMPLE_FILE, examples, key=f"{key}_example", width=520, help=texts.EXAMPLE_HELP)
    marks = read_marks(start, example)
    levels: list[str] = []
    if count:
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            for number, (folder, mark) in enumerate(zip(folder_levels(example), marks.levels, strict=True)):
                label = texts.FOLDER_LEVEL.format(number=number + 1, name=folder)
                levels.append(_meaning(label, mark, f"{key}_level_{number}", 130))
    runs = name_runs(example.rpartition("/")[2])
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        meanings = [
            NO_MEANING if run.kind == SEPARATOR else _meaning(run.text, mark, f"{key}_run_{number}", 125)
            for number, (run, mark) in enumerate(zip(runs, marks.runs, strict=True))
        ]
    splits = _choose_splits(unknown_splits(paths, levels.index("split")), key) if "split" in levels else {}
    return make_groups(levels, pattern_from_runs(runs, meanings), splits)


def _meaning(label: str, mark: str, key: str, width: int) -> str:
    meanings = list(texts.MEANINGS)
    return st.selectbox(
        _plain(label), meanings, meanings.index(mark), format_func=texts.MEANINGS.get, key=key, width=width
    )


def _plain(label: str) -> str:
    """Escape the Markdown of a folder's name. Other characters stay, because screen readers read the label as it is."""
    return re.sub(r"([\\`*\[\]$<~:](?! ))", r"\\\1", label)


def _choose_splits(names: list[str], key: str) -> dict[str, str]:
    """Choose the split of each folder whose name does not say it."""
    if not names:
        return {}
    st.caption(texts.SPLITS_CAPTION)
    splits = list(texts.SPLITS)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        return {
            name: st.selectbox(
                _plain(texts.SPLIT_OF.format(name=name)),
                splits,
                splits.index(next((SPLIT_DEFAULTS[part] for part in SPLIT_DEFAULTS if part in name.lower()), "skip")),
                format_func=texts.SPLITS.get,
                key=f"{key}_split_{name}",
                width=190,
            )
            for name in names
        }


def _choose_options(start: Rules | None, key: str) -> dict[str, Any]:
    junk = sorted({identity for group in start.images for identity in group.junk} if start else ())
    distractors = sorted({identity for group in start.images for identity in group.distractors} if start else ())
    places = ", ".join(" ".join(map(str, place)) for place in start.places) if start else ""
    with st.expander(texts.OPTIONS, icon=":material/tune:"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            named = {
                "junk": read_names(
                    st.text_input(texts.JUNK, ", ".join(junk), key=f"{key}_junk", width=200, help=texts.JUNK_HELP)
                ),
                "distractors": read_names(
                    st.text_input(
                        texts.DISTRACTORS,
                        ", ".join(distractors),
                        key=f"{key}_distractors",
                        width=200,
                        help=texts.DISTRACTORS_HELP,
                    )
                ),
            }
            places = st.text_input(texts.PLACES, places, key=f"{key}_places", width=200, help=texts.PLACES_HELP)
            from_zero = st.checkbox(
                texts.FROM_ZERO,
                bool(start) and start.first_camera == 0,
                key=f"{key}_zero",
                help=texts.FROM_ZERO_HELP,
            )
    cameras = ({"first": 0} if from_zero else {}) | ({"places": listed} if (listed := read_places(places)) else {})
    return {name: value for name, value in named.items() if value} | ({"cameras": cameras} if cameras else {})
