"""Parts of pages: grids of crops, the box on a photograph, progress, warnings, and the foot."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from PIL import Image

from app.components.box_editor import draw_box
from app.components.image_grid import BLANK, crop, crop_grid
from app.shared import cache, texts, true_matches
from app.shared.images import Images
from app.shared.keys import BOXES, MATCH
from app.shared.model_loading import Loading, Searcher
from app.shared.uploads import Box, Upload, check_box, first_box
from core.data.records import Record
from core.errors import UserError

SHOWN_PHOTOGRAPH = (900, 900)


def probe_crops(records: Iterable[Record], images: Images) -> list[dict]:
    """Return crops to search with; images that cannot be opened are skipped."""
    crops = []
    for record in records:
        name = images.names[record.path]
        with suppress(UserError):
            crops.append(crop(cache.thumbnail(record.path), texts.SEARCH_WITH.format(name=name), id=name))
    return crops


def thumbnail_or_blank(path: str) -> str:
    """Return a thumbnail, or a blank image if the file is missing or damaged."""
    try:
        return cache.thumbnail(path)
    except (UserError, OSError):
        return BLANK


def ranking_crops(
    ranking: pd.DataFrame, probe: Record | None, images: Images, linked: Mapping[str, str | list[str]] | None = None
) -> list[dict]:
    """Return crops of a ranking, with a frame for true and false matches; `linked` adds a link to Compare to each."""
    crops = []
    for row in ranking.itertuples():
        mark = true_matches.verdict(row.identity, probe)
        name = images.names[Path(row.path)]
        facts = [
            true_matches.MARK_TEXTS[mark],
            texts.SCORE.format(score=row.score),
            true_matches.where(row.camera),
            true_matches.who(row.identity),
        ]
        title = texts.RANK_TITLE.format(rank=row.rank, facts=", ".join(filter(None, facts)), name=name)
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
                why=f"compare?{urlencode({**linked, MATCH: name}, doseq=True)}" if linked else "",
            )
        )
    return crops


def true_match_crops(found: true_matches.TrueMatches, images: Images) -> list[dict]:
    """Return crops of all true matches with their ranks, then of the ignored images."""
    crops = []
    for part, mark in ((found.counted, true_matches.RIGHT), (found.excluded, true_matches.EXCLUDED)):
        for row in part.itertuples():
            rank = texts.RANK.format(rank=row.rank) if mark == true_matches.RIGHT else texts.IGNORED
            name = images.names[Path(row.path)]
            facts = f"{true_matches.MARK_TEXTS[mark]}, {true_matches.where(row.camera)}"
            title = texts.TRUE_MATCH_TITLE.format(rank=rank.capitalize(), facts=facts, name=name)
            crops.append(crop(thumbnail_or_blank(row.path), title, mark, id=name, below=rank))
    return crops


def worst_crops(probes: pd.DataFrame, images: Images) -> list[dict]:
    """Return crops of probes, with the rank of the first true match and a link to search with each."""
    crops = []
    for row in probes.itertuples():
        title = texts.WORST_PROBE_TITLE.format(name=row.image, rank=row.first_rank, precision=row.average_precision)
        rank = texts.RANK.format(rank=row.first_rank)
        crops.append(crop(cache.thumbnail(images.root / row.path), title, href=row.search, below=rank))
    return crops


def show_probe(record: Record, images: Images) -> None:
    """Show a gallery image or demo probe as the probe."""
    title = texts.PROBE_NAMED.format(name=images.names[record.path])
    crop_grid([crop(cache.thumbnail(record.path), title)], "alone", texts.PROBE, "shown_probe")
    st.caption(" · ".join(filter(None, (true_matches.who(record.identity), true_matches.where(record.camera)))))


def show_uploads(uploads: list[Upload], boxes: dict[str, Box], cuts: list[Image.Image]) -> None:
    """Show uploads, cropped to their boxes, as the probe."""
    crops = [
        crop(
            cache.upload_url(upload.content, boxes[upload.content], cache.THUMBNAIL, cut),
            texts.PROBE_NAMED.format(name=upload.name),
        )
        for upload, cut in zip(uploads, cuts, strict=True)
    ]
    crop_grid(crops, "alone" if len(crops) == 1 else "probe", texts.PROBE, "shown_probe")
    st.caption(texts.UPLOADED if len(crops) == 1 else texts.UPLOADED_IMAGES.format(count=len(crops)))


def choose_boxes(uploads: list[Upload]) -> dict[str, Box]:
    """Return the box to search with by the content of each upload; the user draws boxes on photographs."""
    boxes = st.session_state.setdefault(BOXES, {})
    photographs = {upload.content: upload for upload in uploads if not upload.shows_one_person}
    if photographs:
        chosen = next(iter(photographs))
        if len(photographs) > 1:
            chosen = st.segmented_control(
                texts.PHOTOGRAPH,
                photographs,
                default=chosen,
                required=True,
                format_func=lambda content: photographs[content].name,
            )
        st.markdown(texts.DRAW_BOX)
        draw_box_on(photographs[chosen], boxes)
    return {upload.content: boxes.get(upload.content) or first_box(upload) for upload in uploads}


def draw_box_on(upload: Upload, boxes: dict[str, Box]) -> None:
    """Show a photograph with its box; a newly drawn box is put into `boxes`."""

    def drawn(values: object) -> None:
        if new := check_box(values):
            boxes[upload.content] = new

    source = cache.upload_url(upload.content, (0, 0, 1, 1), SHOWN_PHOTOGRAPH, upload.image)
    box = boxes.get(upload.content) or first_box(upload)
    label = texts.DRAW_BOX_LABEL.format(name=upload.name)
    draw_box(source, upload.image.size, box, label, f"box_{upload.content}", drawn)


def wait_for(loading: Loading) -> Searcher:
    """Show the progress of indexing until the gallery is ready. Raises UserError if it fails."""
    place = st.empty()
    searcher = loading.wait(0.05)
    while searcher is None:
        text = texts.INDEXING.format(done=loading.described, total=loading.images)
        place.progress(loading.share, text if loading.described else texts.LOADING_MODEL)
        searcher = loading.wait(0.1)
    place.empty()
    return searcher


def figures(images: int, searcher: Searcher, describe_ms: float, search_ms: float, known: bool) -> str:
    """Return counts and times in one line, and the legend of the frames."""
    done = (
        texts.RANKED.format(count=images),
        texts.SKIPPED.format(count=searcher.unreadable) if searcher.unreadable else "",
        texts.DESCRIBE_TIME.format(ms=describe_ms),
        texts.SEARCH_TIME.format(ms=search_ms),
        texts.LEGEND if known else "",
    )
    return " · ".join(filter(None, done))


def show_true_matches(found: true_matches.TrueMatches, images: Images, on_pick: Callable[[str], None]) -> None:
    """Show the ranks of all true matches, and the ignored images."""
    st.subheader(texts.RANKS_OF_TRUE_MATCHES)
    st.caption(texts.SAME_CAMERA_CAPTION.format(rule=texts.SAME_CAMERA_RULE))
    crop_grid(true_match_crops(found, images), "strip", texts.TRUE_MATCHES, "answers", on_pick)


def warn(sentences: list[str]) -> None:
    """Show sentences as one warning, in plain text."""
    with st.container():  # so that the elements below keep their place
        if sentences:
            st.warning("\n\n".join(map(as_plain_text, sentences)), icon=":material/error:")


def as_plain_text(text: str) -> str:
    """Escape Markdown in text that comes from an upload or a link."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-!|$~:])", r"\\\1", text)


def how_it_works() -> None:
    """Show the explanation of the method, folded."""
    with st.expander(texts.HOW_IT_WORKS, icon=":material/school:"):
        st.markdown(texts.HOW_IT_WORKS_TEXT)


def responsible_use() -> None:
    """Show the note on responsible use."""
    st.caption(texts.RESPONSIBLE_USE)
