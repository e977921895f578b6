"""Links to the steps of the tour."""

from contextlib import suppress

import streamlit as st

from app.shared import cache
from app.shared.address import parameters
from app.shared.keys import CAMERAS, DONE, LOOKED_AT, MODEL, PRESENT, PROBE, TOUR
from app.shared.settings import list_models
from app.tour.chapters import ABSENT, Link
from app.tour.progress import Place
from core.errors import UserError
from core.evaluation.report import EVALUATIONS

Parameters = dict[str, list[str]]


def link_to(place: Place, current: Place | None = None, page: str = "") -> Parameters:
    """Return the parameters of a link to a step.

    A step on the page of the step before keeps the page as it is, unless it has parameters of its own.

    Args:
        place: The step.
        current: The step that is shown.
        page: The page that is shown, a file of app_pages.
    """
    own = place.of_step.link
    if own is None and current and current.chapter == place.chapter and place.page == page:
        return parameters() | {TOUR: [str(place)]}
    kept = {name: st.query_params.get_all(name) for name in (DONE, PRESENT) if name in st.query_params}
    return _available(place.of_chapter.link if own is None else own) | kept | {TOUR: [str(place)]}


def _available(link: Link) -> Parameters:
    """Return the parameters whose model, image or result exists here; the pages show their defaults otherwise."""
    found: Parameters = {}
    models, images = {}, None
    with suppress(UserError):
        models = list_models()
        images = cache.images()
    for name, value in link.items():
        if name in (MODEL, LOOKED_AT) and (
            value not in models or name == LOOKED_AT and not (models[value] / EVALUATIONS).is_dir()
        ):
            continue
        if name == PROBE and (not images or value not in images.records):
            continue
        if name == CAMERAS and value == ABSENT:
            if images and (cameras := _without_match(link.get(PROBE, ""))):
                found[name] = cameras
            continue
        found[name] = [value]
    return found


def _without_match(probe: str) -> list[str]:
    """Return the cameras that have no image of the probe's person."""
    images = cache.images()
    if probe not in images.records:
        return []
    identity = images.records[probe].identity
    seen = {record.camera for record in images.gallery if record.identity == identity}
    return [str(camera) for camera in images.cameras if camera not in seen]
