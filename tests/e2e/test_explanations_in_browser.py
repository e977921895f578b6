"""The pages Regions and Compare in a browser."""

import re

from playwright.sync_api import Page, expect

from app.compare import texts as compare_texts
from app.components.texts import EXPLAIN_RANK, LOCATION_SUM
from app.regions import texts as regions_texts
from app.search import texts as search_texts
from app.shared import texts as shared_texts

PROBE = "0005_c1s1_000500_00.png"


def at_rest(page: Page) -> None:
    """Wait until the script has ended and the browser has loaded all widgets, so that nothing moves."""
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_a_region_to_an_entry_and_its_sum(open_page):
    page = open_page(f"?probe={PROBE}")
    page.get_by_role("link", name=search_texts.INSPECT_REGIONS).click()
    expect(page).to_have_url(re.compile(f"regions.*{PROBE}"))
    page.get_by_role("button", name="trunk, middle right: energy").click()
    expect(page.get_by_role("heading", name=regions_texts.REGION.format(region="trunk, middle right"))).to_be_visible()
    expect(page).to_have_url(re.compile("region=14"))
    at_rest(page)
    page.locator('[data-id="entry-6"]').click()
    expect(page.get_by_role("heading", name=regions_texts.ENTRY.format(entry="i = 2, j = 3"))).to_be_visible()
    expect(page).to_have_url(re.compile("entry=6"))
    product = page.get_by_role("group", name=regions_texts.MAPS.format(entry="i = 2, j = 3"))
    expect(product.locator("image")).to_have_count(11)
    at_rest(page)
    page.get_by_role("radio", name="15", exact=True).click()
    expect(page.get_by_role("group", name=regions_texts.IMAGE).get_by_role("button")).to_have_count(3)
    assert fits(page)


def test_a_region_is_selected_by_keys(open_page):
    page = open_page(f"?probe={PROBE}")
    page.get_by_role("link", name=shared_texts.REGIONS, exact=True).click()
    region = page.get_by_role("button", name="legs, upper left: energy")
    region.wait_for()
    at_rest(page)
    region.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=regions_texts.REGION.format(region="legs, upper left"))).to_be_visible()
    expect(page.locator('[data-id="region-2-0"]')).to_be_focused()


def test_a_result_links_to_its_contributions(open_page):
    page = open_page(f"?probe={PROBE}")
    second = page.locator(".crops.ranking .cell").nth(1)
    second.wait_for()
    at_rest(page)
    match = second.locator(".crop").get_attribute("data-id")
    score = float(second.locator(".line b").inner_text())
    second.get_by_role("link", name=EXPLAIN_RANK.format(rank=2), exact=True).click()
    expect(page).to_have_url(re.compile(f"compare.*match={match}"))
    heading = page.get_by_role("heading", name=re.compile(r"Score [\d.]+: rank 2"))
    expect(heading).to_be_visible()
    assert abs(float(re.search(r"[\d.]+", heading.inner_text())[0]) - score) < 1.1e-3  # either may be rounded
    pair = page.get_by_role("group", name=compare_texts.PAIR.format(name=match))
    pair.get_by_role("button", name=re.compile("^trunk, upper centre: ")).first.click()
    expect(page.get_by_role("heading", name="Region pair: trunk, upper centre")).to_be_visible()
    at_rest(page)
    link = pair.locator('[data-id^="link-"]').first
    name = link.get_attribute("aria-label").partition(":")[0]
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Region pair: {name}")).to_be_visible()
    at_rest(page)
    page.get_by_text(compare_texts.DELETION_TEST).click()
    figure = page.get_by_role("figure", name=compare_texts.DELETION_FIGURE)
    expect(figure.locator(".scatterlayer path.js-line")).to_have_count(3)
    assert fits(page)
    page.go_back()
    expect(page).to_have_url(re.compile("pair="))


def test_the_explanation_of_an_upload_keeps_the_upload(open_page, people):
    page = open_page()
    at_rest(page)
    page.set_input_files("input[type=file]", people / "bounding_box_test" / "0007_c3s1_000701_01.png")
    page.get_by_role("link", name=EXPLAIN_RANK.format(rank=1), exact=True).click()
    expect(page.get_by_role("heading", name="Score 1.000: rank 1")).to_be_visible()


def test_both_pages_fit_a_narrow_window(open_page):
    page = open_page(f"?probe={PROBE}", width=800)
    for name, fold, group in (
        (shared_texts.REGIONS, regions_texts.SHUFFLES, regions_texts.SHUFFLED_IMAGES),
        (shared_texts.COMPARE, compare_texts.REGION_PAIRS, compare_texts.TABLE),
    ):
        at_rest(page)
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_text(fold, exact=True).click()
        page.get_by_role("group", name=group).wait_for()
        assert fits(page)


def test_the_sum_over_a_region_ends_at_its_energy(open_page):
    page = open_page(f"?probe={PROBE}")
    page.get_by_role("link", name=shared_texts.REGIONS, exact=True).click()
    page.get_by_role("button", name="trunk, middle right: energy").click()
    which, readout = page.locator(".which"), page.locator(".readout")
    expect(which).to_contain_text("Location 1 of 25: row 6, column 11")
    slider = page.get_by_role("slider", name=LOCATION_SUM["location"])
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(which).to_contain_text("Location 2 of 25: row 6, column 12")
    page.get_by_role("button", name=LOCATION_SUM["play"]).click()
    expect(which).to_contain_text("Location 4 of 25")
    page.get_by_role("button", name=LOCATION_SUM["pause"]).click()
    page.keyboard.press("End")
    expect(which).to_contain_text("Location 25 of 25: row 10, column 15")
    length, energy = re.search(r"length of the sum is ([\d.e-]+)\. .* is ([\d.e-]+)\.", readout.inner_text()).groups()
    assert length == energy
