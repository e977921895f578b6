"""A folder of an unknown layout in a real browser: its rules are edited and saved, and Training offers it."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.data import texts
from app.training import texts as training_texts


@pytest.fixture
def kiosk(tmp_path) -> Path:
    """Identities 41 to 44, seen by the cameras a and b."""
    for number, (identity, camera) in enumerate((i, c) for i in range(41, 45) for c in "ab"):
        file = tmp_path / f"shots/kiosk-0{identity % 2 + 1}/p{identity:04}__cam-{camera}__{number:06}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 80), (identity, 90, 90)).save(file)
    return tmp_path


def wait_until_idle(page: Page) -> None:
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def choose(page: Page, label: str, option: str) -> None:
    wait_until_idle(page)
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(box).to_have_value(option)
    wait_until_idle(page)


def test_rules_are_edited_saved_and_offered_for_training(open_page, kiosk):
    page = open_page()
    page.get_by_role("link", name=texts.TITLE).click()
    expect(page.get_by_role("heading", name=texts.TITLE)).to_be_visible()
    wait_until_idle(page)
    page.get_by_text(texts.DATA_SETS, exact=True).click()
    path = page.get_by_label(texts.DATA_SET, exact=True)
    path.fill(str(kiosk))
    path.press("Enter")
    expect(page.get_by_text(texts.BY_GUESS)).to_be_visible()
    wait_until_idle(page)
    page.get_by_text(texts.BY_OWN_RULES).click()
    choose(page, "Level 2: kiosk-01", texts.MEANINGS["*"])
    choose(page, "0042", "identity")
    choose(page, "a", "camera")
    expect(page.get_by_text(texts.FITTING.format(fitting=8, images=8))).to_be_visible()
    expect(page.locator(".crops.strip .crop", has_text="0044").first).to_be_visible()
    name = page.get_by_label(texts.SAVED_NAME, exact=True)
    name.fill("kiosk")
    name.press("Enter")
    wait_until_idle(page)
    page.get_by_role("button", name=texts.SAVE_DATA_SET).click()
    expect(page.get_by_text(texts.SAVED.format(name="kiosk").replace("*", ""))).to_be_visible()

    page.get_by_role("link", name=training_texts.TITLE).click()
    expect(page.get_by_role("heading", name=training_texts.TITLE)).to_be_visible()
    choose(page, training_texts.DATA, "kiosk")
    expect(page.locator('input[value="kiosk-mr_bcnn-demo"]')).to_be_visible()  # the default name of the run
    wait_until_idle(page)
