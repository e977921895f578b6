"""What the pages show at the moment, computed from the address with the caches of the pages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from app.shared import (
    adaptation,
    cache,
    gallery_picker,
    linked_uploads,
    model_picker,
    probe_picker,
    true_matches,
    widgets,
)
from app.shared.images import Images
from app.shared.keys import (
    ADAPT,
    CAMERAS,
    CENTRE,
    ENTRY,
    EXPAND,
    LOOKED_AT,
    PROBE,
    REGION,
    RERANK,
    RULE,
    SIZE,
    WEIGHTS,
)
from app.shared.probe_picker import Chosen
from app.shared.settings import file_versions, list_models, models_for
from app.shared.uploads import probe_images
from app.shared.url_params import number_in_link
from app.tour import texts
from core.data.images import open_image
from core.data.records import DISTRACTOR, Record
from core.errors import UserError
from core.evaluation.report import EVALUATIONS, RESULT, Report, read_report

if TYPE_CHECKING:
    from core.explain.activations import Regions


@dataclass(frozen=True)
class Inside:
    """An image in a network, and the selected region and entry, as on the page Regions."""

    regions: "Regions"
    region: int
    i: int
    j: int


def images() -> Images:
    """Return the images of the gallery in the address."""
    return cache.images(gallery_picker.chosen())


def probe(name: str = "") -> Chosen:
    """Return an image, that in the address, the upload, or the first demo probe.

    Raises UserError if the upload is gone, has no box, or is one of several images.
    """
    found = images()
    name = name or st.query_params.get(PROBE, "")
    uploads, boxes, gone = ([], {}, False) if name in found.records else linked_uploads.current()
    if not uploads and not gone:
        return probe_picker.named(name if name in found.records else probe_picker.first(found), found)
    cropped = probe_images(uploads, boxes)
    if len(cropped) != 1:
        raise UserError(texts.NEEDS_ONE_IMAGE)
    return Chosen("", None, cropped[0].image, cropped[0].content)


def search(record: Record, rule: bool = True, cameras: list[int] | None = None) -> pd.DataFrame:
    """Return the whole ranking of a probe by the model in the address, as on the page Search."""
    gallery = gallery_picker.chosen()
    models = models_for(gallery)
    loading = cache.loading(model_picker.current(models, model_picker.default(models)), gallery)
    searcher = widgets.wait_for(loading)
    content = (cache.content_of([record.path]),)
    descriptors, _ = cache.descriptors(searcher.model, loading.key, content, [open_image(record.path)])
    return searcher.gallery.search(descriptors, len(searcher.gallery), cameras, true_matches.asked_for(record, rule))


def ranking() -> tuple[Record, pd.DataFrame]:
    """Return the probe in the address and its ranking.

    Raises UserError if the probe has no identity, or if the page shows a ranking with post-processing.
    """
    record = images().records.get(st.query_params.get(PROBE, ""))
    if not true_matches.is_known(record):
        raise UserError(texts.NEEDS_TRUE_MATCH)
    if _is_processed():
        raise UserError(texts.NEEDS_PLAIN_RANKING)
    cameras = [int(one) for one in st.query_params.get_all(CAMERAS) if one.isdecimal()]
    return record, search(record, st.query_params.get(RULE) != "false", cameras or None)


def _is_processed() -> bool:
    """Return whether the address asks the page Search for post-processing."""
    asked = {name: st.query_params.get(name, "") for name in (ADAPT, CENTRE, RERANK)}
    if not asked[ADAPT] and adaptation.is_default(gallery_picker.chosen()):
        return True
    return "true" in asked.values() or st.query_params.get(EXPAND, "0") != "0"


def inside() -> Inside:
    """Return what the page Regions shows. Raises UserError as `probe` does, or if the network has one stream."""
    gallery, chosen = gallery_picker.chosen(), probe()
    models = models_for(gallery) if gallery else list_models()
    name = model_picker.current(models, model_picker.default(models, gallery, explains=True))
    key, model = cache.model(name, st.query_params.get(WEIGHTS) == "true")
    size = st.query_params.get(SIZE, "")
    regions = cache.inside(key, chosen.content, int(size) if size.isdecimal() else None, model, chosen.image)
    if regions.b.shape[1] == 1:
        raise UserError(texts.NEEDS_STREAMS)
    region = number_in_link(REGION, len(regions.matrices), int(regions.energy.argmax()), st.query_params.get)
    matrix = regions.matrices[region]
    entry = number_in_link(ENTRY, matrix.size, int(np.abs(matrix).argmax()), st.query_params.get)
    return Inside(regions, region, *divmod(entry, matrix.shape[1]))


@dataclass(frozen=True)
class HardCase:
    """A probe, a true match that looks different, and false matches that look similar; each with its score."""

    probe: Record
    same: tuple[Record, float]
    others: list[tuple[Record, float]]


def hard_case(name: str, others: int) -> HardCase:
    """Find a hard case for a probe: its true match with the median score, and the best false matches.

    Args:
        name: The probe; without it, or if there is none of this name, the first demo probe.
        others: Number of false matches, each of another person.

    Raises:
        UserError: If the probe has no true match.
    """
    found = images()
    record = probe(name if name in found.records else probe_picker.first(found)).record
    if not true_matches.is_known(record):
        raise UserError(texts.NEEDS_TRUE_MATCH)
    results = search(record)
    same = results[results["identity"] == record.identity]
    if same.empty:
        raise UserError(texts.NEEDS_TRUE_MATCH)
    named = ~results["identity"].isin({record.identity, "", DISTRACTOR})
    other = results[named].drop_duplicates("identity").head(others)
    by_path = {str(each.path): each for each in found.gallery}

    def of(row) -> tuple[Record, float]:
        return by_path[str(row.path)], float(row.score)

    middle = same.iloc[len(same) // 2]
    return HardCase(record, of(middle), [of(row) for row in other.itertuples()])


def camera_report() -> tuple[str, Report]:
    """Return the result on the demo data that the page Results looks at. Raises UserError if there is none."""
    models = list_models()
    name = st.query_params.get(LOOKED_AT, "")
    name = name if name in models else model_picker.current(models, model_picker.default(models, explains=True))
    files = sorted(models[name].glob(f"{EVALUATIONS}/*/{RESULT}"))
    reports = [_report(file, file_versions(file)) for file in files]
    demo = [report for report in reports if report.result["data"] == cache.images().data]
    if not demo and not reports:
        raise UserError(texts.NEEDS_CAMERAS)
    return name, (demo or reports)[0]


@st.cache_resource(max_entries=20, show_spinner=False)
def _report(file, changed: tuple) -> Report:
    return read_report(file.parent)
