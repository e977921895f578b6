"""Text with technical terms: a click on a term opens its meaning and a small figure, without a rerun."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from app.components.component_key import component_key

HERE = Path(__file__).parent
MARK = re.compile(r"\[\[(?P<term>[^\]|]+)(?:\|(?P<shown>[^\]]+))?\]\]|\*\*(?P<strong>[^*]+)\*\*")

_text = st.components.v2.component(
    "term_text",
    html='<div class="term-text"></div>',
    css=(HERE / "term_text.css").read_text(encoding="utf-8"),
    js=(HERE / "term_text.js").read_text(encoding="utf-8"),
)

Segment = dict[str, str]


def show_term_text(
    paragraphs: Sequence[str],
    cards: Mapping[str, Mapping[str, str]],
    key: str,
    large: bool = False,
    is_list: bool = False,
) -> None:
    """Show paragraphs with terms.

    Args:
        paragraphs: Texts. `[[term]]` or `[[term|shown text]]` is a term, and `**text**` is bold.
        cards: `meaning` and `figure`, an SVG element of constants, of each term.
        key: The key of the component.
        large: Whether the type is large.
        is_list: Whether the paragraphs are lists of terms.
    """
    segments = [split(text) for text in paragraphs]
    used = {one["term"] for paragraph in segments for one in paragraph if one["kind"] == "term"}
    data = {
        "paragraphs": segments,
        "cards": {term: dict(cards[term]) for term in used},
        "large": large,
        "list": is_list,
    }
    _text(key=component_key(key), data=data, height="content")


def split(text: str) -> list[Segment]:
    """Split a text into segments of the kinds text, strong and term."""
    found, end = [], 0
    for match in MARK.finditer(text):
        found.append({"kind": "text", "text": text[end : match.start()]})
        if match["strong"]:
            found.append({"kind": "strong", "text": match["strong"]})
        else:
            found.append({"kind": "term", "text": match["shown"] or match["term"], "term": match["term"]})
        end = match.end()
    found.append({"kind": "text", "text": text[end:]})
    return [one for one in found if one["text"]]
