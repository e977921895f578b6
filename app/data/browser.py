"""The images of a gallery as a grid with pages and filters; a click opens or selects an image."""

from pathlib import Path

import pandas as pd
import streamlit as st

from app.components.data_url import jpeg_url
from app.components.image_grid import RIGHT, UNKNOWN, crop, crop_grid
from app.data import gallery_images, texts
from app.data.editing import IN_DIALOG, show_actions
from app.data.gallery_images import ALL, REMOVED_IMAGES, SKIPPED, GalleryImages
from app.shared import widgets
from core.data.images import open_image
from core.data.quality import DataQuality
from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError, explain
from core.galleries.changes import tags_of
from core.galleries.gallery_folder import StoredGallery

IMAGES_PER_PAGE = 48
OPEN, SELECT = "open", "select"  # what a click does
SELECTED, OPENED = "selected_images", "opened_image"  # session keys: paths by gallery; the clicked path
LARGE_WIDTH, LARGE_HEIGHT = 320, 480  # pixels of an opened image


def show_images(gallery: StoredGallery, health: DataQuality) -> None:
    """Show filters, a page of images, and the actions on the selected images."""
    images = gallery_images.read_gallery_images(gallery)
    name = gallery.name
    show, found = _filters(name, images, health)
    if show == SKIPPED:
        _show_skipped(health)
        return
    selected = st.session_state.setdefault(SELECTED, {}).setdefault(gallery.id, [])
    pages = max(1, -(-len(found) // IMAGES_PER_PAGE))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        click = st.segmented_control(
            texts.CLICK,
            texts.CLICKS,
            default=OPEN,
            required=True,
            format_func=texts.CLICKS.get,
            key=f"click_{name}",
        )
        st.button(
            texts.SELECT_ALL.format(count=len(found)),
            key=f"select_all_{name}",
            disabled=found.empty,
            on_click=lambda: _set_selected(gallery, list(dict.fromkeys([*selected, *found["path"]]))),
        )
        if selected:
            st.button(texts.CLEAR, icon=":material/close:", on_click=_set_selected, args=(gallery, []))
    if selected:
        st.markdown(texts.SELECTED_IMAGES.format(count=len(selected)))
        show_actions(gallery, images, selected, "selected", on_done=lambda: _set_selected(gallery, []))
    if found.empty:
        st.caption(texts.NO_IMAGES)
    # the filters are part of the key, so that other filters start at the first page
    page = st.pagination(pages, key=f"page_{name}_{hash(tuple(found['path']))}") if pages > 1 else 1
    shown = found.iloc[(page - 1) * IMAGES_PER_PAGE : page * IMAGES_PER_PAGE]
    crop_grid(
        _crops(gallery, shown, set(selected)),
        "strip",
        texts.IMAGES,
        f"grid_{name}",
        on_pick=lambda path: _toggle(gallery, path) if click == SELECT else st.session_state.update({OPENED: path}),
    )
    if (path := st.session_state.pop(OPENED, None)) is not None:
        rows = found[found["path"] == path]
        if len(rows):
            _open(gallery, images, rows.iloc[0])


def _filters(name: str, images: GalleryImages, health: DataQuality) -> tuple[str, pd.DataFrame]:
    """Show the filters. Return the chosen kind of images, and the table of the images that pass."""
    table = images.table
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        show = st.selectbox(texts.SHOW_LABEL, texts.SHOW, format_func=texts.SHOW.get, key=f"show_{name}", width=210)
        identity, cameras, tag = None, [], None
        if show not in (REMOVED_IMAGES, SKIPPED):
            identities = sorted(set(table["identity"]) - {""})
            identity = st.selectbox(
                texts.COLUMN_IDENTITY,
                identities,
                index=None,
                placeholder=texts.SHOW[ALL],
                key=f"identity_{name}",
                width=180,
            )
            known = sorted(set(table["camera"]) - {UNKNOWN_CAMERA})
            cameras = st.multiselect(
                texts.CAMERAS, known, placeholder=texts.SHOW[ALL], key=f"cameras_{name}", width=230
            )
            if tags := tags_of(images.changes):
                tag = st.selectbox(
                    texts.TAG, tags, index=None, placeholder=texts.SHOW[ALL], key=f"tag_{name}", width=180
                )
    if show == SKIPPED:
        return show, table.head(0)
    return show, images.select(health, show, identity, cameras, tag)


def _crops(gallery: StoredGallery, shown: pd.DataFrame, selected: set[str]) -> list[dict]:
    """Return the crops of a page. An image that cannot be opened is blank, so that it can be removed."""
    crops = []
    for row in shown.itertuples():
        camera = texts.CAMERA_NUMBER.format(camera=row.camera) if row.camera != UNKNOWN_CAMERA else ""
        facts = ", ".join(filter(None, (row.identity or texts.SHOW[gallery_images.UNLABELLED], camera)))
        title = texts.IMAGE_TITLE.format(name=Path(row.path).name, facts=facts)
        source = widgets.thumbnail_or_blank(str(gallery.folder / row.path))
        mark = RIGHT if row.path in selected else UNKNOWN
        crops.append(crop(source, title, mark, id=row.path, below=row.identity or "–"))
    return crops


def _show_skipped(health: DataQuality) -> None:
    rows = {
        texts.COLUMN_FILE: [name for name, _ in health.unreadable],
        texts.COLUMN_REASON: [reason for _, reason in health.unreadable],
    }
    if health.unreadable:
        st.dataframe(rows, hide_index=True, key="skipped_files")
    else:
        st.caption(texts.NO_SKIPPED_FILES)


def _open(gallery: StoredGallery, images: GalleryImages, row: pd.Series) -> None:
    """Open an image in a dialog, with its record and its actions."""

    @st.dialog(widgets.as_plain_text(Path(row["path"]).name), width="large")
    def show() -> None:
        left, right = st.columns([2, 3], gap="large")
        with left:
            try:
                image = open_image(gallery.folder / row["path"])
                width = min(LARGE_WIDTH, round(image.width * LARGE_HEIGHT / image.height))
                source = jpeg_url(image, (2 * LARGE_WIDTH, 2 * LARGE_HEIGHT))
                st.image(source, width=width, alt=Path(row["path"]).name)
            except (UserError, OSError) as error:
                st.error(explain(error))
        with right:
            facts = gallery_images.describe_row(row, images.tags(row["path"]))
            st.markdown("  \n".join(f"**{name}:** {widgets.as_plain_text(value)}" for name, value in facts))
            show_actions(gallery, images, [row["path"]], IN_DIALOG)

    show()


def _toggle(gallery: StoredGallery, path: str) -> None:
    selected = st.session_state[SELECTED].get(gallery.id, [])
    _set_selected(gallery, [one for one in selected if one != path] if path in selected else [*selected, path])


def _set_selected(gallery: StoredGallery, paths: list[str]) -> None:
    st.session_state[SELECTED][gallery.id] = paths
