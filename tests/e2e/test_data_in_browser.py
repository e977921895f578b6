"""Create, inspect, search and delete a named gallery in a real browser."""

import re
from zipfile import ZipFile

from playwright.sync_api import Page, expect

from app.data import texts
from app.shared.gallery_picker import STATE_TEXTS
from core.jobs.progress import FINISHED

TIMEOUT_MS = 120_000  # a process starts, imports torch and indexes images
PROBE = "0007_c3s1_000700_00.png"


def wait_until_idle(page: Page) -> None:
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def test_a_zip_is_uploaded_and_searched(open_page, people, tmp_path):
    with ZipFile(tmp_path / "station.zip", "w") as archive:
        for path in sorted((people / "bounding_box_test").iterdir()):
            archive.write(path, f"station/{path.name}")
        archive.writestr("station/broken.png", b"no image")

    page = open_page()
    page.get_by_role("link", name=texts.TITLE).click()
    expect(page.get_by_role("heading", name=texts.TITLE)).to_be_visible()
    page.get_by_label(texts.NAME, exact=True).fill("station")
    page.get_by_label(texts.NAME, exact=True).press("Enter")
    wait_until_idle(page)
    page.set_input_files("input[type=file]", tmp_path / "station.zip")
    page.get_by_role("button", name=texts.CREATE_GALLERY).click()
    expect(page).to_have_url(re.compile("gallery=station"))
    page.get_by_text(texts.STATE.format(name="station", state=STATE_TEXTS[FINISHED]).replace("*", "")).wait_for(
        timeout=TIMEOUT_MS
    )
    expect(page.get_by_text(texts.FINDING.format(finding=texts.SKIPPED_FILES, count=1))).to_be_visible()
    expect(page.locator(".crops.strip .crop")).to_have_count(12)

    page.get_by_role("link", name=texts.SEARCH_GALLERY).click()
    expect(page).to_have_url(re.compile(r"/\?.*gallery=station"))
    wait_until_idle(page)
    page.set_input_files("input[type=file]", people / "query" / PROBE)
    first = page.locator(".crops.ranking button.crop").first
    expect(first).to_have_attribute("data-id", re.compile("^0007"), timeout=TIMEOUT_MS)
    first.click()  # an image of the gallery, which has an identity, becomes the probe
    expect(page).to_have_url(re.compile("probe=0007_"))
    expect(page.locator(".crops.ranking .crop.right").first).to_be_visible()
    before = page.url
    wait_until_idle(page)
    page.reload()
    expect(page.locator(".crops.ranking .crop.right").first).to_be_visible()
    assert page.url == before

    other = open_page()  # another visitor deletes the gallery, and the page says so
    other.get_by_role("link", name=texts.TITLE).click()
    other.get_by_role("combobox", name="Gallery").click()
    other.get_by_role("option", name="station").click()
    other.get_by_role("button", name=texts.DELETE, exact=True).click()
    other.get_by_role("button", name=texts.DELETE_GALLERY).click()
    expect(other.get_by_role("heading", name=texts.DATA_QUALITY)).to_have_count(0)
    page.reload()
    expect(page.get_by_text("There is no gallery station")).to_be_visible()
    for visitor in (page, other):
        wait_until_idle(visitor)
