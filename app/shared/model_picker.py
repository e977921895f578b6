"""The model of a page: the one in the link, or the default of the page; and the box to choose one."""

from collections.abc import Collection, Iterable
from contextlib import suppress

import streamlit as st

from app.shared import model_cards, texts
from app.shared.keys import MODEL
from app.shared.linked_widgets import linked
from app.shared.settings import EXPLAINED_MODEL, models_for
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

WIDTH = 250


def default(models: Collection[str], gallery: StoredGallery | None = None, explains: bool = False) -> str:
    """Return the model of a page if the user chose none.

    It is the model that indexed a named gallery. Otherwise it is the first of `models`, or, for a page that explains
    a network, the small one.
    """
    if gallery:
        with suppress(UserError):
            return next(iter(models_for(gallery)))
    return EXPLAINED_MODEL if explains and EXPLAINED_MODEL in models else next(iter(models))


def current(models: Collection[str], default: str) -> str:
    """Return the model in the link, or the default if the link names none of `models`."""
    name = st.query_params.get(MODEL)
    return name if name in models else default


def choose(models: Collection[str], default: str, forgets: Iterable[str] = ()) -> str:
    """Show the box to choose a model, with a button for the model cards. Only a chosen model is put into the link.

    A change removes the parameters `forgets` from the link.
    """
    options, name = list(models), current(models, default)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom", width="content"):
        st.selectbox(
            texts.MODEL,
            options,
            format_func=model_cards.name_of,
            width=WIDTH,
            **linked(MODEL, name, str, forgets),
        )
        if st.button(texts.ABOUT_MODELS, icon=":material/info:", type="tertiary"):
            model_cards.show(options)
    return name
