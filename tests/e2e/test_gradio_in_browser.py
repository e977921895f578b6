"""The page of the Gradio app: an image in, crops and a table out, and no request to other machines."""

import shutil

import pytest
from gradio_server import gradio_server
from playwright.sync_api import Browser, Page, expect

from app import gradio_texts as texts


@pytest.fixture(scope="module")
def gradio(people, checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradio")
    shutil.copytree(checkpoint, folder / "checkpoints" / "pedestrians-mr_bcnn")
    with gradio_server(people, folder / "checkpoints", folder) as url:
        yield url


@pytest.fixture
def page(gradio, browser: Browser):
    """Open the page. Its scripts must not fail, and it must not request anything from another server."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, wrong, asked = context.new_page(), [], []
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(gradio)
    yield page
    context.close()
    assert wrong == [] and len(asked) > 10
    assert [url for url in asked if not url.startswith((gradio, "data:", "blob:"))] == []


def crops(page: Page):
    return page.locator("#ranking .thumbnail-item")


def wait_for_image(page: Page) -> None:
    """Wait for the image: a search before has no image."""
    expect(page.get_by_role("button", name="Remove Image").or_(page.get_by_label("Clear"))).to_be_visible()


def test_search_with_an_upload(page, people):
    page.locator("input[type=file]").first.set_input_files(people / "query" / "0006_c2s1_000600_00.png")
    wait_for_image(page)
    page.get_by_role("button", name=texts.SEARCH, exact=True).click()
    expect(crops(page)).to_have_count(12, timeout=60_000)
    expect(crops(page).first).to_contain_text("1 · ")
    expect(page.get_by_role("gridcell", name="0006_c2s1_000601_01.png").first).to_be_visible()
    page.get_by_role("button", name="Use via API").click()
    expect(page.get_by_text("search_with_image").first).to_be_visible()  # a tool for agents
    page.get_by_text("Python", exact=True).first.click()
    expect(page.get_by_text("api_name").first).to_be_visible()


def test_search_with_a_demo_probe(page):
    page.locator("button.gallery-item").nth(1).click()
    wait_for_image(page)
    page.get_by_role("button", name=texts.SEARCH, exact=True).click()
    expect(crops(page)).to_have_count(12, timeout=60_000)


def test_search_without_an_image_gives_a_sentence(page):
    page.get_by_role("button", name=texts.SEARCH, exact=True).click()
    expect(page.get_by_text(texts.NO_IMAGE)).to_be_visible()
    expect(crops(page)).to_have_count(0)
