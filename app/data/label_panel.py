"""Suspicious labels of a named gallery: one pair of images at a time, decisions by keyboard, their effect on mAP."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.data import texts
from app.data.evaluated import thumbnail
from app.shared import gallery_picker, read_only, widgets
from app.shared.cache import of_galleries
from core.counts import counted
from core.data.records import UNKNOWN_CAMERA
from core.evaluation.label_check import Effect, LabelCheck
from core.evaluation.label_decisions import (
    DIFFERENT,
    SAME,
    SKIP,
    Decision,
    add_decisions,
    decide,
    read_decisions,
    undo_decision,
)
from core.evaluation.label_errors import FAR, Suspicion, describe_suspicion
from core.galleries.changes import set_identities
from core.galleries.gallery_folder import LABEL_DECISIONS, StoredGallery

MAX_IMAGES_CHECKED = 25_000  # about a minute
KEYS = {SAME: "S", DIFFERENT: "D", "nearest": "N", SKIP: "K", "undo": "U"}


def show_label_errors(gallery: StoredGallery) -> None:
    """Show the worst suspicion without a decision, the buttons, and the effect of all decisions."""
    st.caption(texts.SUSPICIOUS_LABELS_RULE)
    if gallery.images > MAX_IMAGES_CHECKED:
        checkpoint = gallery.model["checkpoint"]
        st.info(texts.TOO_MANY_IMAGES.format(limit=MAX_IMAGES_CHECKED, checkpoint=checkpoint, gallery=gallery.name))
        return
    _show_next(gallery, _check(gallery.key, gallery))


@st.fragment
def _show_next(gallery: StoredGallery, check: LabelCheck) -> None:
    file = gallery.folder / LABEL_DECISIONS
    with st.container(horizontal=True, gap="medium"):
        kinds = st.pills(
            texts.SHOW_KIND,
            list(texts.KINDS),
            selection_mode="multi",
            default=list(texts.KINDS),
            format_func=lambda kind: texts.KINDS[kind],
            key=f"label_kinds_{gallery.id}",
        )
        known = sorted(set(check.cameras.tolist()) - {UNKNOWN_CAMERA})
        cameras = (
            st.multiselect(
                texts.CAMERAS, known, key=f"label_cameras_{gallery.id}", placeholder=texts.ALL_CAMERAS, width=260
            )
            if known
            else []
        )
    decisions = read_decisions(file)
    every, left = ([one for one in check.undecided(made, cameras) if one.kind in kinds] for made in ([], decisions))
    if left:
        st.markdown(texts.PROGRESS.format(number=len(every) - len(left) + 1, count=len(every)))
        _show_pair(check, left[0])
    elif every:
        st.success(texts.ALL_DECIDED.format(count=len(every)))
    else:
        st.caption(texts.NO_SUSPICIOUS_LABELS)
    if read_only.show_note():
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if left:
            _show_decisions(check, left[0], file)
        st.button(
            texts.UNDO,
            icon=":material/undo:",
            shortcut=KEYS["undo"],
            disabled=not decisions,
            help=texts.UNDO_HELP,
            key=f"label_undo_{gallery.id}",
            on_click=gallery_picker.attempt,
            args=(undo_decision, file),
        )
    _show_effect(gallery, check, decisions, not left)


def _show_pair(check: LabelCheck, one: Suspicion) -> None:
    titles = [texts.SUSPICIOUS_IMAGE, texts.OWN_IDENTITY, texts.NEAREST_IDENTITY]
    images = [one.image, one.other, one.nearest] if one.kind == FAR else [one.image, one.other]
    crops = []
    for title, image in zip(titles if one.kind == FAR else [titles[1]] * 2, images, strict=False):
        identity, number = check.identities[image], check.cameras[image]
        camera = [] if number == UNKNOWN_CAMERA else [texts.CAMERA_NUMBER.format(camera=number)]
        if source := thumbnail(check.records[image].path):
            full_title = ", ".join([title.format(identity=identity), *camera])
            crops.append(crop(source, full_title, below=" · ".join([identity, *camera])))
    crop_grid(crops, "pair", texts.PAIR, "label_pair")
    st.markdown(f"{widgets.as_plain_text(describe_suspicion(one, check.identities))} {texts.QUESTIONS[one.kind]}")


def _show_decisions(check: LabelCheck, one: Suspicion, file: Path) -> None:
    """Show a button for each decision."""
    names = check.names
    own = decide(names[one.image], names[one.other], SAME)
    buttons = [
        (SAME, texts.SAME_PERSON, texts.SAME_HELP[one.kind], ":material/check:", [own]),
        (
            DIFFERENT,
            texts.DIFFERENT_PERSON,
            texts.DIFFERENT_HELP[one.kind],
            ":material/close:",
            [replace(own, decision=DIFFERENT)],
        ),
        (SKIP, texts.SKIP, texts.SKIP_HELP, ":material/skip_next:", [replace(own, decision=SKIP)]),
    ]
    if one.kind == FAR:
        moved = [replace(own, decision=DIFFERENT), replace(own, other=names[one.nearest])]
        label = texts.NEAREST_PERSON.format(identity=widgets.as_plain_text(check.identities[one.nearest]))
        buttons.insert(2, ("nearest", label, texts.NEAREST_HELP, ":material/person:", moved))
    for name, label, help_text, icon, made in buttons:
        st.button(
            label,
            icon=icon,
            shortcut=KEYS[name],
            help=help_text,
            key=f"label_{name}",
            on_click=gallery_picker.attempt,
            args=(add_decisions, file, made),
        )


def _show_effect(gallery: StoredGallery, check: LabelCheck, decisions: list[Decision], all_decided: bool) -> None:
    """Show the effect of the decisions, and the button that applies them."""
    new = check.changes(decisions)
    if not new:
        return
    measured = f"label_effect_{gallery.key}"  # the last effect stays on the page, because measuring it takes seconds
    with st.container(horizontal=True, gap="small"):
        if check.protocol and (st.button(texts.MEASURE_EFFECT, icon=":material/query_stats:") or all_decided):
            with st.spinner(texts.MEASURING_EFFECT):
                st.session_state[measured] = _effect(gallery.key, tuple(new.items()), check, decisions)
        is_applied = st.button(
            texts.APPLY_DECISIONS.format(images=counted(len(new), "image")),
            type="primary",
            icon=":material/edit:",
            help=texts.APPLY_DECISIONS_HELP,
            disabled=gallery.progress.is_alive,
            key=f"label_apply_{gallery.id}",
        )
    if effect := st.session_state.get(measured):
        figures = {
            f"{name}_{when}": summary[key]
            for when, summary in (("before", effect.before), ("after", effect.after))
            for name, key in (("recall", "recall@1"), ("map", "mAP"), ("probes", "probes"))
        }
        st.markdown(texts.EFFECT.format(changed=counted(effect.changed, "changed image"), **figures))
    if check.protocol is None:
        st.markdown(texts.NO_EFFECT.format(problem=widgets.as_plain_text(check.problem)))
    if is_applied:
        st.session_state.pop(measured, None)
        gallery_picker.attempt(_apply, gallery, new)
        st.rerun()


def _apply(gallery: StoredGallery, new: dict[str, str]) -> None:
    from core.galleries.update import launch  # imports torch, which takes seconds

    set_identities(gallery, new)
    launch(gallery)


@of_galleries
@st.cache_resource(max_entries=2, show_spinner=texts.COMPARING_IMAGES)
def _check(key: tuple | None, _gallery: StoredGallery) -> LabelCheck:
    from core.galleries.label_check import check_gallery  # imports torch, which takes seconds

    check = check_gallery(_gallery)
    _ = check.suspicions  # computed here, under the spinner
    return check


@of_galleries
@st.cache_data(max_entries=100, show_spinner=False)
def _effect(key: tuple | None, new: tuple, _check: LabelCheck, _decisions: list[Decision]) -> Effect:
    return _check.effect(_decisions)
