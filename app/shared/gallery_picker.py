"""Named galleries in the app: the one in the link, the box to choose one, and rows of a list."""

from contextlib import suppress
from typing import Any

import streamlit as st

from app.shared import cache, model_cards, texts
from app.shared.address import change_link, forget_setting, went_back
from app.shared.keys import CAMERAS, CHOSEN, GALLERY, GALLERY_BOX, ISOLATED, MATCH, MODEL, PAIR, PROBE, REFUSED_ACTION
from app.shared.settings import SHIPPED, models_for, own_galleries
from core.errors import UserError, explain
from core.galleries.gallery_folder import StoredGallery

STATE_TEXTS = texts.GALLERY_STATES
COUNTS = ("Images", "People", "Cameras")


def chosen() -> StoredGallery | None:
    """Return the gallery in the link; None for the demo gallery and for one that does not exist."""
    name = st.query_params.get(GALLERY)
    return own_galleries().get(name) if name else None


def unknown() -> list[str]:
    """Return a sentence if the gallery in the link does not exist."""
    name = st.query_params.get(GALLERY)
    if not name or name == SHIPPED or name in own_galleries():
        return []
    return [texts.NO_GALLERY.format(name=name)]


def turn_to(name: str) -> None:
    """Put the gallery's name into the link, and remove the images, cameras and model of the gallery before."""
    st.session_state.update({ISOLATED: [], CHOSEN: []})
    gallery = own_galleries().get(name)
    changes = dict.fromkeys((PROBE, MATCH, PAIR, CAMERAS)) | {GALLERY: name if gallery else None}
    if gallery:
        with suppress(UserError):  # the page reports that its model is missing
            if st.query_params.get(MODEL) not in models_for(gallery):
                changes[MODEL] = None
    change_link(changes)
    forget_setting(CAMERAS)


def choose() -> None:
    """Show the box to choose a gallery."""
    gallery = chosen()
    st.session_state[GALLERY_BOX] = gallery.name if gallery else SHIPPED
    st.selectbox(
        texts.GALLERY,
        [SHIPPED, *own_galleries()],
        format_func=name_of,
        key=GALLERY_BOX,
        width=210,
        on_change=lambda: went_back() or turn_to(st.session_state[GALLERY_BOX]),
    )


def name_of(gallery: str) -> str:
    """Return the name to show for a choice of the box."""
    return texts.DEMO_GALLERY if gallery == SHIPPED else gallery


def attempt(action, *arguments) -> None:
    """Run a button's action and keep its error for the page to show."""
    try:
        action(*arguments)
    except (UserError, OSError) as error:
        st.session_state[REFUSED_ACTION] = explain(error)


def line(gallery: StoredGallery) -> dict[str, Any]:
    """Return a row of the list of galleries. Raises UserError if the gallery was deleted meanwhile."""
    now, health = gallery.progress, cache.health(gallery)
    counts = (health.images, health.identities, health.cameras) if health else (0, 0, 0)
    return {
        "Gallery": gallery.name,
        "Described": now.share,
        "State": now.state or texts.NEW_GALLERY,
        "Model": model_cards.name_of(gallery.model["name"]),
    } | dict(zip(COUNTS, counts, strict=True))
