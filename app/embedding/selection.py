"""Beside the map: the picked point with its true neighbours, and the points in the lasso as crops and a table."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.embedding.descriptors import Embedding
from app.embedding.table import FALSE_ALARM
from app.shared import cache
from app.shared.keys import CHOSEN, ISOLATED, MATCH, PROBE, WHY
from app.shared.true_matches import RIGHT, UNKNOWN, WRONG
from app.shared.widgets import as_plain_text

if TYPE_CHECKING:
    from app.embedding.map import View
    from core.projection.projector import Projector

NEIGHBOURS = 10
MAX_CROPS = 60
PAGES = {"Search": "app_pages/search.py", "Regions": "app_pages/regions.py", "Compare": "app_pages/compare.py"}


def show_picked(one: Embedding, number: int, linked: dict[str, str], on_pick: Callable[[str], None]) -> None:
    """A point of the map: its crop, what is known of it, its nearest descriptors, and the ways on.

    `linked` names the model and the gallery in links to other pages.
    """
    row = one.table.iloc[number]
    left, right = st.columns([2, 3], gap="small")
    with left:
        crop_grid([crop(cache.thumbnail(row["path"]), f"The image {row['image']}")], "alone", "Picked", "picked")
    with right:
        st.markdown(f"**{as_plain_text(row['image'])}**")
        st.markdown("  \n".join(f"{name}: {as_plain_text(value)}" for name, value in facts(row)))
        with st.container(horizontal=True, gap="small"):
            for name, page in PAGES.items():
                st.page_link(page, label=name, query_params={PROBE: row["image"]} | linked)
    nearest = one.neighbours(one.descriptors[number], NEIGHBOURS, number)
    _show_nearest(
        one,
        one.descriptors[number],
        nearest,
        row["person"],
        on_pick,
        "lines lead to them",
        {PROBE: row["image"]} | linked,
    )


def show_nearest(
    one: Embedding, name: str, descriptor: np.ndarray, linked: dict[str, str], on_pick: Callable[[str], None]
) -> None:
    """An upload, which lies among those that its descriptor (1, D) is nearest to."""
    st.markdown(f"**{as_plain_text(name)}** is the star on the map.")
    nearest = one.neighbours(descriptor[0], NEIGHBOURS)
    _show_nearest(one, descriptor[0], nearest, None, on_pick, "the star is among them", linked)


def facts(row: pd.Series) -> list[tuple[str, str]]:
    """What is known of an image, in words."""
    known = [(name, row[name]) for name in ("person", "camera", "part")]
    if isinstance(row["rank-1"], str):
        known += [("first answer", row["rank-1"]), ("average precision", f"{row['average precision']:.0%}")]
    return known


def _show_nearest(
    one: Embedding,
    descriptor: np.ndarray,
    nearest: Sequence[int],
    person: str | None,
    on_pick: Callable[[str], None],
    where: str,
    link: dict[str, str],
) -> None:
    """`link` is what the page Compare is asked for beside the neighbour whose "why?" is clicked."""
    st.markdown(f"**Nearest descriptors**, not nearest points; {where}")
    scores, crops = one.descriptors[list(nearest)] @ descriptor, []
    for place, (score, number) in enumerate(zip(scores, nearest, strict=True), start=1):
        other = one.table.iloc[number]
        mark = UNKNOWN if person is None else RIGHT if other["person"] == person else WRONG
        title = f"Neighbour {place}: person {other['person']}, camera {other['camera']}, score {score:.3f}"
        why = f"compare?{urlencode(link | {MATCH: other['image']})}"
        crops.append(
            crop(
                cache.thumbnail(other["path"]),
                title,
                mark,
                id=other["image"],
                rank=str(place),
                below=f"{score:.3f}",
                why=why,
            )
        )
    crop_grid(
        crops,
        "probe",
        "Nearest descriptors",
        f"nearest_{hash(descriptor.tobytes())}",
        on_pick,
        lambda name: st.session_state.update({WHY: name}),
    )
    if match := st.session_state.pop(WHY, None):
        st.switch_page(PAGES["Compare"], query_params=link | {MATCH: match})


def show_lasso(
    one: Embedding,
    view: "View",
    found: "Projector",
    on_choose: Callable[[list[str]], None],
    on_pick: Callable[[str], None],
) -> None:
    """What is in the lasso, and the way to a map of it alone and back."""
    numbers = [number for name in view.chosen if (number := one.number(name)) >= 0]
    words = f"{len(numbers):,} images in the lasso" if numbers else f"A map of {len(view.rows):,} images alone"
    st.subheader(words)
    with st.container(horizontal=True, gap="small"):
        if numbers:
            st.button(
                "Project these alone",
                icon=":material/filter_center_focus:",
                on_click=lambda: st.session_state.update({ISOLATED: sorted(numbers), CHOSEN: []}),
            )
            st.button("Empty the lasso", icon=":material/close:", on_click=on_choose, args=([],))
        if view.rows:
            st.button(
                "Back to all images", icon=":material/undo:", on_click=lambda: st.session_state.update({ISOLATED: []})
            )
    if numbers:
        show_chosen(one, numbers, exported(one, numbers, found.coordinates, view.rows), on_pick)


def show_chosen(one: Embedding, numbers: Sequence[int], table: pd.DataFrame, on_pick: Callable[[str], None]) -> None:
    """Crops to click, people first, and a table to keep."""
    chosen = one.table.iloc[list(numbers)].sort_values(["part", "person"], key=_people_first)
    crops = [
        crop(
            cache.thumbnail(row.path),
            f"{row.image}: person {row.person}, camera {row.camera}",
            UNKNOWN,
            id=row.image,
            below=str(row.person),
        )
        for row in chosen.head(MAX_CROPS).itertuples()
    ]
    crop_grid(crops, "strip", "Images in the lasso", "chosen_crops", on_pick)
    if len(chosen) > MAX_CROPS:
        st.caption(f"The first {MAX_CROPS} of {len(chosen):,}; the table has them all.")
    with st.expander(f"Table of {len(table):,} images", icon=":material/table:"):
        st.dataframe(table, hide_index=True, height=280)
    download(table, "selection")


def _people_first(column: pd.Series) -> pd.Series:
    return column.eq(FALSE_ALARM) if column.name == "part" else column


def exported(
    one: Embedding, numbers: Sequence[int], coordinates: np.ndarray, rows: Sequence[int] | None
) -> pd.DataFrame:
    """Rows of the table with their places on the map (of `rows`, or of all) as x, y and z, for other explorers."""
    place = {row: number for number, row in enumerate(range(len(one.table)) if rows is None else rows)}
    on_map = [number for number in numbers if number in place]
    axes = pd.DataFrame(coordinates[[place[number] for number in on_map]], columns=list("xyz"[: coordinates.shape[1]]))
    table = one.table.iloc[on_map].reset_index(drop=True)
    return pd.concat([table.assign(path=table["path"].map(str)), axes], axis=1)


def download(table: pd.DataFrame, name: str) -> None:
    look = {"on_click": "ignore", "icon": ":material/download:", "type": "tertiary"}
    with st.container(horizontal=True, gap="small"):
        st.download_button("CSV", lambda: table.to_csv(index=False).encode(), f"{name}.csv", "text/csv", **look)
        st.download_button("Parquet", lambda: as_parquet(table), f"{name}.parquet", **look)


def as_parquet(table: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
