"""Own galleries in the app: which there are, which one a link means, and a line of a list about each."""

from typing import Any

import streamlit as st

from app.shared import cache
from app.shared.keys import CHOSEN, GALLERY, GALLERY_BOX, ISOLATED, MATCH, PAIR, PROBE, REFUSED_ACTION
from app.shared.settings import SHIPPED, own_galleries
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.jobs.job import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING

STATE_TEXTS = {
    QUEUED: "begins in a moment",
    RUNNING: "is being described",
    STOPPING: "stops after the images under way",
    STOPPED: "is stopped and can go on",
    FINISHED: "is described and can be searched",
    FAILED: "could not be brought up to date",
    LOST: "was broken off and can go on",
    "": "was not described yet",
}
COUNTS = ("Images", "People", "Cameras")


def chosen() -> StoredGallery | None:
    """The gallery that the link means; None for the data folder, and for one that is not there."""
    name = st.query_params.get(GALLERY)
    return own_galleries().get(name) if name else None


def unknown() -> list[str]:
    """A sentence if the link means a gallery that is not there, or not any more."""
    name = st.query_params.get(GALLERY)
    if not name or name == SHIPPED or name in own_galleries():
        return []
    return [f"There is no gallery {name}, or not any more; the page Data shows those that there are."]


def turn_to(name: str) -> None:
    """A gallery's name lives in the link alone, as the probe's does; another gallery has other images."""
    for other in (PROBE, MATCH, PAIR):
        st.query_params.pop(other, None)
    st.session_state.update({ISOLATED: [], CHOSEN: []})
    if name in own_galleries():
        st.query_params[GALLERY] = name
    else:
        st.query_params.pop(GALLERY, None)


def choose() -> None:
    """The box in which another gallery is chosen."""
    gallery = chosen()
    st.session_state[GALLERY_BOX] = gallery.name if gallery else SHIPPED
    st.selectbox(
        "Gallery",
        [SHIPPED, *own_galleries()],
        key=GALLERY_BOX,
        width=210,
        on_change=lambda: turn_to(st.session_state[GALLERY_BOX]),
    )


def attempt(action, *arguments) -> None:
    """For a button: what is refused is told by the page in a sentence."""
    try:
        action(*arguments)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = str(error)


def line(gallery: StoredGallery) -> dict[str, Any]:
    """A row of the list. Raises UserError if the gallery has just gone."""
    now, health = gallery.progress, cache.health(gallery)
    counts = (health.images, health.identities, health.cameras) if health else (0, 0, 0)
    return {
        "Gallery": gallery.name,
        "Described": now.share,
        "State": now.state or "new",
        "Model": gallery.model["name"],
    } | dict(zip(COUNTS, counts, strict=True))
