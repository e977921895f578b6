"""Parts of pages: grids of crops, the box on a photograph, progress, warnings, and the foot."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from app.components.box_editor import edit_boxes
from app.components.image_grid import BLANK, crop, crop_grid
from app.shared import cache, each_upload, linked_uploads, texts, true_matches
from app.shared.images import Images
from app.shared.keys import MATCH
from app.shared.model_loading import Loading, Searcher
from app.shared.thumbnails import THUMBNAIL
from app.shared.uploads import (
    MAX_BOXES,
    WHOLE_IMAGE,
    Box,
    ProbeImage,
    Upload,
    boxes_of,
    check_boxes,
    first_box,
)
from core.counts import counted
from core.data.records import Record
from core.errors import UserError

if TYPE_CHECKING:  # the first page does not wait for its import
    import pandas as pd

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
    ranking: "pd.DataFrame", probe: Record | None, images: Images, linked: Mapping[str, str | list[str]] | None = None
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


def worst_crops(probes: "pd.DataFrame", images: Images) -> list[dict]:
    """Return crops of probes, with the rank of the first true match and a link to search with each."""
    crops = []
    for row in probes.itertuples():
        title = texts.WORST_PROBE_TITLE.format(name=row.image, rank=row.first_rank, precision=row.average_precision)
        rank = texts.RANK.format(rank=row.first_rank)
        source = thumbnail_or_blank(images.root / row.path)
        crops.append(crop(source, title, href=row.search, below=rank))
    return crops


def show_probe(record: Record, images: Images) -> None:
    """Show a gallery image or demo probe as the probe."""
    title = texts.PROBE_NAMED.format(name=images.names[record.path])
    crop_grid([crop(cache.thumbnail(record.path), title)], "alone", texts.PROBE, "shown_probe")
    st.caption(" · ".join(filter(None, (true_matches.who(record.identity), true_matches.where(record.camera)))))


def show_uploads(images: Sequence[ProbeImage]) -> None:
    """Show uploads, cropped to their boxes, as the probe."""
    crops = [
        crop(
            cache.upload_url(*image.content, THUMBNAIL, image.image),
            texts.PROBE_NAMED.format(name=image.name),
        )
        for image in images
    ]
    crop_grid(crops, "alone" if len(crops) == 1 else "probe", texts.PROBE, "shown_probe")
    st.caption(each_upload.describe(len(crops)))


def choose_boxes(uploads: Sequence[Upload], boxes: dict[str, Sequence[Box]]) -> None:
    """Let the user draw boxes on photographs; a sentence names each one that has none."""
    photographs = {upload.id: upload for upload in uploads if boxes_of(upload, boxes) != (WHOLE_IMAGE,)}
    if not photographs:
        return
    missing = [upload for upload in photographs.values() if not boxes_of(upload, boxes)]
    chosen = (missing or list(photographs.values()))[0].id
    if len(photographs) > 1:
        chosen = st.segmented_control(
            texts.PHOTOGRAPH,
            photographs,
            default=chosen,
            required=True,
            format_func=lambda id: photographs[id].name,
        )
    st.markdown(texts.DRAW_BOX)
    draw_boxes_on(photographs[chosen], boxes)
    for upload in missing:
        st.info(as_plain_text(texts.NO_BOX.format(name=upload.name)), icon=":material/crop:")


def draw_boxes_on(upload: Upload, boxes: dict[str, Sequence[Box]]) -> None:
    """Show a photograph with its boxes, to draw, move and resize them."""

    def drawn(values: object) -> None:
        new = check_boxes(values)
        if new is not None:
            linked_uploads.draw(upload.id, new or None)

    edit_boxes(
        cache.upload_url(upload.id, WHOLE_IMAGE, SHOWN_PHOTOGRAPH, upload.image),
        upload.image.size,
        boxes_of(upload, boxes),
        first_box(upload),
        MAX_BOXES,
        texts.DRAW_BOX_LABEL.format(name=upload.name),
        f"boxes_{upload.id}",
        drawn,
    )


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
        texts.RANKED.format(images=counted(images, "image")),
        texts.SKIPPED.format(count=searcher.unreadable) if searcher.unreadable else "",
        texts.DESCRIBE_TIME.format(ms=describe_ms),
        texts.SEARCH_TIME.format(ms=search_ms),
        texts.LEGEND if known else "",
    )
    return " · ".join(filter(None, done))


def show_true_matches(
    found: true_matches.TrueMatches, images: Images, has_rule: bool, on_pick: Callable[[str], None]
) -> None:
    """Show the ranks of all true matches, and the ignored images. `has_rule`: the same-camera rule was applied."""
    st.subheader(texts.RANKS_OF_TRUE_MATCHES)
    if has_rule:
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
