"""The classroom page in a browser, from disk and from a plain web server: its numbers are those of the library."""

import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from accessibility import IS_WIDER, SCHEMES, WIDTHS, audit
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.classroom.export import MAX_BYTES, export_page
from app.shared.settings import EXPLAINED_MODEL
from core.data.datasets import read_dataset
from core.data.subsample import REFERENCE_IMAGES, sample
from core.explain.activations import look_inside
from core.explain.attribution import explain_match
from core.explain.mean_vectors import average_vectors
from core.galleries.cache import load_or_describe
from core.inference.model import load

ROOT = Path(__file__).parents[2]
DATA, CHECKPOINT = ROOT / "assets" / "pedestrians", ROOT / "checkpoints" / EXPLAINED_MODEL
TOLERANCE = 1e-4
NUMBERS = """() => ({
  ranking: classroom.ranking.map((each) => [classroom.gallery.names[each.index], each.score, each.isTrue]),
  descriptors: [...Object.values(classroom.insides)].map((each) => [...each.descriptor]),
  regions: [classroom.attribution.probe.regions, classroom.attribution.match.regions],
  shared: [classroom.attribution.probe.shared, classroom.attribution.match.shared],
  score: classroom.attribution.score,
  probe: classroom.probe.name,
  match: classroom.gallery.names[classroom.match.index],
})"""


class Utf8Handler(SimpleHTTPRequestHandler):
    """As servers that say UTF-8 of every script; the packs are UTF-16."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript; charset=utf-8"}

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classroom") / "a lesson"
    assert export_page(folder, DATA, CHECKPOINT) <= MAX_BYTES
    return folder


@pytest.fixture(scope="module")
def address(folder):
    server = ThreadingHTTPServer(("localhost", 0), partial(Utf8Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def model():
    return load(CHECKPOINT, "cpu")


@pytest.fixture(scope="module")
def gallery(model):
    return load_or_describe(DATA, model, CHECKPOINT)


@pytest.fixture
def open_lesson(browser: Browser):
    """Opens the page; its scripts must not fail, and it must request its own files only."""
    contexts, wrong, asked = [], [], []

    def open_at(link: str, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append((context, link))
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked.append((link, request.method, request.url)))
        page.goto(link)
        expect(page.locator("html[data-ready=true]")).to_be_attached(timeout=60_000)
        return page

    yield open_at
    for context, _ in contexts:
        context.close()
    assert not wrong
    for link, method, url in asked:
        assert method == "GET" and url.startswith((link.removesuffix("index.html"), "data:", "blob:")), url


def choose(page: Page, number: int) -> dict:
    """Click a probe -> the numbers of the page."""
    page.locator("#probes button").nth(number).click()
    page.wait_for_function(f"classroom.probe === classroom.probes[{number}] && classroom.insides.probe.pixels")
    page.wait_for_function(
        "Math.abs(classroom.attribution.score - classroom.match.score) < 1e-3 && "
        "classroom.ranking.includes(classroom.match)"
    )
    return page.evaluate(NUMBERS)


def check(numbers: dict, probe, match: Path, record, model, gallery, baseline) -> None:
    """The ranking, the descriptors and the contributions are those of the library."""
    descriptor = model.describe(probe)[0]
    found = gallery.search(descriptor, 50, probe=record)
    names, scores, _ = zip(*numbers["ranking"][:50], strict=True)
    assert list(names) == [Path(path).name for path in found["path"]]
    np.testing.assert_allclose(scores, found["score"], atol=TOLERANCE)
    both = np.stack([descriptor, model.describe(match)[0]])
    np.testing.assert_allclose(numbers["descriptors"], both, atol=TOLERANCE)
    expected = explain_match(model, look_inside(model, probe), look_inside(model, match), baseline)
    np.testing.assert_allclose(numbers["regions"], expected.of_regions, atol=TOLERANCE)
    np.testing.assert_allclose(numbers["shared"], expected.rest, atol=TOLERANCE)
    np.testing.assert_allclose(np.sum(numbers["regions"], axis=1) + numbers["shared"], numbers["score"], atol=1e-9)
    np.testing.assert_allclose(numbers["score"], expected.score, atol=TOLERANCE)


@pytest.fixture(scope="module")
def baseline(model, gallery):
    return average_vectors(model, sample([str(path) for path in gallery.paths], REFERENCE_IMAGES))


def test_the_numbers_of_demo_probes_are_those_of_the_library(folder, open_lesson, model, gallery, baseline):
    page = open_lesson(f"{folder.as_uri()}/index.html")
    records = {record.path.name: record for record in read_dataset(DATA).query}
    paths = {Path(path).name: Path(path) for path in gallery.paths}
    for number in (0, 17, 40):
        numbers = choose(page, number)
        record = records[numbers["probe"]]
        assert len(numbers["ranking"]) == gallery.count(probe=record)
        check(numbers, record.path, paths[numbers["match"]], record, model, gallery, baseline)
        assert all(is_true == (name.split("_")[0] == record.identity) for name, _, is_true in numbers["ranking"])


@pytest.mark.parametrize(
    ("name", "size", "options"), [("a.png", (313, 777), {}), ("b.jpg", (240, 501), {"quality": 90})]
)
def test_the_numbers_of_an_uploaded_image_are_those_of_the_library(
    name, size, options, address, open_lesson, model, gallery, baseline, tmp_path
):
    source = sorted((DATA / "query").glob("*.jpg"))[30]
    Image.open(source).resize(size, Image.Resampling.BICUBIC).save(tmp_path / name, **options)
    page = open_lesson(address)
    page.locator("#file").set_input_files(tmp_path / name)
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_function("classroom.probe.url && classroom.insides.probe === classroom.probe.inside")
    paths = {Path(path).name: Path(path) for path in gallery.paths}
    numbers = page.evaluate(NUMBERS)
    check(numbers, tmp_path / name, paths[numbers["match"]], None, model, gallery, baseline)
    expect(page.locator("#verdict")).to_contain_text("does not know who this is")
    expect(page.locator("#results .is-true")).to_have_count(0)
    expect(page.locator("#ranking .key").first).to_be_hidden()


def test_a_file_that_is_no_image_gives_a_sentence(address, open_lesson, tmp_path):
    (tmp_path / "notes.jpg").write_text("no image")
    page = open_lesson(address)
    page.locator("#file").set_input_files(tmp_path / "notes.jpg")
    expect(page.locator("#upload-error")).to_contain_text("cannot read this file as an image")


def test_regions_and_numbers_by_keyboard(address, open_lesson):
    page = open_lesson(address, width=390)
    page.locator("#parts-match button").nth(4).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#region-text")).to_contain_text("“head and chest, middle right” of the result")
    expect(page.locator("#matrix-panel h3")).to_contain_text("“head and chest, middle right” of the result")
    page.get_by_role("slider").press("Home")
    expect(page.locator("#matrix-panel")).to_contain_text("Location 1 of 25")
    page.locator("#matrix-panel canvas.sum").focus()
    for _ in range(16):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
    a, b = page.evaluate("""() => {
      const filters = 16
      const { a, b } = classroom.insides.match.maps[0]
      const l = 5 * 15 + 10 // the first location of the region in the middle row, on the right
      return [a[l * filters], b[l * filters]]
    }""")
    text = page.locator(".cell-text").inner_text()
    assert float(re.search(r"= (\d+\.\d+)\.", text)[1]) == pytest.approx(a * b, abs=6e-4)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_axe_finds_nothing_serious(address, open_lesson):
    page = open_lesson(address)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert not audit(page)
            assert not page.evaluate(IS_WIDER)


def test_the_first_results_of_all_probes_are_counted(address, open_lesson):
    page = open_lesson(address)
    right = page.evaluate("""() => {
      const { names, identities, cameras, descriptors, length } = classroom.gallery
      const isRight = (probe) => {
        const score = (n) => probe.descriptor.reduce((sum, value, d) => sum + value * descriptors[length * n + d], 0)
        const kept = [...names.keys()].filter((n) => identities[n] !== probe.identity || cameras[n] !== probe.camera)
        const scores = kept.map(score)
        return identities[kept[scores.indexOf(Math.max(...scores))]] === probe.identity
      }
      return classroom.probes.filter(isRight).length
    }""")
    expect(page.locator("#accuracy-panel .finding")).to_contain_text(f"For {right} of 48 probes")


def test_images_of_ones_own_without_cameras(open_lesson, market, checkpoint, tmp_path):
    for person in ("0005", "0006"):
        (tmp_path / "data" / person).mkdir(parents=True)
        for shot, path in enumerate(sorted((market / "bounding_box_test").glob(f"{person}_*"))):
            shutil.copy(path, tmp_path / "data" / person / f"{shot}.png")
    export_page(tmp_path / "page", tmp_path / "data", checkpoint)
    page = open_lesson((tmp_path / "page" / "index.html").as_uri())
    expect(page.locator("#results .is-true")).to_have_count(2)
    expect(page.locator("#results button")).to_have_count(5)
    expect(page.locator("#accuracy-panel .finding")).to_contain_text("of 2 probes")
    expect(page.locator("#one-person-caption")).to_contain_text("One person in 3 images")
    for each in page.locator(".computer-generated").all():
        expect(each).to_be_hidden()
