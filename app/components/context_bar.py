"""The probe, the gallery and the model of a page, with a button that copies the page's address."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_bar = st.components.v2.component(
    "context_bar",
    html='<div class="bar"><img alt="" hidden><div class="text"><dl class="facts"></dl><button type="button"></button>'
    "</div></div>",
    css=(HERE / "context_bar.css").read_text(encoding="utf-8"),
    js=(HERE / "context_bar.js").read_text(encoding="utf-8"),
)


def show(source: str, facts: list[tuple[str, str]], texts: dict[str, str]) -> None:
    """Show the bar.

    Args:
        source: The data URL of the probe's thumbnail, "" if there is no probe.
        facts: Names and values.
        texts: `label` of the list, and `copy`, `copied` and `help` of the button.
    """
    _bar(key="context_bar", data={"src": source, "facts": [list(fact) for fact in facts]} | texts)
