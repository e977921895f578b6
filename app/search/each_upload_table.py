"""Several uploads, each searched for by itself: one row for each, and one CSV file."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from app.search import calibration_panel, texts
from app.search.controls import Chosen
from app.shared import cache, calibrations, context, linked_uploads, person_check, true_matches, widgets
from app.shared import texts as shared_texts
from app.shared.images import Images
from app.shared.keys import BOX, CAMERAS, EACH, MODEL, UPLOAD
from app.shared.model_loading import Loading, Searcher
from app.shared.thumbnails import THUMBNAIL
from app.shared.uploads import WHOLE_IMAGE, ProbeImage, Upload

if TYPE_CHECKING:  # it imports torch, which takes seconds: the first page does not wait for it
    from core.evaluation.calibration import Calibration

ROW_PIXELS = 112
COLUMNS = {
    "probe": st.column_config.ImageColumn(texts.COLUMN_PROBE, width=80),
    "name": st.column_config.TextColumn(texts.COLUMN_NAME, width=140),
    "result": st.column_config.ImageColumn(texts.COLUMN_RESULT, width=90),
    "score": st.column_config.NumberColumn(texts.COLUMN_SCORE, format="%.3f", width=70),
    "verdict": st.column_config.TextColumn(texts.COLUMN_VERDICT, width=190),
    "identity": st.column_config.TextColumn(texts.COLUMN_IDENTITY, width=80),
    "camera": st.column_config.TextColumn(texts.COLUMN_CAMERA, width=80),
    "search": st.column_config.LinkColumn(texts.COLUMN_SEARCH, display_text=texts.OPEN_SEARCH, width=90),
}


def show(
    probes: Sequence[ProbeImage],
    uploads: Sequence[Upload],
    descriptors: np.ndarray,
    searcher: Searcher,
    loading: Loading,
    images: Images,
    chosen: Chosen,
) -> None:
    """Show the first result of each upload in a table, with its score, the verdict and a link to its search.

    Args:
        probes: The uploads inside their boxes.
        uploads: The uploads.
        descriptors: Descriptors (N, D) of the probes.
        searcher: The model and the gallery.
        loading: What loaded the model and the gallery.
        images: The images of the gallery.
        chosen: The values of the controls.
    """
    from core.search.each_probe import rank_each

    cameras = chosen.cameras or None
    searched = searcher.gallery.count(cameras)
    ranking = rank_each(searcher.gallery, descriptors, _different_names(probes), chosen.top, cameras=cameras)
    if ranking.empty:
        st.info(texts.NO_RESULTS_OF_CAMERAS)
        return
    calibration = calibrations.transfer(calibrations.read_or_warn(loading.checkpoint), searcher.gallery, loading.key)
    flags, problems = person_check.flag_images(loading.checkpoint, descriptors)
    if problems and not flags.any():  # a damaged check; images without a person are in the table
        widgets.warn(problems)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.markdown(texts.EACH_SEARCHED.format(count=len(probes), images=searched), width="stretch")
        st.download_button(
            texts.DOWNLOAD_RANKINGS,
            lambda: true_matches.as_csv(ranking, images.folder),
            "rankings.csv",
            "text/csv",
            help=texts.DOWNLOAD_RANKINGS_HELP.format(top=chosen.top),
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
    rows = [
        {
            "probe": cache.upload_url(*probe.content, THUMBNAIL, probe.image),
            "name": result.probe,
            "result": widgets.thumbnail_or_blank(result.path),
            "score": result.score,
            "verdict": _verdict(result.score, searched, calibration, flag),
            "identity": shared_texts.DISTRACTOR if true_matches.is_distractor(result.identity) else result.identity,
            "camera": str(result.camera or ""),
            "search": _link(probe, uploads, chosen.model, chosen.cameras),
        }
        for probe, result, flag in zip(probes, ranking[ranking["rank"] == 1].itertuples(), flags, strict=True)
    ]
    import pandas as pd  # the first page does not wait for it

    table = pd.DataFrame(rows)
    empty = [name for name in ("verdict", "identity", "camera", "search") if not table[name].any()]
    st.dataframe(
        table.drop(columns=empty), column_config=COLUMNS, hide_index=True, row_height=ROW_PIXELS, height="content"
    )
    st.caption(f"{calibration_panel.describe_basis(calibration, searched)} {texts.MORE_PROBES}")


def _different_names(probes: Sequence[ProbeImage]) -> list[str]:
    """Return the names of probes; a number follows each name that is not the only one."""
    count = Counter(probe.name for probe in probes)
    return [
        probe.name if count[probe.name] == 1 else f"{probe.name} ({number})" for number, probe in enumerate(probes, 1)
    ]


def _verdict(score: float, searched: int, calibration: "Calibration | None", is_flagged: bool) -> str:
    if is_flagged:
        return texts.NO_PERSON_IN_ROW
    if calibration is None:
        return ""
    from core.evaluation.verdict import judge_presence

    return texts.PRESENCE_IN_ROW[judge_presence(calibration, score, searched)[0]]


def _link(probe: ProbeImage, uploads: Sequence[Upload], model: str, cameras: list[int]) -> str | None:
    """Return a link to the page Search with one probe; None if the upload is not stored."""
    id, box = probe.content
    if not next(upload for upload in uploads if upload.id == id).is_stored:
        return None
    link = {name: values for name, values in context.link().items() if name not in (UPLOAD, BOX, EACH)}
    link |= {UPLOAD: [id], MODEL: [model]} | ({CAMERAS: [str(camera) for camera in cameras]} if cameras else {})
    if box != WHOLE_IMAGE:
        link[BOX] = linked_uploads.write_boxes({1: [box]})
    return f"./?{urlencode(link, doseq=True)}"
