"""The tour in a browser: arrow keys in a presentation, terms, figures, and the Back button."""

import re

from playwright.sync_api import Page, expect

from app.glossary.terms import TERMS
from app.shared import texts as shared_texts
from app.tour import texts
from app.tour.progress import find_place


def at_step(page: Page, step: str) -> None:
    place = find_place(step)
    expect(page).to_have_url(re.compile(rf"tour={re.escape(step)}(&|$)"))
    head = texts.HEAD.format(chapter=place.chapter, count=7, title=place.of_chapter.title)
    expect(page.locator(".st-key-tour").get_by_text(head)).to_be_visible()
    expect(page.get_by_text(texts.STEP.format(step=place.step, count=len(place.of_chapter.steps)))).to_be_visible()
    page.locator('[data-test-script-state="notRunning"]').wait_for(state="attached")


def test_arrow_keys_turn_the_steps_of_a_presentation(open_page):
    page = open_page("?tour=2.3&present=1")
    at_step(page, "2.3")
    expect(page.locator(".crops.ranking")).to_be_visible()
    expect(page.locator("dl.facts")).to_be_hidden()  # all but the figure is hidden
    expect(page.get_by_role("combobox", name=shared_texts.MODEL)).to_be_hidden()
    page.keyboard.press("ArrowRight")
    at_step(page, "3.1")
    expect(page).to_have_url(re.compile(r"/regions\?"))
    page.keyboard.press("ArrowRight")
    at_step(page, "3.2")
    page.keyboard.press("ArrowLeft")
    at_step(page, "3.1")
    page.get_by_role("button", name="parts", exact=True).click()
    expect(page.get_by_role("dialog", name="part")).to_contain_text(TERMS["part"][0])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="part")).to_be_hidden()
    page.go_back()
    at_step(page, "3.2")
    page.get_by_role("button", name=texts.STOP_PRESENTING).click()
    expect(page.locator("dl.facts")).to_be_visible()
    page.get_by_role("button", name=texts.SHOW_FIGURE).click()
    expect(page.locator(".st-key-product")).to_be_in_viewport(ratio=0.5)


def test_the_image_of_the_person_is_clicked(open_page):
    page = open_page("?tour=1.2")
    at_step(page, "1.2")
    crops = page.locator(".st-key-guess button.crop")
    expect(crops).to_have_count(4)
    judged = page.get_by_text(re.compile(f"{re.escape(texts.WRONG)}|^Right\\."))
    for number in range(4):
        crops.nth(number).click()
        expect(judged).to_be_visible()
        page.locator('[data-test-script-state="notRunning"]').wait_for(state="attached")
        if "done=1" in page.url:
            break
    expect(page).to_have_url(re.compile("done=1"))
    page.get_by_role("button", name=texts.LEAVE).click()
    expect(page.locator(".st-key-tour")).to_have_count(0)
    expect(page).to_have_url(re.compile("done=1"))
