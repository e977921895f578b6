"""A server indexes a gallery once, in a thread."""

import threading

import pytest

from app.shared import cache
from app.shared.model_loading import Shelf
from core.errors import UserError


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Shelf:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Shelf(most=2)


def test_visitors_share_one_loading(shelf, people, models):
    first = shelf.get(("a",), people, 14, models / "second")
    assert shelf.get(("a",), people, 14, models / "second") is first
    searcher = first.wait(60)
    assert len(searcher.gallery) == 14 and searcher.unreadable == 0
    assert first.share == 1


def test_failed_loading_is_repeated(shelf, people, models):
    weights = models / "second" / "weights.safetensors"
    good = weights.read_bytes()
    weights.write_bytes(good[:100])
    with pytest.raises(UserError, match="damaged"):
        shelf.get(("a",), people, 14, models / "second").wait(60)
    weights.write_bytes(good)
    assert shelf.get(("a",), people, 14, models / "second").wait(60)


def test_oldest_loading_is_released(shelf, people, models):
    first = shelf.get(("a",), people, 14, models / "second")
    for key in "bc":
        shelf.get((key,), people, 14, models / "second")
    assert shelf.get(("a",), people, 14, models / "second") is not first


def test_a_server_that_stops_before_the_loading_prints_nothing(shelf, people, models, monkeypatch):
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    monkeypatch.setattr(cache, "PAINT_S", 0)
    monkeypatch.setattr(cache, "_shelf", lambda: shelf)
    monkeypatch.setattr(cache, "_to_load", lambda *chosen: (("a",), people, 14, models / "second"))
    shelf._pool.shutdown()
    cache.load_soon("second")
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(10)
    assert raised == []
