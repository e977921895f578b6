"""The API of the search over HTTP: `gradio_client` calls the app in another process."""

import json
import re
import shutil
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import gradio as gr
import numpy as np
import pandas as pd
import pytest
from conftest import draw_person
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from gradio_server import gradio_server
from orders import assert_same_order
from own_loops import in_own_loop
from PIL import Image

from app import gradio_app, gradio_search
from app import gradio_texts as texts
from app.shared.settings import SHIPPED
from core.errors import UserError
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery
from core.inference.model import load
from core.search.gallery import Gallery

pytestmark = pytest.mark.server
GUIDE = Path(__file__).parents[2] / "docs" / "http-api.md"


@pytest.fixture(scope="module")
def probe(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("probe") / "probe.png"
    draw_person(6, 2, 7).save(file)
    return file


@pytest.fixture(scope="module")
def server(market, checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradio")
    for name in ("pedestrians-mr_bcnn", "second"):
        shutil.copytree(checkpoint, folder / "checkpoints" / name)
    with gradio_server(market, folder / "checkpoints", folder) as url:
        station = create_gallery("station", folder / "galleries", folder / "checkpoints" / "second")
        add_folder(station, market / "query")
        describe_gallery(station, "cpu")
        yield url


@pytest.fixture(scope="module")
def client(server, tmp_path_factory):
    client = Client(server, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))
    yield client
    client.close()


@pytest.fixture
def search(client):
    """Call the endpoint -> crops, and the table as a DataFrame."""

    def call(image, **options):
        crops, table, message = client.predict(image, api_name="/search", **options)
        assert message == ""  # the model has no person check
        return crops, pd.DataFrame(table["data"], columns=table["headers"])

    return call


@pytest.fixture(scope="module")
def own(market, checkpoint):
    """Compute the same ranking by core alone."""
    model = load(checkpoint)
    gallery = Gallery.from_folder(market, model)
    return lambda image, *options: gallery.search(model.describe(image), *options)


@pytest.fixture(scope="module")
def own_station(market, checkpoint):
    model = load(checkpoint)
    gallery = Gallery.from_folder(market / "query", model)
    return lambda image, *options: gallery.search(model.describe(image), *options)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Check that the rows are the same; only results with nearly equal scores may swap."""
    expected = expected.assign(image=[Path(path).name for path in expected["path"]])
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-5)
    assert_same_order(found["image"], expected["image"], expected["score"], atol=1e-5)
    assert found["rank"].tolist() == list(range(1, len(expected) + 1))
    for name in ("identity", "camera"):
        assert found.set_index("image")[name].to_dict() == expected.set_index("image")[name].to_dict()


def test_image_in_ranking_with_scores_and_crops_out(search, own, probe, market):
    crops, table = search(handle_file(probe))
    assert len(table) == 12
    assert_same(table, own(probe))
    for crop, row in zip(crops, table.itertuples(), strict=True):
        rank, score = crop["caption"].split(" · ")
        assert int(rank) == row.rank and float(score) == pytest.approx(row.score, abs=6e-4)
        assert np.array_equal(
            Image.open(crop["image"]).convert("RGB"), Image.open(market / "bounding_box_test" / row.image)
        )


def test_model_number_of_results_and_cameras(search, own, probe):
    crops, table = search(handle_file(probe), model="second", results=3, cameras=["1", "3"])
    assert len(crops) == 3 and set(table["camera"]) <= {1, 3}
    assert_same(table, own(probe, 3, [1, 3]))


def test_a_named_gallery_created_after_the_start(search, own_station, probe):
    crops, table = search(handle_file(probe), results=3, cameras=["2"], gallery="station")
    assert len(crops) == 3 and set(table["camera"]) == {2}
    assert_same(table, own_station(probe, 3, [2]))
    for way, sentence in (
        ({"gallery": "nowhere"}, texts.NO_GALLERY.format(name="nowhere", known=f"{SHIPPED}, station")),
        ({"cameras": ["door"]}, texts.NO_CAMERA.format(name="door")),
        ({"cameras": ["99"], "gallery": "station"}, texts.NO_IMAGE_FITS),
    ):
        with pytest.raises(AppError, match=sentence):
            search(handle_file(probe), **way)


def test_a_value_of_a_wrong_type_gives_a_sentence(search, probe):
    for way, sentence in (
        ({"results": "ten"}, texts.NO_RESULTS.format(most=100, value="ten")),
        ({"results": None}, texts.NO_RESULTS.format(most=100, value=None)),
        ({"results": 0}, texts.NO_RESULTS.format(most=100, value=0)),
        ({"results": 1.5}, texts.NO_RESULTS.format(most=100, value=1.5)),
        ({"cameras": "12"}, texts.NO_CAMERAS.format(value="12")),  # camera 12, or the cameras 1 and 2
        ({"cameras": 1}, texts.NO_CAMERAS.format(value=1)),
        ({"cameras": ["9" * 5000]}, "There is no camera '9"),
        ({"model": "gone"}, "There is no model 'gone'. Models: "),
        ({"model": []}, "There is no model []"),
        ({"gallery": []}, "There is no gallery []"),
        ({"gallery": {}}, "There is no gallery {}"),
    ):
        with pytest.raises(AppError, match=f"^{re.escape(sentence)}"):
            search(handle_file(probe), **way)
    for image in (str(probe), 5, [], True):
        with pytest.raises(AppError, match=texts.NOT_A_FILE):
            search(image)
    _, table = search(handle_file(probe), cameras=None, results=3.0)
    assert len(table) == 3


def test_fifty_searches_at_once(server, own, probe):
    client = Client(server, verbose=False, download_files=False, httpx_kwargs={"timeout": 100})
    jobs = [client.submit(handle_file(probe), api_name="/search", results=3) for _ in range(50)]
    tables = [job.result(timeout=100)[1]["data"] for job in jobs]
    client.close()
    assert tables == [tables[0]] * 50
    assert [Path(path).name for path in own(probe, 3)["path"]] == [row[2] for row in tables[0]]


def test_a_full_queue_refuses_with_a_sentence():
    page = gradio_app.limit_queue(gr.Blocks(), 0)
    refused = in_own_loop(page._queue.push(body=None, request=None, username=None))
    assert refused == (False, texts.BUSY.format(count=0), "queue_full")


def test_the_example_of_the_guide(server, probe, tmp_path, monkeypatch, own):
    monkeypatch.chdir(tmp_path)
    shutil.copy(probe, "probe.jpg")
    (block,) = (text for text in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S) if "gradio_client" in text)
    names = {}
    exec(block.replace("http://127.0.0.1:7860", server), names)
    assert len(names["crops"]) == 12
    assert_same(pd.DataFrame(names["table"]["data"], columns=names["table"]["headers"]), own(probe))


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("text.jpg", b"no image", "text.jpg is not an image in a supported format"),
        ("cut.png", "first half", "cut.png is a damaged or truncated image"),
        ("empty.png", b"", "empty.png is not an image"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg is not an image"),
        ("wide.png", "100 megapixels", "wide.png has 100 megapixels"),
    ],
)
def test_an_image_that_cannot_be_used_gives_one_sentence(search, probe, tmp_path, name, content, sentence):
    file = tmp_path / name
    if content == "100 megapixels":
        Image.new("1", (10_000, 10_000)).save(file)
    else:
        file.write_bytes(probe.read_bytes()[:1500] if content == "first half" else content)
    with pytest.raises(AppError, match=f"^{sentence}") as caught:
        search(handle_file(file))
    assert "/" not in str(caught.value) and str(caught.value).count("\n") == 0


def test_what_is_not_an_upload_is_refused(search, server):
    for nothing, sentence in [
        (None, texts.NO_IMAGE),
        ({"url": "data:image/png;base64,AA==", "meta": {"_type": "gradio.FileData"}}, texts.NOT_A_FILE),
        ({"path": f"{server}favicon.ico", "meta": {"_type": "gradio.FileData"}}, texts.A_LINK),
    ]:
        with pytest.raises(AppError, match=sentence):
            search(nothing)


def test_too_large_a_file_is_refused_and_not_kept(server):
    with pytest.raises(urllib.error.HTTPError) as caught:
        upload(server, "large.jpg", b"x" * 27_000_000)
    assert caught.value.code == 413
    assert upload(server, "small.jpg", b"x" * 1000)[0].endswith("small.jpg")


def test_files_of_the_server_cannot_be_requested(server, checkpoint):
    """Neither as a probe, which would show whether a file exists, nor for download."""
    given = {"path": str(checkpoint / "config.json"), "meta": {"_type": "gradio.FileData"}}
    event = json.load(
        post(
            f"{server}gradio_api/call/search",
            json.dumps({"data": [given, "second", 3, []]}).encode(),
            "application/json",
        )
    )["event_id"]
    answer = urllib.request.urlopen(f"{server}gradio_api/call/search/{event}", timeout=60).read().decode()
    assert "event: error" in answer and "config.json" not in answer
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{server}gradio_api/file={checkpoint / 'config.json'}", timeout=60)
    assert caught.value.code == 403


def test_the_search_and_the_tools_are_offered(client):
    offered = ["/search", "/search_by_name", "/explain", "/describe", "/evaluate"]
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == offered


def test_uploads_and_crops_are_deleted_after_a_while(market, checkpoint, probe, tmp_path, monkeypatch):
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "one")
    settings = {
        "MR_BCNN_DATA": market,
        "MR_BCNN_CHECKPOINTS": tmp_path / "checkpoints",
        "XDG_CACHE_HOME": tmp_path / "cache",
        "GRADIO_TEMP_DIR": tmp_path / "temporary",
    }
    for name, folder in settings.items():
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr(gradio_app, "MAX_FILE_AGE_S", 2)
    monkeypatch.setattr(gradio_app, "SWEEP_INTERVAL_S", 1)
    gradio_search.load("one", gradio_search.read_gallery()).wait(60)
    page = gradio_app.build()
    kept = files(tmp_path / "temporary")  # the demo probes
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    client = Client(url, verbose=False, download_files=False)
    end = time.monotonic() + 60
    try:
        crops = []
        while not crops:
            with suppress(AppError):  # on a busy machine two seconds may pass before the search begins
                crops, *_ = client.predict(handle_file(probe), api_name="/search")
            assert time.monotonic() < end
        while (left := files(tmp_path / "temporary")) != kept:
            assert time.monotonic() < end, left - kept
            time.sleep(0.1)
    finally:
        client.close()
        page.close(verbose=False)
    with pytest.raises(UserError, match="Upload it again"):
        gradio_search.open_upload(str(tmp_path / "temporary" / "gone.png"))


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def post(url: str, body: bytes, kind: str):
    return urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": kind}), timeout=60)


def upload(server: str, name: str, content: bytes) -> list[str]:
    head = f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return json.load(
        post(
            f"{server}gradio_api/upload",
            head.encode() + content + b"\r\n--edge--\r\n",
            "multipart/form-data; boundary=edge",
        )
    )
