"""Uploads in links: they are stored, restored on a reload, removed, deleted, and expire."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from app.search import texts as search_texts
from app.shared import texts

UPLOADED = "bounding_box_test/0006_c2s1_000601_01.png"
PAGES = ["search", "regions", "compare"]


@pytest.fixture
def open_page(open_app):
    def open_at(page: str, **link):
        app = open_app()
        for name in list(app.query_params):
            del app.query_params[name]
        for name, value in link.items():
            app.query_params[name] = value
        return app.switch_page(f"app_pages/{page}.py").run()

    return open_at


def upload(app, people: Path, *files: str):
    for file in files or (UPLOADED,):
        app.file_uploader[0].upload(Path(file).name, (people / file).read_bytes())
    return app.run()


def stored(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").rglob("uploads/*/*.png"))


def linked(app, name: str = "upload") -> list[str]:
    values = app.query_params[name]
    return [values] if isinstance(values, str) else values


def labels(app) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.parametrize("page", PAGES)
def test_a_reload_keeps_the_upload(open_page, sentences, people, crops, page):
    app = upload(open_page(page), people)
    assert sentences(app) == ""
    ids = linked(app)
    again = open_page(page, upload=ids)
    assert sentences(again) == "" and linked(again) == ids
    assert texts.UPLOADED in [caption.value for caption in again.caption]
    if page == "search":
        assert crops(again, "ranking") == crops(app, "ranking")


def test_uploads_are_added_and_removed_one_by_one(open_page, sentences, people, crops):
    app = upload(open_page("search"), people)
    upload(app, people, "bounding_box_test/0007_c2s1_000701_01.png")
    assert len(linked(app)) == 2 and len(crops(app, "probe")) == 2
    second = linked(app)[1]
    for number in ("0006\\_c2s1\\_000601", "0007\\_c2s1\\_000701"):  # plain text in Markdown
        assert texts.REMOVE_UPLOAD.format(name=f"{number}\\_01.png") in labels(app)
    next(button for button in app.button if button.key.startswith("remove_")).click().run()
    assert linked(app) == [second] and len(crops(app, "alone")) == 1
    next(button for button in app.button if button.key.startswith("remove_")).click().run()
    assert "upload" not in app.query_params and crops(app, "start")


def test_boxes_are_restored_and_stay_with_their_upload(open_page, sentences, people, crops):
    file = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(file, "PNG")
    app = upload(open_page("search"), people)
    app.file_uploader[0].upload("street.png", file.getvalue()).run()
    app.query_params["box"] = "2,0.1,0.1,0.3,0.9"
    app.run()
    assert len(crops(app, "probe")) == 2
    again = open_page("search", upload=linked(app), box=linked(app, "box"))
    assert sentences(again) == "" and len(crops(again, "probe")) == 2
    next(button for button in again.button if button.key.startswith("remove_")).click().run()
    assert linked(again, "box") == ["1,0.1,0.1,0.3,0.9"] and len(crops(again, "alone")) == 1


@pytest.mark.parametrize(
    ("page", "gone"),
    [
        ("search", "deleted"),
        ("search", "invalid"),
        ("search", "expired"),
        ("regions", "expired"),
        ("compare", "expired"),
    ],
)
def test_a_link_to_an_upload_that_is_gone_says_so(open_page, sentences, people, crops, tmp_path, page, gone):
    app = upload(open_page("search"), people)
    [id] = linked(app)
    if gone == "deleted":
        next(button for button in app.button if button.label == texts.DELETE_NOW).click().run()
        assert stored(tmp_path) == [] and "upload" not in app.query_params
        assert texts.DELETE_NOW not in labels(app)
    elif gone == "invalid":
        id = "../../people"
    else:
        os.utime(stored(tmp_path)[0], (0, 0))
    again = open_page(page, upload=id)
    assert texts.UPLOAD_GONE.rstrip(".") in sentences(again).replace("\\", "")
    assert not crops(again, "ranking") and not crops(again, "alone")
    assert len(again.file_uploader) == 1


def test_an_upload_that_is_left_is_searched_with(open_page, sentences, people, crops):
    app = upload(open_page("search"), people)
    again = open_page("search", upload=[*linked(app), "a" * 32])
    assert texts.UPLOAD_GONE.rstrip(".") in sentences(again).replace("\\", "")
    assert len(crops(again, "ranking")) == 14


def test_delete_now_deletes_removed_uploads_of_the_session_too(open_page, people, tmp_path):
    app = upload(open_page("search"), people)
    next(button for button in app.button if button.label == search_texts.NEW_SEARCH).click().run()
    assert len(stored(tmp_path)) == 1 and "upload" not in app.query_params
    next(button for button in app.button if button.label == texts.DELETE_NOW).click().run()
    assert stored(tmp_path) == [] and texts.DELETE_NOW not in labels(app)


def test_other_pages_open_with_the_upload(open_page, people, sentences, crops, go_back):
    app = upload(open_page("search"), people)
    ids = linked(app)
    assert all(f"upload={ids[0]}" in crop["why"] for crop in crops(app, "ranking"))
    del app.query_params["upload"]
    app.switch_page("app_pages/regions.py").run()
    assert sentences(app) == "" and linked(app) == ids
    go_back(app)  # the link before the page added the uploads
    assert texts.UPLOADED in [caption.value for caption in app.caption]


def test_the_back_button_returns_to_the_page_before_the_upload(open_page, people, crops, go_back):
    app = go_back(upload(open_page("search"), people))
    assert "upload" not in app.query_params and crops(app, "start")


def test_uploads_stay_in_the_session_where_they_are_not_stored(open_page, people, sentences, tmp_path, monkeypatch):
    monkeypatch.setenv("MR_BCNN_STORE_UPLOADS", "0")
    app = upload(open_page("search"), people)
    assert sentences(app) == "" and "upload" not in app.query_params and stored(tmp_path) == []
    assert texts.UPLOADS_STORED not in [caption.value for caption in app.caption]
    app.switch_page("app_pages/compare.py").run()
    assert sentences(app) == "" and app.subheader[0].value == "Score 1.000: rank 1"


def test_an_upload_that_cannot_be_stored_is_still_used(open_page, people, sentences, crops, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MR_BCNN_UPLOADS", str(tmp_path / "file" / "uploads"))
    app = upload(open_page("search"), people)
    assert texts.NOT_STORED.rstrip(".") in sentences(app).replace("\\", "")
    assert len(crops(app, "ranking")) == 14 and "upload" not in app.query_params


def test_the_page_says_that_earlier_uploads_were_deleted(open_page, people, sentences, monkeypatch):
    app = upload(open_page("search"), people)
    monkeypatch.setattr("app.shared.upload_store.TOTAL_BYTES", 1)
    upload(app, people)
    said = sentences(app).replace("\\", "")
    assert texts.MADE_SPACE.format(count=1).rstrip(".") in said and texts.UPLOAD_GONE.rstrip(".") in said
