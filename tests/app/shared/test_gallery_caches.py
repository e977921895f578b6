"""Caches of named galleries are keyed by content: another gallery of the same name shows its own values."""

import gc
import io
import weakref

import pytest
import streamlit as st
from conftest import draw_person

from app import gradio_search
from app.search import reranking
from app.shared import cache as state
from app.shared.settings import described_key
from core.galleries.adding import add_uploads
from core.galleries.catalog import create_gallery, delete_gallery, rename_gallery
from core.galleries.update import describe_gallery

PROBE, MATCH = "c.png", "d.png"
PAGES = {
    "search": {"probe": PROBE, "rerank": "true", "centre": "true"},
    "data": {},
    "regions": {"probe": PROBE, "steps": "true", "moved": "true"},
    "compare": {"probe": PROBE, "match": MATCH, "bars": "true", "pairs": "true", "check": "true"},
    "embedding": {"probe": PROBE, "map": "PCA", "other": "second, untrained"},
}

pytestmark = pytest.mark.slow  # opens every page several times


@pytest.fixture
def make(models, tmp_path):
    """Create the gallery station of a.png to f.png, which show three people; `named` gives their identities."""

    def station(first: int, named: str = "nnmmoo"):
        gallery = create_gallery("station", tmp_path / "galleries", models / "second")
        files, table = [], "path,identity,camera\n"
        for number, name in enumerate("abcdef"):
            file = io.BytesIO()
            draw_person(first + number // 2, 1 + number % 2, number).save(file, "PNG")
            files.append((f"{name}.png", file.getvalue()))
            table += f"{name}.png,{named[number]},{1 + number % 2}\n"
        add_uploads(gallery, files, table=table.encode())
        describe_gallery(gallery, "cpu")
        return gallery

    return station


@pytest.fixture
def drawn(open_app):
    """Return what a page sends to the browser for the gallery station."""

    def draw(page: str) -> list:
        app = open_app(gallery="station")
        app.switch_page(f"app_pages/{page}.py")
        for name, value in {"gallery": "station", **PAGES[page]}.items():
            app.query_params[name] = value
        app.session_state["embedding_numbers"] = True
        app.run()
        assert not app.exception and not app.error and app.get("bidi_component")
        return [each.proto.json for each in app.get("bidi_component")] + [each.value for each in app.metric]

    return draw


@pytest.mark.parametrize("page", PAGES)
def test_a_gallery_that_replaces_another_shows_its_own_values(make, drawn, page):
    first = make(1)
    before = drawn(page)
    delete_gallery(first)
    make(4)
    after = drawn(page)
    for cache in (st.cache_data, st.cache_resource):
        cache.clear()
    assert after == drawn(page) and after != before


def test_other_labels_of_the_same_images_are_measured_again(make, drawn):
    first = make(1)
    before = drawn("embedding")
    delete_gallery(first)
    make(1, named="nmnomo")
    after = drawn("embedding")
    st.cache_data.clear()
    assert after == drawn("embedding") and after[-3:] != before[-3:]  # the figures of separation


def test_a_replaced_image_is_shown(make, drawn):
    gallery = make(1)
    before = drawn("regions")
    file = next(gallery.folder.rglob("a.png"))
    draw_person(7, 1, 1).save(file)
    after = drawn("regions")
    st.cache_data.clear()
    assert after == drawn("regions") and after != before


@pytest.mark.parametrize("end", [delete_gallery, lambda gallery: rename_gallery(gallery, "other")])
def test_a_deleted_or_renamed_gallery_is_released(make, drawn, open_app, models, end):
    gallery = make(1)
    for page in PAGES:
        drawn(page)
    key = described_key(gallery, models / "second")
    searcher = state._shelf()._loadings[key].wait(60)
    moved, _ = reranking.centre_gallery((key, False), searcher.gallery)
    kept = [weakref.ref(each) for each in (searcher.gallery, moved, state.images(gallery))]
    del searcher, moved
    end(gallery)
    open_app()
    gc.collect()
    assert [each() for each in kept] == [None, None, None]


def test_gradio_searches_the_current_gallery(make, people, models, tmp_path, monkeypatch):
    for name, folder in {"DATA": people, "CHECKPOINTS": models, "GALLERIES": tmp_path / "galleries"}.items():
        monkeypatch.setenv(f"MR_BCNN_{name}", str(folder))
    monkeypatch.setattr(gradio_search, "_shelf", gradio_search.Shelf())

    def found():
        gallery = gradio_search.find_gallery("station")
        return gradio_search.load("second", gradio_search.read_gallery(gallery), gallery).wait(60).gallery

    first = make(1)
    kept = weakref.ref(found())
    before = found().descriptors.copy()
    delete_gallery(first)
    second = make(4)
    assert (found().descriptors == second.open().descriptors).all() and not (found().descriptors == before).all()
    gc.collect()
    assert kept() is None
