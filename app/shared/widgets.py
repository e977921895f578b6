"""Pieces of pages: the grid of crops, the box that is drawn on a photograph, and the words at the foot."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from PIL import Image

from app.components.box_editor import draw_box
from app.components.image_grid import BLANK, crop, crop_grid
from app.shared import cache, true_matches
from app.shared.images import Images
from app.shared.keys import BOXES, MATCH
from app.shared.model_loading import Loading, Searcher
from app.shared.uploads import Box, Upload, check_box, first_box
from core.data.records import Record
from core.errors import UserError

SHOWN_PHOTOGRAPH = (900, 900)
NOBODY_KNOWS = "**Most alike first**; nobody has said who this is, so no answer is marked right or wrong"
RULE = (
    "images of the probe's person from the probe's own camera do not count, because taken moments apart before "
    "the same background they are too easy to find."
)


def probe_crops(records: Iterable[Record], images: Images) -> list[dict]:
    """Images to start with; one that cannot be opened is left out."""
    crops = []
    for record in records:
        name = images.names[record.path]
        with suppress(UserError):
            crops.append(crop(cache.thumbnail(record.path), f"Search with {name}", id=name))
    return crops


def thumbnail_or_blank(path: str) -> str:
    """Of an image of a gallery whose files may be moved or deleted while it is searched."""
    try:
        return cache.thumbnail(path)
    except (UserError, OSError):
        return BLANK


def ranking_crops(
    ranking: pd.DataFrame, probe: Record | None, images: Images, linked: dict[str, str] | None = None
) -> list[dict]:
    """Rows of a ranking, framed by what is known about them; with the values of a link for "why?" below each."""
    crops = []
    for row in ranking.itertuples():
        mark = true_matches.verdict(row.identity, probe)
        name = images.names[Path(row.path)]
        facts = [
            true_matches.MARK_TEXTS[mark],
            f"score {row.score:.3f}",
            true_matches.where(row.camera),
            true_matches.who(row.identity),
        ]
        title = f"Rank {row.rank}: {', '.join(filter(None, facts))}. Search with {name}"
        crops.append(
            crop(
                thumbnail_or_blank(row.path),
                title,
                mark,
                id=name,
                rank=str(row.rank),
                left=f"{row.score:.3f}",
                right=true_matches.where(row.camera),
                below=true_matches.who(row.identity),
                why=f"compare?{urlencode(linked | {MATCH: name})}" if linked else "",
            )
        )
    return crops


def answer_crops(answers: true_matches.Answers, images: Images) -> list[dict]:
    """All right answers with their ranks, then those that do not count."""
    crops = []
    for part, mark in ((answers.counted, true_matches.RIGHT), (answers.excluded, true_matches.EXCLUDED)):
        for row in part.itertuples():
            rank = f"rank {row.rank}" if mark == true_matches.RIGHT else "not counted"
            name = images.names[Path(row.path)]
            known = f"{true_matches.MARK_TEXTS[mark]}, {true_matches.where(row.camera)}"
            title = f"{rank.capitalize()}: {known}. Search with {name}"
            crops.append(crop(thumbnail_or_blank(row.path), title, mark, id=name, below=rank))
    return crops


def worst_crops(probes: pd.DataFrame, images: Images) -> list[dict]:
    """Rows of `worst_first`, with the rank at which their person is found and a link to search with them."""
    crops = []
    for row in probes.itertuples():
        facts = f"first right answer at rank {row.first_rank:g}, average precision {row.average_precision:.0%}"
        crops.append(
            crop(
                cache.thumbnail(images.root / row.path),
                f"Search with {row.image}: {facts}",
                href=row.search,
                below=f"rank {row.first_rank:g}",
            )
        )
    return crops


def show_probe(record: Record, images: Images) -> None:
    """An image of the data as the probe."""
    title = f"The probe {images.names[record.path]}"
    crop_grid([crop(cache.thumbnail(record.path), title)], "alone", "Probe", "shown_probe")
    st.caption(" · ".join(filter(None, (true_matches.who(record.identity), true_matches.where(record.camera)))))


def show_uploads(uploads: list[Upload], boxes: dict[str, Box], cuts: list[Image.Image]) -> None:
    """Uploads, as they are described, as the probe."""
    crops = [
        crop(cache.upload_url(upload.content, boxes[upload.content], cache.THUMBNAIL, cut), f"The probe {upload.name}")
        for upload, cut in zip(uploads, cuts, strict=True)
    ]
    crop_grid(crops, "alone" if len(crops) == 1 else "probe", "Probe", "shown_probe")
    st.caption("your upload" if len(crops) == 1 else f"your {len(crops)} uploads, averaged")


def choose_boxes(uploads: list[Upload]) -> dict[str, Box]:
    """Content of an upload -> the box to search with. Those that do not have a person's shape are drawn on."""
    boxes = st.session_state.setdefault(BOXES, {})
    photographs = {upload.content: upload for upload in uploads if not upload.shows_one_person}
    if photographs:
        chosen = next(iter(photographs))
        if len(photographs) > 1:
            chosen = st.segmented_control(
                "Photograph",
                photographs,
                default=chosen,
                required=True,
                format_func=lambda content: photographs[content].name,
            )
        st.markdown("**Drag a box around one person**; what is inside it is searched with.")
        draw_box_on(photographs[chosen], boxes)
    return {upload.content: boxes.get(upload.content) or first_box(upload) for upload in uploads}


def draw_box_on(upload: Upload, boxes: dict[str, Box]) -> None:
    """Show a photograph with its box; one that is drawn instead is put into `boxes`."""

    def drawn(values: object) -> None:
        if new := check_box(values):
            boxes[upload.content] = new

    source = cache.upload_url(upload.content, (0, 0, 1, 1), SHOWN_PHOTOGRAPH, upload.image)
    box = boxes.get(upload.content) or first_box(upload)
    label = f"{upload.name}: drag to draw a box around one person"
    draw_box(source, upload.image.size, box, label, f"box_{upload.content}", drawn)


def wait_for(loading: Loading) -> Searcher:
    """Show how far the gallery is until it is ready. Raises UserError if it cannot be had."""
    place = st.empty()
    searcher = loading.wait(0.05)
    while searcher is None:
        text = f"Describing the gallery: {loading.described:,} of {loading.images:,} images"
        place.progress(loading.share, text if loading.described else "Loading the model")
        searcher = loading.wait(0.1)
    place.empty()
    return searcher


def figures(images: int, searcher: Searcher, describe_ms: float, search_ms: float, known: bool) -> str:
    """What was done, in one line, and what the frames mean."""
    unreadable = f"{searcher.unreadable} more could not be read" if searcher.unreadable else ""
    done = (
        f"{images:,} images ranked",
        unreadable,
        f"described in {describe_ms:.0f} ms",
        f"searched in {search_ms:.1f} ms",
    )
    legend = " · ✓ same person · ✗ someone else" if known else ""
    return " · ".join(filter(None, done)) + legend


def show_answers(answers: true_matches.Answers, images: Images, on_pick: Callable[[str], None]) -> None:
    st.subheader("Where the right answers are")
    st.caption(f"Same-camera rule: {RULE}")
    crop_grid(answer_crops(answers, images), "strip", "Right answers", "answers", on_pick)


def warn(sentences: list[str]) -> None:
    with st.container():  # of its own, so that what follows does not change its place
        if sentences:
            st.warning("\n\n".join(map(as_plain_text, sentences)), icon=":material/error:")


def as_plain_text(text: str) -> str:
    """Keep Markdown from reading anything into names that came with an upload or a link."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-!|$~:])", r"\\\1", text)


def how_it_works() -> None:
    with st.expander("How this works", icon=":material/school:"):
        st.markdown(
            "An image is cut into three overlapping **parts**: head and chest, trunk, legs. Two small networks, the "
            "**streams**, look at each part; what they find at the same place is multiplied, every filter of one with "
            "every filter of the other. These products are summed over the cells of a grid, the **regions** "
            "(multi-region bilinear pooling), which says what was seen together and roughly where. From all regions "
            "comes the **descriptor**, 500 numbers for the whole image. The **score** of two images is the cosine "
            "of the angle between their descriptors: 1 is the same direction, 0 nothing in common."
        )


def responsible_use() -> None:
    st.caption(
        "The people in the demo images are rendered, not real: this is for research and teaching; do not use it to "
        "identify or follow people."
    )
