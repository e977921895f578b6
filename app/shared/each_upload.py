"""Whether several uploads are averaged as images of one person, or used each by itself; the address says it."""

import streamlit as st

from app.shared import texts
from app.shared.address import change_link
from app.shared.keys import AFTER, EACH, MATCH, PAIR

SWITCH = "each_switch"  # the key of the widget


def is_asked() -> bool:
    """Return whether each upload is used by itself."""
    return st.query_params.get(EACH) == "true"


def ask(each: bool) -> None:
    """Write to the address whether each upload is used by itself."""
    # the result, its rank and the region pair belong to another score
    change_link({MATCH: None, AFTER: None, PAIR: None, EACH: "true" if each else None})


def switch() -> bool:
    """Show the switch."""
    st.session_state[SWITCH] = is_asked()
    return st.segmented_control(
        texts.UPLOADS_USED,
        (False, True),
        required=True,
        format_func=lambda each: texts.EACH_IMAGE if each else texts.ONE_PERSON,
        key=SWITCH,
        on_change=lambda: ask(st.session_state[SWITCH]),
    )


def describe(count: int) -> str:
    """Describe uploads in words."""
    if count == 1:
        return texts.UPLOADED
    return (texts.EACH_UPLOADED if is_asked() else texts.UPLOADED_IMAGES).format(count=count)
