"""The terms of the pages: in the glossary, short, and drawn."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.components.term_text import split
from app.glossary.terms import PAGES, TERMS, card
from app.shared import texts as shared_texts
from app.tour.chapters import CHAPTERS

ROOT = Path(__file__).parents[3]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \|", GLOSSARY, re.M)


def names(row: str) -> set[str]:
    """The names of a row: `rank-1 (CMC, Recall@1)` -> rank-1, CMC, Recall@1, and the whole."""
    return {row, re.sub(r" \(.*\)", "", row), *re.split(r", | \(|\)", row)}


def test_every_term_stands_in_the_glossary():
    known = set().union(*map(names, ROWS))
    assert sorted(set(TERMS) - known) == []


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_two_sentences_and_a_figure(term):
    shown = card(term)
    assert len(re.findall(r"[.?!](?: |$)", shown["meaning"].replace(": not here", ""))) == 2
    figure = ElementTree.fromstring(shown["figure"])
    assert figure.get("aria-label") == term and len(figure) > 1


def test_every_page_has_terms(open_app):
    app = open_app()
    addresses = {link.proto.page.rpartition("/")[2] for link in app.get("page_link") if not link.proto.query_string}
    assert set(PAGES) - {""} <= {name.lower() for name in vars(shared_texts).values() if isinstance(name, str)}
    assert {term for terms in PAGES.values() for term in terms} <= set(TERMS) and addresses


def test_the_terms_are_sent_when_the_list_is_opened(open_app):
    app = open_app()
    assert not [each for each in app.get("bidi_component") if '"cards"' in each.proto.json]
    app.session_state["terms"] = True
    app.run()
    [sent] = [json.loads(each.proto.json) for each in app.get("bidi_component") if '"cards"' in each.proto.json]
    assert list(PAGES[""]) == [one["term"] for one in sent["paragraphs"][0]] and set(sent["cards"]) == set(PAGES[""])


def test_the_terms_of_the_tour_are_known():
    used = [
        one["term"]
        for chapter in CHAPTERS
        for step in chapter.steps
        for text in step.paragraphs
        for one in split(text)
        if one["kind"] == "term"
    ]
    assert len(used) > 15 and set(used) <= set(TERMS)


def test_texts_are_split_into_terms():
    assert split("A [[probe]] and **two** [[region|regions]].") == [
        {"kind": "text", "text": "A "},
        {"kind": "term", "text": "probe", "term": "probe"},
        {"kind": "text", "text": " and "},
        {"kind": "strong", "text": "two"},
        {"kind": "text", "text": " "},
        {"kind": "term", "text": "regions", "term": "region"},
        {"kind": "text", "text": "."},
    ]
