"""The load driver on a small data set: its clicks work, are small, and show nothing of another visitor."""

import shutil
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import draw_person
from own_loops import in_own_loop

from app.shared.keys import PROBE, UPLOAD
from bench.load.__main__ import measure
from bench.load.server import start
from bench.load.visitor import Visitor

pytestmark = pytest.mark.server
MAX_CLICK_BYTES = 110_000  # 12 crops of a ranking and the code of the components


@pytest.fixture(scope="module")
def server(market, checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("load")
    for name in ("pedestrians-mr_bcnn", "second"):
        shutil.copytree(checkpoint, folder / "checkpoints" / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MR_BCNN_DATA", str(market))
        patch.setenv("MR_BCNN_CHECKPOINTS", str(folder / "checkpoints"))
        server = start(folder)
    yield server
    server.stop()
    assert "Traceback" not in (folder / "server.log").read_text()


@pytest.fixture
def photograph(tmp_path) -> Path:
    draw_person(6, 2, 7).save(tmp_path / "mine.png")
    return tmp_path / "mine.png"


def test_two_visitors_click_upload_and_open_pages(server):
    load = in_own_loop(measure(server, 2, 6, mixed=True))
    assert load.errors == [] and load.runs >= 2
    assert load.cpu_s > 0 and load.memory_mb > 50


def test_a_click_gives_a_ranking_in_a_small_message(server):
    async def click():
        async with Visitor(server.address) as visitor:
            await visitor.run()
            name = visitor.crops("demo")[0]["id"]
            await visitor.pick("demo", name)
            again = await visitor.pick("ranking", visitor.crops("ranking")[0]["id"])
            assert visitor.crops("ranking")[0]["src"].startswith("data:")
            return again, visitor.query

    run, query = in_own_loop(click())
    assert run.errors == [] and run.ranking_s is not None and run.size < MAX_CLICK_BYTES
    assert urllib.parse.parse_qs(query)[PROBE]


def test_a_model_is_chosen_and_every_page_opens(server):
    async def look():
        async with Visitor(server.address) as visitor:
            await visitor.run()
            await visitor.pick("demo", visitor.crops("demo")[0]["id"])
            [model] = [box.selectbox for box in visitor.of_kind("selectbox")]
            runs = [await visitor.choose(model.label, model.options[1])]
            for page in sorted(visitor.links()):
                runs.append(await visitor.open(page))
            return runs

    assert [run.errors for run in in_own_loop(look())] == [[]] * 8


def test_no_visitor_sees_the_upload_of_another(server, photograph):
    async def upload_and_look():
        async with Visitor(server.address) as owner, Visitor(server.address) as other:
            await owner.run()
            assert (await owner.upload(photograph.read_bytes(), "mine.png")).errors == []
            [id] = urllib.parse.parse_qs(owner.query)[UPLOAD]
            thumbnail = owner.crops("shown_probe")[0]["src"]
            await other.run()
            seen = "".join(map(str, other.elements))
            for page in sorted(other.links()):
                await other.open(page)
                seen += "".join(map(str, other.elements))
            return id, thumbnail, owner.session, seen

    id, thumbnail, session, seen = in_own_loop(upload_and_look())
    assert id not in seen and "mine.png" not in seen and thumbnail not in seen
    for path in ("media/", "_stcore/upload_file/", f"_stcore/upload_file/{session}/", f"media/{id}.jpg"):
        with suppress(urllib.error.HTTPError):  # 404 or 405; an unknown path without a file shows the page itself
            reply = urllib.request.urlopen(f"http://{server.address}/{path}").read()
            assert reply.startswith(b"<!doctype html>") or b"<title>Streamlit</title>" in reply


def test_a_measurement_without_clicks_has_a_line():
    from bench.load.__main__ import Load

    load = Load(30, errors=["the server does not answer"])
    assert load.line().split() == ["30", "0", "1"]
