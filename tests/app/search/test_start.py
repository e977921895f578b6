"""The introduction on the page Search."""

import pytest

from app.search import start, texts

pytestmark = pytest.mark.slow  # opens pages


def lesson(app) -> list[str]:
    return [text.value for text in app.markdown if "#### For teachers" in text.value]


def test_the_start_page_shows_the_lesson_for_teachers(open_app, monkeypatch, tmp_path):
    app = open_app()
    assert not app.exception
    (shown,) = lesson(app)
    assert shown.count("\n") > 10 and "](" not in shown  # links between documents do not work in the app
    assert texts.FOR_TEACHERS in [each.proto.popover.label for each in app.get("popover")]
    monkeypatch.setattr(start, "LESSON", tmp_path / "missing.md")  # an installed package has no documents
    app = open_app()
    assert not app.exception and lesson(app) == []
