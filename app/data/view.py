"""One gallery: how far it is, what can be done with it, some of its images, and what is odd about them."""

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.shared import cache, gallery_picker, job_progress, widgets
from app.shared.cache import of_galleries
from app.shared.keys import GALLERY
from core.data.images import PERSON_SHAPE
from core.data.quality import Health
from core.errors import UserError
from core.galleries.catalog import delete_gallery, rename_gallery
from core.galleries.gallery_folder import StoredGallery
from core.galleries.overview import MAX_IMAGES_COMPARED
from core.galleries.sources import list_sources, remove_source

SAMPLES = 12  # images of a gallery
MAX_IMAGES_SHOWN, MAX_ROWS = 12, 1000  # images of a kind, and rows of a table


def show_progress(gallery: StoredGallery) -> None:
    name = widgets.as_plain_text(gallery.name)
    job_progress.show_progress(
        lambda: gallery.progress, lambda now: f"**{name}** {gallery_picker.STATE_TEXTS.get(now, now)}."
    )


def show_buttons(gallery: StoredGallery) -> None:
    """What can be done with it."""
    alive, name = gallery.progress.is_alive, gallery.name
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if gallery.images:
            st.page_link(
                "app_pages/search.py",
                label="Search in it",
                icon=":material/person_search:",
                query_params={GALLERY: name},
            )
        if alive:
            st.button(
                "Stop",
                icon=":material/stop:",
                on_click=gallery_picker.attempt,
                args=(gallery.job.stop,),
                help="What is described by then is kept, and an update goes on.",
            )
            return
        st.button(
            "Update",
            icon=":material/refresh:",
            on_click=gallery_picker.attempt,
            args=(_update, gallery),
            help="Describes what is new or changed in its folders, and goes on where it ended.",
        )
        with st.popover("Another model", icon=":material/swap_horiz:"):
            models = cache.list_models()
            model = st.selectbox("Describe all images anew with", models, key=f"anew_{name}", width=260)
            st.button(
                "Describe anew", type="primary", on_click=gallery_picker.attempt, args=(_update, gallery, models[model])
            )
        with st.popover("Rename", icon=":material/edit:"):
            st.text_input("Its new name", name, key=f"rename_{name}", max_chars=60)
            st.button("Rename it", type="primary", on_click=gallery_picker.attempt, args=(_rename, gallery))
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown(
                f"Delete **{widgets.as_plain_text(name)}** for good, with the images that came from zips and "
                "uploads? Folders are left alone."
            )
            st.button("Delete it", type="primary", on_click=gallery_picker.attempt, args=(delete_gallery, gallery))


def show_figures(health: Health) -> None:
    figures = {
        "Images": health.images,
        "People": health.identities,
        "Cameras": health.cameras,
        "Left out": len(health.unreadable),
    }
    with st.container(horizontal=True, gap="large"):  # side by side on a phone too
        for label, value in figures.items():
            st.metric(label, f"{value:,}", width="content")


def show_samples(paths: Sequence[str], key: str) -> None:
    """Images in a row; those that are gone are passed over."""
    crops = []
    for path in paths[:MAX_IMAGES_SHOWN]:
        with suppress(UserError, OSError):
            crops.append(crop(cache.thumbnail(path), path.rpartition("/")[2]))
    crop_grid(crops, "strip", "Images", key)


def show_health(gallery: StoredGallery, health: Health) -> None:
    """What one should know before one searches in it."""
    st.subheader("Its health")
    sizes = {"smallest": health.smallest, "median": health.median, "largest": health.largest}
    facts = [
        f"{health.bytes / 1e6:,.1f} MB",
        f"{health.unlabelled:,} unlabelled",
        *(f"{name} {size[0]} x {size[1]}" for name, size in sizes.items() if size),
    ]
    st.caption(" · ".join(facts))
    if st.toggle(
        "Look for near-copies too",
        key=f"near_{gallery.name}",
        disabled=health.images > MAX_IMAGES_COMPARED,
        help=f"Images that the model cannot tell apart. Up to {MAX_IMAGES_COMPARED:,} images are compared.",
    ):
        with st.spinner("Comparing all images with each other"):
            health = cache.health(gallery, near=True) or health
    low, high = PERSON_SHAPE
    copies = [path for group in health.duplicates for path in group]
    near = [path for pair in health.near or () for path in pair]
    clashes = [path for group in health.contradictions for path in group]
    found = [
        _images(gallery, len(copies) - len(health.duplicates), "Copies of other images", copies),
        _images(gallery, len(health.contradictions), "Copies that are labelled as different people", clashes),
        _images(
            gallery,
            len(health.odd),
            f"Images that are not {low} to {high} times as high as wide, as one standing person is",
            list(health.odd["path"][:MAX_IMAGES_SHOWN]),
        ),
        _table(len(health.one_camera), "People whom one camera alone has seen", {"Person": health.one_camera}),
        _table(
            len(health.unreadable),
            "Files that were left out",
            {"File": [name for name, _ in health.unreadable], "Why": [why for _, why in health.unreadable]},
        ),
        _images(gallery, health.near_count or 0, "Pairs that the model cannot tell apart", near),
    ]
    if not any(found):
        st.markdown(":material/check_circle: Nothing odd was found.")


def show_sources(gallery: StoredGallery) -> None:
    """Where its images come from, what was odd there, and how to take one of the sources away."""
    with st.expander("Where its images come from", icon=":material/folder_open:"):
        found = list_sources(gallery)
        rows = [(each.number, each.kind, each.origin, each.labels, each.table) for each in found]
        st.dataframe(pd.DataFrame(rows, columns=["Number", "Kind", "Origin", "Labels", "Table"]), hide_index=True)
        for note in gallery.notes():
            st.caption(widgets.as_plain_text(note))
        if len(found) > 1 and not gallery.progress.is_alive:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                number = st.selectbox(
                    "Source", [each.number for each in found], key=f"source_{gallery.name}", width=120
                )
                st.button("Take it away", on_click=gallery_picker.attempt, args=(_remove, gallery, number))


def _images(gallery: StoredGallery, count: int, words: str, paths: Sequence[str]) -> bool:
    """An expander with some of the images of a finding."""
    if count:
        with st.expander(f"{words}: {count:,}", icon=":material/photo_library:"):
            show_samples(
                [str(gallery.folder / path) for path in paths[:MAX_IMAGES_SHOWN]], f"found_{gallery.name}_{words}"
            )
            st.caption(" · ".join(widgets.as_plain_text(path.rpartition("/")[2]) for path in paths[:MAX_IMAGES_SHOWN]))
    return bool(count)


def _table(count: int, words: str, columns: dict[str, list[str]]) -> bool:
    if count:
        with st.expander(f"{words}: {count:,}", icon=":material/list:"):
            st.dataframe({name: values[:MAX_ROWS] for name, values in columns.items()}, hide_index=True)
            if count > MAX_ROWS:
                st.caption(f"These are the first {MAX_ROWS:,}.")
    return bool(count)


def _update(gallery: StoredGallery, *model) -> None:
    gallery.ask(*model)
    _launch(gallery)


def _remove(gallery: StoredGallery, number: int) -> None:
    remove_source(gallery, number)
    _launch(gallery)


def _launch(gallery: StoredGallery) -> None:
    from core.galleries.update import launch  # with torch, for which the page is not to wait

    launch(gallery)


def _rename(gallery: StoredGallery) -> None:
    name = st.session_state[f"rename_{gallery.name}"].strip()
    if name != gallery.name:
        st.query_params[GALLERY] = rename_gallery(gallery, name).name


def samples(gallery: StoredGallery) -> list[str]:
    """A few of a gallery's images, evenly spread."""
    key = gallery.key
    return _samples(key, gallery) if key else []


@of_galleries
@st.cache_data(max_entries=100, show_spinner=False)
def _samples(key: tuple, _gallery: StoredGallery) -> list[str]:
    from core.data.subsample import sample

    return [str(_gallery.folder / path) for path in sample(_gallery.records()["path"].tolist(), SAMPLES)]
