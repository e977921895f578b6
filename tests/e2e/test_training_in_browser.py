"""A training begun, watched, stopped, resumed and deleted in a real browser."""

import re

from playwright.sync_api import expect

LONG = 120_000  # a process starts, imports torch and reads images


def test_a_run_from_begin_to_end(open_page):
    page = open_page()
    page.get_by_role("link", name="Training").click()
    expect(page.get_by_text("There is no run yet")).to_be_visible()
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.get_by_text("people-mr_bcnn-demo is being trained.")).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"^[1-9]\d* of 200 steps"))).to_be_visible(
        timeout=LONG
    )  # without a rerun of the page

    beside = open_page("?")  # another visitor sees the same
    beside.get_by_role("link", name="Training").click()
    expect(beside.get_by_text("people-mr_bcnn-demo is being trained.")).to_be_visible()

    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()  # the header may have one too
    for visitor in (page, beside):
        expect(visitor.get_by_text("people-mr_bcnn-demo is stopped and can go on.")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("people-mr_bcnn-demo is finished.")).to_be_visible(timeout=2 * LONG)
    page.get_by_role("link", name="Search with it").click()
    expect(page.get_by_role("heading", name="Find a person again", exact=False)).to_be_visible()
