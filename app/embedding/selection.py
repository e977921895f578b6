"""The clicked point with its nearest descriptors, and the selection as crops and a table."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.embedding import new_gallery, texts
from app.embedding.descriptors import Embedding
from app.embedding.table import DISTRACTOR_SUBSET, identity_label, records_of
from app.shared.keys import CHOSEN, ISOLATED, MATCH, PROBE, WHY
from app.shared.true_matches import UNKNOWN, verdict
from app.shared.widgets import as_plain_text, thumbnail_or_blank
from core.counts import counted
from core.data.records import Record

if TYPE_CHECKING:
    from app.embedding.map import View
    from core.projection.projector import Projector

NEIGHBOURS = 10
MAX_CROPS = 60
Link = dict[str, str | list[str]]  # parameters of a link to another page
COMPARE_PAGE = "app_pages/compare.py"
PAGES = {
    texts.SEARCH: "app_pages/search.py",
    texts.REGIONS: "app_pages/regions.py",
    texts.COMPARE: COMPARE_PAGE,
}


def show_picked(one: Embedding, number: int, linked: Link, on_pick: Callable[[str], None]) -> None:
    """Show a point of the map: its crop, its labels, links to other pages, and its nearest descriptors.

    `linked` names the model and the gallery in links to other pages.
    """
    row = one.table.iloc[number]
    left, right = st.columns([2, 3], gap="small")
    with left:
        crop_grid(
            [crop(thumbnail_or_blank(row["path"]), texts.POINT_CROP.format(image=row["image"]))],
            "alone",
            texts.POINT_CROPS,
            "picked",
        )
    with right:
        st.markdown(f"**{as_plain_text(row['image'])}**")
        st.markdown("  \n".join(texts.FACT.format(name=name, value=as_plain_text(value)) for name, value in facts(row)))
        with st.container(horizontal=True, gap="small"):
            for name, page in PAGES.items():
                st.page_link(page, label=name, query_params={PROBE: row["image"]} | linked)
    nearest = one.neighbours(one.descriptors[number], NEIGHBOURS, number)
    _show_nearest(
        one,
        one.descriptors[number],
        nearest,
        records_of(one.table.iloc[[number]])[0],
        on_pick,
        texts.LINES_TO_NEIGHBOURS,
        {PROBE: row["image"]} | linked,
        "nearest",
    )


def show_nearest(
    one: Embedding,
    name: str,
    descriptor: np.ndarray,
    linked: Link,
    on_pick: Callable[[str], None],
    key: str,
) -> None:
    """Show the nearest descriptors of an upload with the descriptor (1, D). `key` is another one for each upload."""
    st.markdown(texts.UPLOAD_ON_MAP.format(name=as_plain_text(name)))
    nearest = one.neighbours(descriptor[0], NEIGHBOURS)
    _show_nearest(one, descriptor[0], nearest, None, on_pick, texts.STAR_NEAR_NEIGHBOURS, linked, key)


def facts(row: pd.Series) -> list[tuple[str, str]]:
    """Return the labels of an image as names and values."""
    known = [(name, row[name]) for name in ("identity", "camera", "subset")]
    if isinstance(row["rank-1"], str):
        known += [(texts.FIRST_RESULT, row["rank-1"]), (texts.AVERAGE_PRECISION, f"{row['average precision']:.0%}")]
    return known


def _show_nearest(
    one: Embedding,
    descriptor: np.ndarray,
    nearest: Sequence[int],
    probe: Record | None,
    on_pick: Callable[[str], None],
    where: str,
    link: Link,
    key: str,
) -> None:
    """Show the nearest descriptors. `link` has the parameters of the page Compare, without the neighbour."""
    st.markdown(texts.NEAREST.format(where=where))
    scores, crops = one.descriptors[list(nearest)] @ descriptor, []
    records = records_of(one.table.iloc[list(nearest)])
    for rank, (score, number, record) in enumerate(zip(scores, nearest, records, strict=True), start=1):
        other = one.table.iloc[number]
        title = texts.NEIGHBOUR.format(
            rank=rank, who=identity_label(other["identity"]), camera=other["camera"], score=score
        )
        why = f"compare?{urlencode(link | {MATCH: other['image']}, doseq=True)}"
        crops.append(
            crop(
                thumbnail_or_blank(other["path"]),
                title,
                verdict(record.identity, probe),
                id=other["image"],
                rank=str(rank),
                below=f"{score:.3f}",
                why=why,
            )
        )
    crop_grid(
        crops,
        "probe",
        texts.NEAREST_CROPS,
        key,
        on_pick,
        lambda name: st.session_state.update({WHY: name}),
    )
    if match := st.session_state.pop(WHY, None):
        st.switch_page(COMPARE_PAGE, query_params=link | {MATCH: match})


def show_selection(
    one: Embedding,
    view: "View",
    found: "Projector",
    on_choose: Callable[[list[str]], None],
    on_pick: Callable[[str], None],
    checkpoint: Path,
) -> None:
    """Show the selected images, and the buttons to re-project or clear the selection or to create a gallery from it.

    The model of `checkpoint` indexes the new gallery.
    """
    numbers = [number for name in view.chosen if (number := one.number(name)) >= 0]
    if numbers:
        st.subheader(texts.SELECTED.format(count=len(numbers)))
    else:
        st.subheader(texts.REPROJECTED.format(images=counted(len(view.rows), "selected image")))
    with st.container(horizontal=True, gap="small"):
        if numbers:
            st.button(
                texts.REPROJECT,
                icon=":material/filter_center_focus:",
                on_click=lambda: st.session_state.update({ISOLATED: sorted(numbers), CHOSEN: []}),
            )
            new_gallery.show_form(one, numbers, checkpoint)
            st.button(texts.CLEAR_LASSO, icon=":material/close:", on_click=on_choose, args=([],))
        if view.rows:
            st.button(texts.SHOW_ALL, icon=":material/undo:", on_click=lambda: st.session_state.update({ISOLATED: []}))
    if numbers:
        show_chosen(one, numbers, exported(one, numbers, found.coordinates, view.rows), on_pick)


def show_chosen(one: Embedding, numbers: Sequence[int], table: pd.DataFrame, on_pick: Callable[[str], None]) -> None:
    """Show the selected crops, distractors last, and their table."""
    chosen = one.table.iloc[list(numbers)].sort_values(["subset", "identity"], key=_distractors_last)
    crops = [
        crop(
            thumbnail_or_blank(row.path),
            texts.SELECTED_CROP.format(image=row.image, who=identity_label(row.identity), camera=row.camera),
            UNKNOWN,
            id=row.image,
            below=str(row.identity),
        )
        for row in chosen.head(MAX_CROPS).itertuples()
    ]
    crop_grid(crops, "strip", texts.SELECTED_CROPS, "chosen_crops", on_pick)
    if len(chosen) > MAX_CROPS:
        st.caption(texts.FIRST_CROPS.format(shown=MAX_CROPS, count=len(chosen)))
    with st.expander(texts.TABLE.format(images=counted(len(table), "image")), icon=":material/table:"):
        st.dataframe(table, hide_index=True, height=280)
    download(table, "selection")


def _distractors_last(column: pd.Series) -> pd.Series:
    return column.eq(DISTRACTOR_SUBSET) if column.name == "subset" else column


def exported(
    one: Embedding, numbers: Sequence[int], coordinates: np.ndarray, rows: Sequence[int] | None
) -> pd.DataFrame:
    """Rows of the table with their coordinates on the map (of `rows`, or of all) as columns x, y and z."""
    position = {row: number for number, row in enumerate(range(len(one.table)) if rows is None else rows)}
    on_map = [number for number in numbers if number in position]
    axes = pd.DataFrame(
        coordinates[[position[number] for number in on_map]], columns=list("xyz"[: coordinates.shape[1]])
    )
    table = one.table.iloc[on_map].reset_index(drop=True)
    return pd.concat([table.assign(path=table["path"].map(str)), axes], axis=1)


def download(table: pd.DataFrame, name: str) -> None:
    """Show the buttons to download a table."""
    look = {"on_click": "ignore", "icon": ":material/download:", "type": "tertiary"}
    with st.container(horizontal=True, gap="small"):
        st.download_button(texts.CSV, lambda: table.to_csv(index=False).encode(), f"{name}.csv", "text/csv", **look)
        st.download_button(texts.PARQUET, lambda: as_parquet(table), f"{name}.parquet", **look)


def as_parquet(table: pd.DataFrame) -> bytes:
    """Return a table as the content of a Parquet file."""
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
