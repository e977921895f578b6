"""The map in a real browser: hover, click, and select with the lasso."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.components import texts as component_texts
from app.embedding import texts
from app.shared import texts as shared_texts

MAP_NAME = re.compile(f"{shared_texts.MODEL_NAMES['pedestrians-mr_bcnn']} .*· {texts.METHODS['pca']}")
NEAREST = texts.NEAREST.format(where=texts.LINES_TO_NEIGHBOURS).replace("*", "")


@pytest.fixture
def embedding(open_page) -> Page:
    page = open_page()
    page.get_by_role("link", name=texts.TITLE).click()
    page.get_by_role("radio", name=texts.METHODS["pca"]).click()
    expect(page.locator(".map .name")).to_have_text(MAP_NAME, timeout=60_000)
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    return page


def find_a_point(page: Page) -> tuple[float, float]:
    """Move the pointer over the map until it is over a point."""
    area = page.locator(".map canvas").bounding_box()
    for y in range(60, int(area["height"]) - 50, 7):
        for x in range(20, int(area["width"]) - 20, 7):
            page.mouse.move(area["x"] + x, area["y"] + y)
            if page.locator(".map canvas.over").count():
                return area["x"] + x, area["y"] + y
    raise AssertionError("there is no point on the map")


def test_hover_shows_the_crop_and_a_click_the_neighbours(embedding):
    place = find_a_point(embedding)
    tip = embedding.locator(".map .tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("camera")
    expect(tip.locator(".crop")).to_have_css("background-image", re.compile("data:image/jpeg"))
    name = tip.inner_text().split("\n")[-1]
    embedding.mouse.click(*place)
    expect(embedding.get_by_text(NEAREST)).to_be_visible()
    expect(embedding.locator(".crops.probe .crop")).to_have_count(10)
    assert f"probe={name}" in embedding.url
    embedding.get_by_role("button", name=texts.CLEAR_SELECTION).click()
    expect(embedding.get_by_text(NEAREST)).to_be_hidden()


def test_a_touch_shows_the_crop_at_once(embedding):
    place = find_a_point(embedding)
    embedding.mouse.move(5, 5)
    tip = embedding.locator(".map .tip")
    expect(tip).to_be_hidden()
    shown = embedding.locator(".map canvas").evaluate(
        """(canvas, [x, y]) => {
        for (const type of ["pointerdown", "pointerup"])
            canvas.dispatchEvent(new PointerEvent(type, {clientX: x, clientY: y, pointerId: 1, pointerType: "touch"}))
        const tip = canvas.parentElement.querySelector(".tip")
        return getComputedStyle(tip).display + getComputedStyle(tip.querySelector(".crop")).backgroundImage
    }""",
        [place[0], place[1]],
    )
    assert shown.startswith('flexurl("data:image/jpeg')  # before the answer of the server
    expect(embedding.get_by_text(NEAREST)).to_be_visible()


def test_the_link_below_a_neighbour_opens_the_page_compare(embedding):
    embedding.mouse.click(*find_a_point(embedding))
    embedding.locator(".crops.probe").locator(".why").first.click()
    expect(embedding).to_have_url(re.compile("compare.*probe=.*match="))


def test_the_map_fills_the_window_and_can_be_downloaded(embedding, tmp_path):
    for height in (900, 760):
        embedding.set_viewport_size({"width": 1400, "height": height})
        embedding.wait_for_function(
            f"""() => {{
            const roots = [document, ...document.querySelectorAll("*")].map((one) => one.shadowRoot ?? one)
            const map = roots.map((root) => root.querySelector(".map")).find(Boolean)
            const rest = {height} - map.getBoundingClientRect().bottom
            return rest >= 0 && rest < 40
        }}"""
        )
    for format, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with embedding.expect_download() as download:
            embedding.get_by_role("button", name=component_texts.EXPORT.format(format=format)).click()
        download.value.save_as(tmp_path / format)
        assert (tmp_path / format).read_bytes().startswith(start)
    svg = (tmp_path / "SVG").read_text(encoding="utf-8")
    assert MAP_NAME.search(svg) and svg.count("<circle") > 10 and "coloured by identity" in svg


def test_the_lasso_selects_crops_and_reprojects_them(embedding):
    area = embedding.locator(".map canvas").bounding_box()
    embedding.get_by_role("button", name="Lasso", exact=True).click()
    left, top = area["x"] + 5, area["y"] + 45
    right, bottom = area["x"] + area["width"] - 5, area["y"] + area["height"] - 5
    embedding.mouse.move(left, top)
    embedding.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        embedding.mouse.move(*corner, steps=5)
    embedding.mouse.up()
    expect(embedding.get_by_text(texts.SELECTED.format(count=24))).to_be_visible()
    expect(embedding.locator(".crops.strip .crop")).to_have_count(24)
    embedding.get_by_role("button", name=texts.REPROJECT).click()
    expect(embedding.get_by_text(texts.REPROJECTED.format(images="24 selected images"))).to_be_visible()
    embedding.get_by_role("button", name=texts.SHOW_ALL).click()
    expect(embedding.get_by_text(texts.REPROJECTED.format(images="24 selected images"))).to_be_hidden()


COUNT_LISTENERS = """
window.listening = 0
const listen = window.addEventListener.bind(window)
window.addEventListener = (name, heard, options) => {
  if (name === "person-map-hover") {
    window.listening += 1
    options?.signal?.addEventListener("abort", () => (window.listening -= 1))
  }
  listen(name, heard, options)
}
"""


def test_a_map_leaves_no_listeners_on_other_pages(open_page):
    page = open_page()
    page.add_init_script(COUNT_LISTENERS)
    page.reload()
    for _ in range(2):
        page.get_by_role("link", name=texts.TITLE).click()
        page.get_by_role("radio", name=texts.METHODS["pca"]).click()
        expect(page.locator(".map .name")).to_have_text(MAP_NAME, timeout=60_000)
        page.wait_for_function("window.listening === 1 && window.personSprites.size === 1")
        page.locator('[data-test-script-state="notRunning"]').wait_for()
        page.get_by_role("link", name="Search", exact=True).click()
        page.wait_for_function("window.listening === 0 && window.personSprites.size === 0")
        page.locator('[data-test-script-state="notRunning"]').wait_for()
