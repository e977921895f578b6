"""Start, watch, stop and resume a run in a real browser."""

import re

from playwright.sync_api import expect

from app.training import texts
from core.jobs.progress import FINISHED, RUNNING, STOPPED

TIMEOUT_MS = 120_000  # a process starts, imports torch and reads images


def headline(state: str) -> str:
    return texts.HEADLINE.format(name="people-mr_bcnn-demo", state=texts.STATES[state]).replace("*", "")


def test_a_run_from_start_to_end(open_page):
    page = open_page()
    page.get_by_role("link", name=texts.TITLE).click()
    expect(page.get_by_text(texts.NO_RUNS.split("**")[0])).to_be_visible()
    page.get_by_role("button", name=texts.START, exact=True).click()
    expect(page.get_by_text(headline(RUNNING))).to_be_visible(timeout=TIMEOUT_MS)
    progress = page.get_by_text(re.compile(rf"^[1-9]\d* of 200 {texts.UNIT}"))
    expect(progress).to_be_visible(timeout=TIMEOUT_MS)  # without a rerun of the page

    beside = open_page("?")  # another visitor sees the same
    beside.get_by_role("link", name=texts.TITLE).click()
    expect(beside.get_by_text(headline(RUNNING))).to_be_visible()

    main = page.get_by_test_id("stMain")  # the header has a button Stop too
    main.get_by_role("button", name=texts.STOP, exact=True).click()
    for visitor in (page, beside):
        expect(visitor.get_by_text(headline(STOPPED))).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("button", name=texts.RESUME, exact=True).click()
    expect(page.get_by_text(headline(FINISHED))).to_be_visible(timeout=2 * TIMEOUT_MS)
    page.get_by_role("link", name=texts.SEARCH_WITH_MODEL).click()
    expect(page).to_have_url(re.compile("model=runs"))
