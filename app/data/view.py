"""One named gallery: its state, actions, figures, images, sources and data quality."""

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.data import texts
from app.shared import cache, context, gallery_picker, job_progress, model_cards, widgets
from app.shared.address import change_link
from app.shared.cache import of_galleries
from app.shared.keys import GALLERY
from app.shared.settings import SHIPPED
from core.counts import counted
from core.data.images import PERSON_SHAPE
from core.data.quality import DataQuality
from core.errors import UserError
from core.galleries.adaptation import MIN_IMAGES, is_adapted
from core.galleries.catalog import delete_gallery, rename_gallery
from core.galleries.gallery_folder import StoredGallery
from core.galleries.overview import MAX_IMAGES_COMPARED
from core.galleries.sources import list_sources, remove_source
from core.read_only import is_read_only

SAMPLES = 12  # images of a gallery
MAX_IMAGES_SHOWN, MAX_ROWS = 12, 1000  # of a finding


def show_state(gallery: StoredGallery) -> None:
    """Show whether the gallery is indexed, and the progress of indexing."""
    name = widgets.as_plain_text(gallery.name)
    job_progress.show_progress(
        lambda: gallery.progress,
        lambda state: texts.STATE.format(name=name, state=gallery_picker.STATE_TEXTS.get(state, state)),
    )


def show_buttons(gallery: StoredGallery) -> None:
    """Show the actions that the state of a gallery allows."""
    alive, name = gallery.progress.is_alive, gallery.name
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if gallery.images:
            st.page_link(
                "app_pages/search.py",
                label=texts.SEARCH_GALLERY,
                icon=":material/person_search:",
                query_params=context.link() | {GALLERY: name},
            )
        if is_read_only():
            return
        if alive:
            st.button(
                texts.STOP,
                icon=":material/stop:",
                on_click=gallery_picker.attempt,
                args=(gallery.job.stop,),
                help=texts.STOP_HELP,
            )
            return
        st.button(
            texts.UPDATE,
            icon=":material/refresh:",
            on_click=gallery_picker.attempt,
            args=(_update, gallery),
            help=texts.UPDATE_HELP,
        )
        with st.popover(texts.CHANGE_MODEL, icon=":material/swap_horiz:"):
            models = cache.list_models()
            model = st.selectbox(
                texts.NEW_MODEL, models, format_func=model_cards.name_of, key=f"anew_{name}", width=260
            )
            st.button(
                texts.REINDEX, type="primary", on_click=gallery_picker.attempt, args=(_update, gallery, models[model])
            )
        with st.popover(texts.RENAME, icon=":material/edit:"):
            st.text_input(texts.NEW_NAME, name, key=f"rename_{name}", max_chars=60)
            st.button(texts.RENAME_GALLERY, type="primary", on_click=gallery_picker.attempt, args=(_rename, gallery))
        with st.popover(texts.DELETE, icon=":material/delete:"):
            st.markdown(texts.CONFIRM_DELETE.format(name=widgets.as_plain_text(name)))
            st.button(texts.DELETE_GALLERY, type="primary", on_click=gallery_picker.attempt, args=(_delete, gallery))


def show_figures(health: DataQuality) -> None:
    """Show the numbers of images, identities, cameras and skipped files."""
    figures = {
        texts.IMAGES: health.images,
        texts.IDENTITIES: health.identities,
        texts.CAMERAS: health.cameras,
        texts.SKIPPED_FILES: len(health.unreadable),
    }
    with st.container(horizontal=True, gap="large"):  # side by side on a phone too
        for label, value in figures.items():
            st.metric(label, f"{value:,}", width="content")


def show_adaptation(gallery: StoredGallery, health: DataQuality) -> None:
    """Say whether searches of the gallery are adapted to its cameras."""
    if is_adapted(gallery):
        st.caption(texts.ADAPTED.format(cameras=counted(health.cameras, "camera")))
    elif health.cameras > 1 and not gallery.progress.is_alive:
        st.caption(texts.NOT_ADAPTED.format(count=MIN_IMAGES))


def show_samples(paths: Sequence[str], key: str) -> None:
    """Show images in a row. Images that cannot be opened are skipped."""
    crops = []
    for path in paths[:MAX_IMAGES_SHOWN]:
        with suppress(UserError, OSError):
            crops.append(crop(cache.thumbnail(path), path.rpartition("/")[2]))
    crop_grid(crops, "strip", texts.IMAGES, key)


def show_quality(gallery: StoredGallery, health: DataQuality) -> None:
    """Show what may make the results of a search worse."""
    st.subheader(texts.DATA_QUALITY)
    sizes = zip(texts.IMAGE_SIZES, (health.smallest, health.median, health.largest), strict=True)
    facts = [
        texts.SIZE.format(megabytes=health.bytes / 1e6),
        texts.UNLABELLED.format(images=counted(health.unlabelled, "image")),
        *(f"{name} {size[0]} x {size[1]}" for name, size in sizes if size),
    ]
    st.caption(" · ".join(facts))
    if st.toggle(
        texts.NEAR_DUPLICATES,
        key=f"near_{gallery.name}",
        disabled=health.images > MAX_IMAGES_COMPARED,
        help=texts.NEAR_DUPLICATES_HELP.format(limit=MAX_IMAGES_COMPARED),
    ):
        with st.spinner(texts.COMPARING_IMAGES):
            health = cache.health(gallery, near=True) or health
    low, high = PERSON_SHAPE
    copies = [path for group in health.duplicates for path in group]
    near = [path for pair in health.near or () for path in pair]
    clashes = [path for group in health.contradictions for path in group]
    findings = [
        _images(gallery, len(copies) - len(health.duplicates), texts.DUPLICATES, copies),
        _images(gallery, len(health.contradictions), texts.CONTRADICTIONS, clashes),
        _images(
            gallery,
            len(health.odd),
            texts.UNUSUAL_SHAPES.format(low=low, high=high),
            list(health.odd["path"][:MAX_IMAGES_SHOWN]),
        ),
        _table(len(health.one_camera), texts.ONE_CAMERA, {texts.COLUMN_IDENTITY: health.one_camera}),
        _table(
            len(health.unreadable),
            texts.SKIPPED_FILES,
            {
                texts.COLUMN_FILE: [name for name, _ in health.unreadable],
                texts.COLUMN_REASON: [reason for _, reason in health.unreadable],
            },
        ),
        _images(gallery, health.near_count or 0, texts.NEAR_DUPLICATE_PAIRS, near),
    ]
    if not any(findings):
        st.markdown(f":material/check_circle: {texts.NO_FINDINGS}")


def show_sources(gallery: StoredGallery) -> None:
    """List the sources with their notes, and offer to remove one."""
    with st.expander(texts.SOURCES, icon=":material/folder_open:"):
        sources = list_sources(gallery)
        rows = [
            (each.number, each.kind, each.origin, texts.LABEL_RULES.get(each.labels, each.labels), each.table)
            for each in sources
        ]
        st.dataframe(pd.DataFrame(rows, columns=texts.SOURCE_COLUMNS), hide_index=True)
        notes = gallery.notes()
        if notes:
            st.caption(texts.SOURCE_NOTES)
        for note in notes:
            st.caption(widgets.as_plain_text(note))
        if len(sources) > 1 and not is_read_only() and not gallery.progress.is_alive:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                number = st.selectbox(
                    texts.SOURCE, [each.number for each in sources], key=f"source_{gallery.name}", width=120
                )
                st.button(texts.REMOVE_SOURCE, on_click=gallery_picker.attempt, args=(_remove, gallery, number))


def _images(gallery: StoredGallery, count: int, finding: str, paths: Sequence[str]) -> bool:
    """Show some images of a finding in an expander. Return whether there are any."""
    if count:
        with st.expander(texts.FINDING.format(finding=finding, count=count), icon=":material/photo_library:"):
            show_samples(
                [str(gallery.folder / path) for path in paths[:MAX_IMAGES_SHOWN]], f"found_{gallery.name}_{finding}"
            )
            st.caption(" · ".join(widgets.as_plain_text(path.rpartition("/")[2]) for path in paths[:MAX_IMAGES_SHOWN]))
    return bool(count)


def _table(count: int, finding: str, columns: dict[str, list[str]]) -> bool:
    """Show a table of a finding in an expander. Return whether it has rows."""
    if count:
        with st.expander(texts.FINDING.format(finding=finding, count=count), icon=":material/list:"):
            st.dataframe({name: values[:MAX_ROWS] for name, values in columns.items()}, hide_index=True)
            if count > MAX_ROWS:
                st.caption(texts.FIRST_ROWS.format(count=MAX_ROWS))
    return bool(count)


def _update(gallery: StoredGallery, *model) -> None:
    gallery.ask(*model)
    _launch(gallery)


def _remove(gallery: StoredGallery, number: int) -> None:
    remove_source(gallery, number)
    _launch(gallery)


def _launch(gallery: StoredGallery) -> None:
    from core.galleries.update import launch  # imports torch, which takes seconds

    launch(gallery)


def _rename(gallery: StoredGallery) -> None:
    name = st.session_state[f"rename_{gallery.name}"].strip()
    if name != gallery.name:
        change_link({GALLERY: rename_gallery(gallery, name).name})


def _delete(gallery: StoredGallery) -> None:
    delete_gallery(gallery)
    gallery_picker.turn_to(SHIPPED)


def samples(gallery: StoredGallery) -> list[str]:
    """Return a few images of a gallery, evenly spread."""
    key = gallery.key
    return _samples(key, gallery) if key else []


@of_galleries
@st.cache_data(max_entries=100, show_spinner=False)
def _samples(key: tuple, _gallery: StoredGallery) -> list[str]:
    from core.data.subsample import sample

    return [str(_gallery.folder / path) for path in sample(_gallery.records()["path"].tolist(), SAMPLES)]
