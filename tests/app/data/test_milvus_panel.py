"""A server gallery on the page Data, without a browser."""

from app.data import texts
from core.milvus.sync import read_copy, send


def button(app, label):
    return next(button for button in app.button if button.label == label)


def page_text(app):
    return " ".join(element.value for element in (*app.markdown, *app.error))


def test_the_page_data_uploads_and_removes_a_server_gallery(open_app, copied_gallery, milvus, monkeypatch):
    app = open_app(gallery="station")
    app.switch_page("app_pages/data.py").run()
    assert texts.SERVER_SETUP in page_text(app)
    monkeypatch.setenv("MR_BCNN_MILVUS", milvus.uri)
    launched = []
    monkeypatch.setattr("app.data.milvus_panel.launch", lambda *given: launched.append(given))
    app.run()
    assert texts.NOT_ON_SERVER.format(uri=milvus.uri) in page_text(app)
    button(app, texts.UPLOAD_GALLERY).click().run()
    assert [(given[0].name, *given[1:]) for given in launched] == [("station", milvus.uri, "FLAT")]
    send(copied_gallery, milvus.uri)
    app.run()
    assert f"14 images at `{milvus.uri}`, collection `station_" in page_text(app)
    button(app, texts.REMOVE_FROM_SERVER).click().run()
    assert read_copy(copied_gallery) is None and texts.NOT_ON_SERVER.format(uri=milvus.uri) in page_text(app)


def test_the_page_data_shows_no_password(open_app, copied_gallery, monkeypatch):
    monkeypatch.setenv("MR_BCNN_MILVUS", "http://root:s3c@ret@db:19530")
    app = open_app(gallery="station")
    app.switch_page("app_pages/data.py").run()
    assert texts.NOT_ON_SERVER.format(uri="http://db:19530") in page_text(app) and "ret@" not in page_text(app)
