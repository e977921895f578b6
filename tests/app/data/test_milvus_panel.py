"""A server gallery on the pages Data and Search, without a browser."""

import shutil

import pandas as pd
import pytest
from milvus_servers import MilvusServer

from app.data import milvus_panel, texts
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery
from core.milvus import sync
from core.milvus.sync import read_copy, send

IMAGE = "0006_c2s1_000601_01.png"


@pytest.fixture
def station(people, models, tmp_path):
    folder = shutil.copytree(people / "bounding_box_test", tmp_path / "elsewhere")
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, folder)
    describe_gallery(gallery, "cpu")
    return gallery


def button(app, label):
    return next(button for button in app.button if button.label == label)


def toggle(app, label):
    return next((toggle for toggle in app.toggle if toggle.label == label), None)


def page_text(app):
    return " ".join(element.value for element in (*app.markdown, *app.error))


def test_the_page_data_uploads_and_removes_a_server_gallery(open_app, station, milvus, monkeypatch):
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
    send(station, milvus.uri)
    app.run()
    assert f"14 images at `{milvus.uri}`, collection `station_" in page_text(app)
    button(app, texts.REMOVE_FROM_SERVER).click().run()
    assert read_copy(station) is None and texts.NOT_ON_SERVER.format(uri=milvus.uri) in page_text(app)


def test_the_page_data_shows_no_password(open_app, station, monkeypatch):
    monkeypatch.setenv("MR_BCNN_MILVUS", "http://root:s3c@ret@db:19530")
    app = open_app(gallery="station")
    app.switch_page("app_pages/data.py").run()
    assert texts.NOT_ON_SERVER.format(uri="http://db:19530") in page_text(app) and "ret@" not in page_text(app)


def test_the_page_search_searches_the_server_gallery(open_app, station, milvus, crops, sentences):
    send(station, milvus.uri)
    app = open_app(gallery="station", probe=IMAGE)
    here = crops(app, "ranking")
    assert not toggle(app, texts.SEARCH_SERVER).value
    searched = []
    remote = sync.Copy.search
    sync.Copy.search = lambda *given, **more: searched.append(given[0].uri) or remote(*given, **more)
    try:
        toggle(app, texts.SEARCH_SERVER).set_value(True).run()
    finally:
        sync.Copy.search = remote
    assert sentences(app) == "" and searched == [milvus.uri]
    there = crops(app, "ranking")
    assert [crop["id"] for crop in there] == [crop["id"] for crop in here] and len(there) > 5
    assert [crop["rank"] for crop in there] == [crop["rank"] for crop in here]


def test_the_search_requests_more_results_if_the_gallery_lacks_some(open_app, station):
    open_app()
    here = sorted(str(station.folder / path) for path in station.records()["path"])
    there = pd.DataFrame({"path": ["gone.png", *here[:2], "gone too.png", *here[2:]], "score": 0.5})
    tops = []

    class Remote:
        def search(self, gallery, fingerprint, descriptors, top, cameras, probe):
            tops.append(top)
            return there.head(top)

    def found(top):
        tops.clear()
        return milvus_panel.search(Remote(), station, None, top, None, None)

    assert found(2)["path"].tolist() == here[:2] and tops == [2, 8]
    assert found(14)["path"].tolist() == here and found(14)["rank"].tolist() == list(range(1, 15)) and tops == [14, 56]
    there = there[~there["path"].isin(["gone.png", "gone too.png"])]
    assert found(3)["path"].tolist() == here[:3] and tops == [3]


@pytest.mark.server
def test_without_the_server_the_page_offers_to_search_on_this_machine(open_app, station, tmp_path, crops, sentences):
    server = MilvusServer(tmp_path)
    try:
        send(station, server.uri)
    finally:
        server.kill()
    app = open_app(gallery="station", probe=IMAGE, server="true")
    assert f"No Milvus server answers at {server.uri}" in sentences(app).replace("\\", "") and not crops(app, "ranking")
    assert "None" not in page_text(app)  # Streamlit shows the value of an expression statement
    button(app, texts.SEARCH_THIS_MACHINE).click().run()
    assert sentences(app) == "" and crops(app, "ranking") and not toggle(app, texts.SEARCH_SERVER).value


def test_the_demo_gallery_has_no_server_gallery(open_app):
    assert toggle(open_app(probe=IMAGE), texts.SEARCH_SERVER) is None
