"""The page Results in a real browser."""

import re

from playwright.sync_api import expect

from app.components import texts as component_texts
from app.results import texts
from app.shared.texts import MODEL_NAMES


def test_the_page_draws_curves_and_links_the_worst_probes(open_page):
    page = open_page()
    page.get_by_role("link", name=texts.TITLE).click()
    expect(page.locator(".js-plotly-plot")).to_have_count(8, timeout=60_000)
    curves = page.get_by_role("figure", name=texts.FIGURE_ALT.format(data="people", ranks=50))
    expect(curves.locator(".scatterlayer path.js-line")).to_have_count(2)
    expect(curves.get_by_text(re.compile("^second"))).to_be_visible()
    page.get_by_text("CUHK03-labeled", exact=True).click()
    expect(page).to_have_url(re.compile("table=CUHK03-labeled"))
    expect(page.get_by_role("cell", name="FPNN [10]")).to_be_visible()
    page.get_by_text("people", exact=True).click()
    table = page.get_by_role("table", name=texts.CAPTION.format(data="people"))
    name = texts.MARKED.format(method=MODEL_NAMES["pedestrians-mr_bcnn"], mark="training identities unknown")
    expect(table.get_by_role("cell", name=name, exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_popup() as opened:
        page.get_by_role("group", name=texts.WORST_PROBES).get_by_role("link").first.click()
    search = opened.value
    expect(search).to_have_url(re.compile("probe=000[5-8]_"))
    expect(search.get_by_role("img", name="The probe 000")).to_be_visible()


def test_a_chart_is_downloaded_with_its_caption(open_page):
    page = open_page()
    page.get_by_role("link", name=texts.TITLE).click()
    caption = texts.FIGURE_ALT.format(data="people", ranks=50)
    expect(page.get_by_role("figure", name=caption).locator(".scatterlayer path.js-line")).to_have_count(
        2, timeout=60_000
    )
    for format, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
        label = f"{component_texts.EXPORT.format(format=format.upper())}: {caption}"
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert download.value.suggested_filename == f"recall.{format}"
        content = download.value.path().read_bytes()
        assert content.startswith(start)
        if format == "svg":
            assert f"<desc>{caption}." in content.decode() and "second" in content.decode()
