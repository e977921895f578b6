"""Read-only mode (core.read_only): one sentence on the page in place of controls that change the server."""

import streamlit as st

from app.shared import texts
from core.read_only import is_read_only


def show_note() -> bool:
    """Return whether the server is read-only; if so, show the sentence. The caller then shows no controls."""
    if is_read_only():
        st.caption(f":material/lock: {texts.READ_ONLY}")
        return True
    return False
