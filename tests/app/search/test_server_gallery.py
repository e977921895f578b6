"""A server gallery on the page Search, without a browser."""

import pandas as pd
import pytest
from milvus_servers import MilvusServer

from app.search import server_gallery, texts
from core.milvus import sync
from core.milvus.sync import send

IMAGE = "0006_c2s1_000601_01.png"


def button(app, label):
    return next(button for button in app.button if button.label == label)


def toggle(app, label):
    return next((toggle for toggle in app.toggle if toggle.label == label), None)


def page_text(app):
    return " ".join(element.value for element in (*app.markdown, *app.error))


def test_the_page_search_searches_the_server_gallery(open_app, copied_gallery, milvus, crops, sentences):
    send(copied_gallery, milvus.uri)
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


def test_the_search_requests_more_results_if_the_gallery_lacks_some(open_app, copied_gallery):
    open_app()
    here = sorted(str(copied_gallery.folder / path) for path in copied_gallery.records()["path"])
    there = pd.DataFrame({"path": ["gone.png", *here[:2], "gone too.png", *here[2:]], "score": 0.5})
    tops = []

    class Remote:
        def search(self, gallery, fingerprint, descriptors, top, cameras, probe):
            tops.append(top)
            return there.head(top)

    def found(top):
        tops.clear()
        return server_gallery.search(Remote(), copied_gallery, None, top, None, None)

    assert found(2)["path"].tolist() == here[:2] and tops == [2, 8]
    assert found(14)["path"].tolist() == here and found(14)["rank"].tolist() == list(range(1, 15)) and tops == [14, 56]
    there = there[~there["path"].isin(["gone.png", "gone too.png"])]
    assert found(3)["path"].tolist() == here[:3] and tops == [3]


@pytest.mark.server
def test_without_the_server_the_page_offers_to_search_on_this_machine(
    open_app, copied_gallery, tmp_path, crops, sentences
):
    server = MilvusServer(tmp_path)
    try:
        send(copied_gallery, server.uri)
    finally:
        server.kill()
    app = open_app(gallery="station", probe=IMAGE, server="true")
    assert f"No Milvus server answers at {server.uri}" in sentences(app).replace("\\", "") and not crops(app, "ranking")
    assert "None" not in page_text(app)  # Streamlit shows the value of an expression statement
    button(app, texts.SEARCH_THIS_MACHINE).click().run()
    assert sentences(app) == "" and crops(app, "ranking") and not toggle(app, texts.SEARCH_SERVER).value


def test_the_demo_gallery_has_no_server_gallery(open_app):
    assert toggle(open_app(probe=IMAGE), texts.SEARCH_SERVER) is None
