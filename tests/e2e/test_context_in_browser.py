"""The probe, the gallery and the model stay the same from page to page, in a browser."""

import re

from playwright.sync_api import Locator, Page, expect

from app.search import texts as search_texts
from app.shared import texts
from app.shared.model_cards import name_of

PROBE = "0006_c2s1_000600_00.png"


def at_rest(page: Page) -> None:
    """Wait until the script has ended and the browser has loaded all widgets."""
    page.locator("dl.facts").wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def expect_context(page: Page, address: str, probe: str, model: str) -> None:
    expect(page).to_have_url(re.compile(rf"/{address}\?"))
    facts = page.locator("dl.facts")
    expect(facts).to_contain_text(probe)
    expect(facts).to_contain_text(model)
    at_rest(page)


def open_by_link(page: Page, name: str, address: str, model: str = "second") -> None:
    page.get_by_role("link", name=name, exact=True).click()
    expect_context(page, address, PROBE, model)


def results_shown(page: Page) -> Locator:
    """The chosen number of results on the page Search."""
    return page.get_by_role("radiogroup", name=search_texts.RESULTS).get_by_role("radio", checked=True)


def test_navigation_back_and_reload_keep_the_context(open_page):
    page = open_page(f"?probe={PROBE}&model=second&top=10")
    expect(results_shown(page)).to_have_text("10")
    at_rest(page)
    opened = page.evaluate("history.length")
    for name, address in ((texts.COMPARE, "compare"), (texts.RESULTS, "results"), (texts.REGIONS, "regions")):
        open_by_link(page, name, address)
        assert "top=" not in page.url
    page.get_by_role("combobox", name=texts.MODEL).click()
    page.get_by_role("option", name=re.compile("^Pedestrians")).click()
    expect_context(page, "regions", PROBE, "Pedestrians")
    open_by_link(page, texts.SEARCH, "", "Pedestrians")
    expect(results_shown(page)).to_have_text("10")
    assert "top=10" in page.url and page.evaluate("history.length") == opened + 5
    page.reload()
    expect_context(page, "", PROBE, "Pedestrians")
    expect(results_shown(page)).to_have_text("10")
    for address, model in (("regions", "Pedestrians"), ("regions", "second"), ("results", "second")):
        page.go_back()
        expect_context(page, address, PROBE, model)
    page.go_back()
    expect_context(page, "compare", PROBE, "second")
    page.go_back()
    expect_context(page, "", PROBE, "second")
    expect(results_shown(page)).to_have_text("10")
    assert "top=10" in page.url and page.evaluate("history.length") == opened + 5


def test_a_page_puts_no_default_into_the_history(open_page):
    page = open_page()
    at_rest(page)
    assert page.evaluate("history.length") == 2  # the empty page and this one
    pages = (texts.DATA, texts.REGIONS, texts.COMPARE, texts.EMBEDDING, texts.TRAINING, texts.RESULTS)
    for opened, name in enumerate(pages, start=1):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(f"/{name.lower()}$"))
        at_rest(page)
        assert page.evaluate("history.length") == 2 + opened and "?" not in page.url, name


def test_the_link_is_copied(open_page):
    page = open_page(f"?probe={PROBE}&model=second")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at_rest(page)
    page.get_by_role("button", name=texts.BAR["copy"]).click()
    expect(page.get_by_role("button", name=texts.BAR["copied"])).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_results_come_before_controls_in_a_narrow_window(open_page):
    page = open_page(f"?probe={PROBE}", width=390)
    crops = page.locator(".crops.ranking")
    crops.wait_for()
    at_rest(page)
    top = crops.bounding_box()["y"]
    assert top < page.get_by_role("combobox", name=texts.MODEL).bounding_box()["y"]
    assert top < page.get_by_role("textbox", name=texts.IMAGE).bounding_box()["y"]
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_the_cards_of_the_models(open_page):
    page = open_page(f"?probe={PROBE}")
    at_rest(page)
    page.get_by_role("button", name=texts.ABOUT_MODELS).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name=texts.DRAWING.partition(":")[0])).to_have_count(2)
    expect(dialog.get_by_text(texts.START_EXPLAIN)).to_be_visible()
    assert name_of("second") == "second"
    expect(dialog.get_by_text("second", exact=True).first).to_be_visible()
