"""Links to the steps of the tour."""

from contextlib import suppress
from typing import Any

import streamlit as st

from app.shared import cache, probe_picker
from app.shared.address import change_link, parameters
from app.shared.images import Images
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


def show_link(label: str, page: str, link: Parameters, current: str, key: str, **rest: Any) -> None:
    """Show a link to a page, or, for the current page, a button that changes the address.

    Streamlit does not write the address to the browser if a link stays on its page.

    Args:
        label: The text.
        page: The page of the link, a file of app_pages.
        link: The parameters of the link.
        current: The page that is shown.
        key: The key of the container, for styles and keys of the keyboard.
        rest: More arguments of `st.page_link` and `st.button`, e.g. `icon`.
    """
    with st.container(key=f"tour_{key}", width="content"):
        if page == current:
            changes: dict[str, list[str] | None] = dict.fromkeys(set(parameters()) - set(link)) | link
            st.button(label, key=f"go_{key}", on_click=change_link, args=(changes,), **rest)
        else:
            st.page_link(f"app_pages/{page}.py", label=label, query_params=link, **rest)


def _available(link: Link) -> Parameters:
    """Return the parameters for the images and models that are here.

    A probe that is not here is replaced by the first demo probe. A model or a result that is not here is left to the
    default of the page.
    """
    found: Parameters = {}
    models, images = {}, None
    with suppress(UserError):
        models = list_models()
        images = cache.images()
    for name, value in link.items():
        if name == PROBE:
            if images:
                found[name] = [value if value in images.records else probe_picker.first(images)]
        elif name == CAMERAS and value == ABSENT:
            found[name] = _without_match(images, found[PROBE][0]) if images else []
        elif name == MODEL and value not in models:
            continue
        elif name == LOOKED_AT and not (value in models and (models[value] / EVALUATIONS).is_dir()):
            continue
        else:
            found[name] = [value]
    return {name: values for name, values in found.items() if values}


def _without_match(images: Images, probe: str) -> list[str]:
    """Return the cameras that have no image of the probe's person."""
    identity = images.records[probe].identity
    seen = {record.camera for record in images.gallery if record.identity == identity}
    return [str(camera) for camera in images.cameras if camera not in seen]
