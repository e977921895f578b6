"""The parameters in the page's address: changed in one step of the Back button, and remembered for a return."""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.shared.keys import CONTEXT, PAGE, PICKED, SETTINGS, WRITTEN
from app.shared.url_params import Link


def parameters() -> Link:
    """Return all parameters in the address."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def change_link(changes: Mapping[str, str | list[str] | None]) -> None:
    """Write all changes to the address at once, as one step of the Back button; None removes a parameter."""
    settle()
    before = parameters()
    after = {name: [value] if isinstance(value, str) else value for name, value in (before | changes).items()}
    after = {name: values for name, values in after.items() if values}
    if after != before:
        st.query_params.from_dict(after)
        _, replaced, _ = st.session_state.get(WRITTEN, (None, [], None))
        st.session_state[WRITTEN] = st.session_state.get(PAGE), [*replaced, before], after
        remember_settings()


def settle() -> None:
    """Restore the last change if the browser reports an address from before it, because it has not received it yet.

    Call it before the address is read: at the start of a run, and before a change.
    """
    page, replaced, written = st.session_state.get(WRITTEN, (None, [], {}))
    now = parameters()
    if went_back() or page != st.session_state.get(PAGE) or now not in [*replaced, written]:
        st.session_state.pop(WRITTEN, None)
    elif now != written:
        st.query_params.from_dict(written)


def went_back() -> bool:
    """Return whether the browser went back or forward: widgets then still report the values of the address before."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def remember_settings() -> None:
    """Remember the settings in the address of the current page for a return to it."""
    page = st.session_state.get(PAGE)
    settings = {name: values for name, values in parameters().items() if name not in CONTEXT + PICKED}
    st.session_state.setdefault(SETTINGS, {})[page] = settings


def settings_of(page: str) -> Link:
    """Return the settings of a page at its last visit in this session."""
    return dict(st.session_state.get(SETTINGS, {}).get(page, {}))


def forget_setting(name: str) -> None:
    """Forget one setting of all pages; the current address keeps it."""
    for settings in st.session_state.get(SETTINGS, {}).values():
        settings.pop(name, None)
