"""A server indexes a gallery once, in a thread."""

import pytest

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
