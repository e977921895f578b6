"""Every page: axe-core, the console and the width find nothing; and a search by keyboard.

Half of the views, in two of the six combinations of a colour scheme and a width: both schemes, the widest and the
narrowest layout. `make accessibility` checks all views in all combinations on the demo data.
"""

import re
import shutil

import pytest
from accessibility import audit, check
from playwright.sync_api import Locator, Page, expect

from app.components.texts import EXPLAIN_RANK
from app.shared import texts as shared_texts
from assets.screenshots import at_rest, prepare

COMBINATIONS = (("light", 1440), ("dark", 390))
TESTED = ("ranking", "explanation", "data", "gallery", "regions", "embedding", "training", "results", "tour")
PROBE = "0005_c1s1_000500_00.png"
IS_OUTLINED = "each => [each, ...each.children].some((one) => getComputedStyle(one).outlineStyle !== 'none')"
MAX_KEYS = 60  # that lead from one control of a page to another


@pytest.fixture(scope="module")
def address(start_server, checkpoints, people, free_port, tmp_path_factory):
    """The address of an app that has a run and a named gallery."""
    folder = tmp_path_factory.mktemp("accessibility")
    shutil.copytree(checkpoints, folder / "checkpoints")
    prepare(folder, people, checkpoints / "second", steps=2)
    process = start_server(folder, free_port)
    yield f"http://localhost:{free_port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def context(browser):
    """The window of all views, whose cache has the scripts of the app after the first view."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.mark.parametrize("name", TESTED)
def test_nothing_serious_is_found(name, address, context):
    page = context.new_page()
    try:
        assert not check(page, address, name, COMBINATIONS, PROBE)
    finally:
        page.close()


def test_axe_finds_what_is_wrong(open_page):
    page = open_page()
    page.locator(".crops.start").wait_for()
    page.evaluate("document.querySelector('.stApp').append(document.createElement('img'))")
    page.evaluate("document.querySelector('.stApp h1').style.color = '#ddd'")
    assert {each["rule"] for each in audit(page)} == {"image-alt", "color-contrast"}


def go_to(page: Page, control: Locator, key: str = "Tab") -> None:
    """Press a key until a control has the focus, which must be visible."""
    for _ in range(MAX_KEYS):
        page.keyboard.press(key)
        if control.evaluate("each => each.getRootNode().activeElement === each"):
            assert control.evaluate(IS_OUTLINED)
            return
    raise AssertionError(f"{key} does not lead to {control}")


def test_a_search_by_keyboard_alone(open_page):
    page = open_page()
    first = page.locator(".crops.start button.crop").first
    first.wait_for()
    at_rest(page)
    go_to(page, first)
    page.keyboard.press("Enter")
    best = page.locator(".crops.ranking button.crop").first
    best.wait_for()
    at_rest(page)
    go_to(page, best)
    why = page.get_by_role("link", name=EXPLAIN_RANK.format(rank=1), exact=True)
    go_to(page, why)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("rank 1"))).to_be_visible()
    at_rest(page)
    back = page.get_by_role("link", name=shared_texts.SEARCH, exact=True)
    go_to(page, back, "Shift+Tab")
    page.keyboard.press("Enter")
    best.wait_for()
    at_rest(page)
    second = page.locator(".crops.ranking button.crop").nth(1)
    name = second.get_attribute("data-id")
    go_to(page, second)
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(f"probe={name}"))
