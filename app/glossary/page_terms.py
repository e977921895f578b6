"""The terms of a page, in a popover of the bar."""

import streamlit as st

from app.components.term_text import show_term_text
from app.glossary import texts


def show(page: str) -> None:
    """Show a button that opens the terms of a page; they are collected when it is open."""
    with st.popover(
        texts.TERMS,
        type="tertiary",
        icon=":material/dictionary:",
        help=texts.TERMS_HELP,
        key="terms",
        on_change="rerun",
    ) as popover:
        if popover.open:
            from app.glossary.terms import PAGES, card

            terms = PAGES[page]
            st.caption(texts.CLICK)
            listed = ["".join(f"[[{term}]]" for term in terms)]
            show_term_text(listed, {term: card(term) for term in terms}, f"terms_of_{page}", is_list=True)
