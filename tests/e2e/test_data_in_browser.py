"""An own gallery in a real browser: a zip uploaded, described, looked into, searched, deleted."""

import re
from zipfile import ZipFile

from playwright.sync_api import Page, expect

LONG = 120_000  # a process starts, imports torch and describes images
PROBE = "0007_c3s1_000700_00.png"


def at_rest(page: Page) -> None:
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def test_a_zip_is_uploaded_and_searched(open_page, people, tmp_path):
    with ZipFile(tmp_path / "station.zip", "w") as archive:
        for path in sorted((people / "bounding_box_test").iterdir()):
            archive.write(path, f"station/{path.name}")
        archive.writestr("station/broken.png", b"no image")

    page = open_page()
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_role("heading", name="Data")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("station")
    page.get_by_label("Name", exact=True).press("Enter")
    at_rest(page)
    page.set_input_files("input[type=file]", tmp_path / "station.zip")
    page.get_by_role("button", name="Make it").click()
    expect(page).to_have_url(re.compile("gallery=station"))
    page.get_by_text("station is described and can be searched.").wait_for(timeout=LONG)
    expect(page.get_by_text("Files that were left out: 1")).to_be_visible()
    expect(page.locator(".crops.strip .crop")).to_have_count(12)

    page.get_by_role("link", name="Search in it").click()
    expect(page.get_by_role("heading", name="Find a person again", exact=False)).to_be_visible()
    expect(page).to_have_url(re.compile("gallery=station"))
    at_rest(page)
    page.set_input_files("input[type=file]", people / "query" / PROBE)
    first = page.locator(".crops.ranking button.crop").first
    expect(first).to_have_attribute("data-id", re.compile("^0007"), timeout=LONG)
    first.click()  # an image of the gallery is the probe now, and it is known who that is
    expect(page).to_have_url(re.compile("probe=0007_"))
    expect(page.locator(".crops.ranking .crop.right").first).to_be_visible()
    before = page.url
    at_rest(page)
    page.reload()
    expect(page.locator(".crops.ranking .crop.right").first).to_be_visible()
    assert page.url == before

    other = open_page()  # another visitor deletes it, and this one is told
    other.get_by_role("link", name="Data").click()
    other.get_by_label("Gallery", exact=False).first.click()
    other.get_by_role("option", name="station").click()
    other.get_by_role("button", name="Delete").click()
    other.get_by_role("button", name="Delete it").click()
    expect(other.get_by_role("heading", name="Its health")).to_have_count(0)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_text("There is no gallery station, or not any more")).to_be_visible()
    for visitor in (page, other):
        at_rest(visitor)
