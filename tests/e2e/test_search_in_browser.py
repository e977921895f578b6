"""The page Search in a browser."""

import re

from playwright.sync_api import Page, expect

from app.search import texts
from app.shared import texts as shared_texts

PROBE = "0005_c1s1_000500_00.png"
GALLERY = 12


def ranked(page: Page) -> list[str]:
    """Wait for the ranking and return its file names."""
    crops = page.locator(".crops.ranking button.crop")
    crops.first.wait_for()
    return [crop.get_attribute("data-id") for crop in crops.all()]


def at_rest(page: Page) -> None:
    """Wait until the script has ended and the browser has loaded all widgets, so that nothing moves."""
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def upload(page: Page, *files) -> None:
    at_rest(page)  # an uploader that was just cleared is a new element
    page.set_input_files("input[type=file]", files)


def test_demo_probe_and_next_probe_by_a_click(open_page):
    page = open_page()
    page.get_by_role("button", name=shared_texts.SEARCH_WITH.format(name=PROBE[:4])).click()
    expect(page.locator(".crops.ranking button.crop")).to_have_count(GALLERY - 1)
    expect(page.get_by_role("group", name=shared_texts.RANKING).get_by_role("button", name="Rank 1:")).to_be_visible()
    expect(page).to_have_url(re.compile("probe=0005_"))
    third = page.locator(".crops.ranking button.crop").nth(2)
    name = third.get_attribute("data-id")
    third.click()
    expect(page).to_have_url(re.compile(f"probe={name}"))
    expect(page.get_by_role("img", name=shared_texts.PROBE_NAMED.format(name=name))).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("probe=0005_"))
    expect(page.get_by_role("img", name=shared_texts.PROBE_NAMED.format(name="0005_"))).to_be_visible()


def test_post_processing_and_calibration_are_set_in_popovers(open_page):
    page = open_page(f"?probe={PROBE}")
    plain = ranked(page)
    at_rest(page)
    page.get_by_role("button", name=texts.POST_PROCESSING).click()
    page.get_by_text(texts.RERANK).click()
    expect(page).to_have_url(re.compile("rerank=true"))
    page.get_by_role("radio", name="3", exact=True).click()
    expect(page).to_have_url(re.compile("expand=3"))
    better = ranked(open_page(f"?probe={PROBE}&rerank=true&expand=3"))  # the link holds the choice
    assert better != plain and len(better) == GALLERY - 1
    for place, name in enumerate(better):  # the address changes before the ranking does
        expect(page.locator(".crops.ranking button.crop").nth(place)).to_have_attribute("data-id", name)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=texts.CALIBRATION).click()
    page.get_by_text(texts.PERCENTAGES).click()
    expect(page).to_have_url(re.compile("percentages=true"))
    page.get_by_role("radio", name="10", exact=True).last.click()
    expect(page).to_have_url(re.compile("prior=10(&|$)"))


def test_upload_and_new_search(open_page, people):
    page = open_page()
    upload(page, people / "bounding_box_test" / "0007_c3s1_000701_01.png")
    expect(page.locator(".crops.ranking button.crop")).to_have_count(GALLERY)
    assert ranked(page)[0] == "0007_c3s1_000701_01.png"
    page.get_by_role("button", name=texts.NEW_SEARCH).click()
    expect(page.locator(".crops.start button.crop")).to_have_count(4)


def test_box_is_drawn_on_a_photograph(open_page, street):
    page = open_page()
    upload(page, street)
    expect(page.get_by_role("button", name="Remove street.png", exact=True)).to_be_visible()
    stage = page.locator(".stage")
    stage.wait_for()
    for left, person in ((440, "0008"), (40, "0006")):
        at_rest(page)
        area = stage.bounding_box()
        scale = area["width"] / 640
        page.mouse.move(area["x"] + left * scale, area["y"] + 60 * scale)
        page.mouse.down()
        page.mouse.move(area["x"] + (left + 120) * scale, area["y"] + 360 * scale, steps=12)
        page.mouse.up()
        first = page.locator(".crops.ranking button.crop").first
        expect(first).to_have_attribute("data-id", re.compile(f"^{person}"))


def test_boxes_are_moved_by_keyboard_and_restored_on_a_reload(open_page, street):
    page = open_page()
    upload(page, street)
    page.locator(".stage").wait_for()
    at_rest(page)
    page.locator(".stage").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".stage .box")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    ranking = ranked(page)
    expect(page).to_have_url(re.compile("upload=.*&box=1"))
    label = page.locator(".stage .box").get_attribute("aria-label")
    page.reload()
    assert ranked(page) == ranking
    expect(page.locator(".stage .box")).to_have_attribute("aria-label", label)
    page.get_by_role("button", name=shared_texts.DELETE_NOW).click()
    expect(page.locator(".crops.start button.crop")).to_have_count(4)


def test_bad_upload_gives_a_sentence_and_the_server_stays_up(open_page, people, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    page = open_page()
    upload(page, bad)
    expect(page.get_by_text("bad.jpg is not an image in a supported format")).to_be_visible()
    upload(page, bad, people / "query" / PROBE)
    expect(page.locator(".crops.ranking button.crop")).to_have_count(GALLERY)
    expect(page.get_by_text("bad.jpg is not an image in a supported format")).to_be_visible()
    assert ranked(open_page(f"?probe={PROBE}"))


def test_link_shows_the_same_view_again(open_page):
    page = open_page(f"?probe={PROBE}")
    ranked(page)
    at_rest(page)
    page.get_by_text(texts.SAME_CAMERA_RULE, exact=True).click()
    page.get_by_role("radio", name="10").click()
    page.get_by_role("button", name="2", exact=True).click()
    for part in ("rule=false", "top=10", "cameras=2"):
        expect(page).to_have_url(re.compile(part))
    expect(page.locator(".crops.ranking button.crop")).to_have_count(4)
    before = ranked(page)
    page.reload()
    expect(page.locator(".crops.ranking button.crop")).to_have_count(4)
    assert ranked(page) == before
    other = open_page(page.url.split("/")[-1])
    expect(other.locator(".crops.ranking button.crop")).to_have_count(4)
    assert ranked(other) == before


def test_two_visitors_do_not_disturb_each_other(open_page, people):
    one, two = open_page(), open_page(width=800)
    upload(one, people / "bounding_box_test" / "0006_c1s1_000601_01.png")
    two.get_by_role("button", name=shared_texts.SEARCH_WITH.format(name="0008")).click()
    expect(one.locator(".crops.ranking button.crop")).to_have_count(GALLERY)
    expect(two.locator(".crops.ranking button.crop")).to_have_count(GALLERY - 1)
    assert ranked(one)[0] == "0006_c1s1_000601_01.png"
    expect(one.locator(".crop.right")).to_have_count(0)
    expect(two.locator(".crops.ranking .crop.right")).to_have_count(2)


def test_nothing_is_wider_than_the_window(open_page):
    for width in (1280, 800):
        page = open_page(f"?probe={PROBE}", width)
        ranked(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for crop in page.locator(".crops.ranking button.crop").all():
            box = crop.bounding_box()
            assert 90 <= box["width"] <= 150 and box["x"] + box["width"] <= width
