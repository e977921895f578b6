"""The pages of the app in their most used states, and what axe-core, the console and the width say about them.

`python -m tests.accessibility [NAME ...]` starts the app on the demo data and checks every view in the light and the
dark theme, 1440, 768 and 390 pixels wide. The tests in `e2e` check a part of these combinations.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from app.data import texts as data_texts
from app.glossary import texts as glossary_texts
from app.search import texts as search_texts
from app.shared import texts as shared_texts
from app.training import texts as training_texts
from assets.screenshots import GALLERY, at_rest, prepare
from bench.load.server import ROOT, start
from core.diagnosis.machine import find_browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES, WIDTHS, HEIGHT = ("light", "dark"), (1440, 768, 390), 900
SERIOUS = ("serious", "critical")
QUERY = ROOT / "assets" / "pedestrians" / "query"
PROBE = "0649_c5s3_062307_00.jpg"  # of the demo data
RUN = """async () => (await axe.run({ resultTypes: ["violations"] })).violations.flatMap((rule) =>
  rule.nodes.map((node) => ({
    rule: rule.id,
    impact: node.impact,
    target: node.target.flat().join(" "),
    html: node.html.slice(0, 300),
    why: [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; "),
  })),
)"""
IS_WIDER = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")].some(
  (each) => each && each.scrollWidth > each.clientWidth,
)"""
# Streamlit asks for these below the address of a page first, and without it after the answer 404
FIRST_TRY = re.compile(r"/\w+/_stcore/(health|host-config)$")
ALLOWED: dict[tuple[str, str], str] = {}  # (rule, part of the selector) -> why it cannot be mended here


@dataclass(frozen=True)
class View:
    """A page in a state: its link, in which a probe has a place, what shows that it is drawn, and clicks."""

    link: str
    ready: str
    click: Callable[[Page], None] | None = None


def press(name: str, role: str = "button") -> Callable[[Page], None]:
    """Return a function that clicks on a control with this name."""
    return lambda page: page.get_by_role(role, name=name).first.click()


def unfold(*names: str) -> Callable[[Page], None]:
    """Return a function that opens expanders, one after another."""

    def click(page: Page) -> None:
        for name in names:
            page.get_by_test_id("stExpander").filter(has_text=name).locator("summary").first.click()
            at_rest(page)

    return click


def upload_two(page: Page) -> None:
    """Upload two images of the demo data."""
    page.set_input_files("input[type=file]", sorted(QUERY.glob("0649_*.jpg"))[:2])
    page.locator(".scene, svg [data-id]").first.wait_for()


VIEWS = {
    "search": View("", ".crops.start"),
    "terms": View("", ".crops.start", press(glossary_texts.TERMS)),
    "ranking": View("?probe={probe}", ".crops.ranking"),
    "models": View("?probe={probe}", ".crops.ranking", press(shared_texts.ABOUT_MODELS)),
    "post-processing": View("?probe={probe}", ".crops.ranking", press(search_texts.POST_PROCESSING)),
    "calibration": View("?probe={probe}", ".crops.ranking", press(search_texts.CALIBRATION)),
    "explanation": View("compare?probe={probe}&bars=true&pairs=true&check=true", ".st-key-table"),
    "two images": View("compare?each=true", "input[type=file]", upload_two),
    "data": View("data", ".crops", unfold(data_texts.NEW_GALLERY, data_texts.DATA_SETS, data_texts.EVALUATION)),
    "gallery": View("data?gallery=" + GALLERY, ".crops", unfold(data_texts.BROWSE, data_texts.SUSPICIOUS_LABELS)),
    "regions": View("regions?probe={probe}&region=14&entry=6&steps=true&moved=true", ".st-key-moved"),
    "embedding": View("embedding?probe={probe}", "canvas"),
    "training": View("training", ".js-plotly-plot", unfold(training_texts.NEW_RUN)),
    "results": View("results", ".js-plotly-plot .main-svg"),
    "table of the paper": View("results?table=CUHK03-labeled", ".js-plotly-plot .main-svg"),
    "tour": View("?tour=2.1", ".st-key-tour"),
    "question of the tour": View("?tour=1.2", ".st-key-guess"),
    "presentation": View("?tour=3.1&present=1", ".st-key-tour"),
}


def audit(page: Page) -> list[dict]:
    """Return the serious and critical findings of axe-core on a page, without those that are allowed."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [each for each in page.evaluate(RUN) if each["impact"] in SERIOUS]
    return [
        each
        for each in found
        if not any(each["rule"] == rule and part in each["target"] + each["html"] for rule, part in ALLOWED)
    ]


def set_scheme(page: Page, scheme: str) -> None:
    """Change the colour scheme that the browser asks for, and wait until the app has it."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function(
        f"getComputedStyle(document.querySelector('.stApp') ?? document.documentElement).colorScheme === '{scheme}'"
    )


def check(page: Page, address: str, name: str, combinations: Sequence[tuple[str, int]], probe: str) -> list[str]:
    """Open a view and return the problems that it has in these combinations of a colour scheme and a width."""
    view = VIEWS[name]
    problems: list[str] = []

    def read(message: ConsoleMessage) -> None:
        if message.type == "error" and not FIRST_TRY.search(message.location["url"]):
            problems.append(f"console: {message.text} {message.location['url']}")

    page.on("console", read)
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.emulate_media(color_scheme=combinations[0][0], reduced_motion="reduce")
    page.set_viewport_size({"width": combinations[0][1], "height": HEIGHT})
    page.goto(f"{address}/{view.link.format(probe=probe)}")
    page.locator(view.ready).first.wait_for(state="attached")
    at_rest(page)
    if view.click:
        view.click(page)
        page.mouse.move(0, 0)  # away from tooltips
        at_rest(page)
    for scheme, width in combinations:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        set_scheme(page, scheme)
        at_rest(page)
        page.wait_for_function("document.getAnimations().every((each) => each.playState !== 'running')")
        place = f"{scheme} {width}"
        if page.evaluate(IS_WIDER):
            problems.append(f"{place}: the page is wider than the window")
        found = audit(page)
        for rule in dict.fromkeys(each["rule"] for each in found):
            of_rule = [each for each in found if each["rule"] == rule]
            first = "".join(f"\n    {of_rule[0][part]}" for part in ("target", "html", "why"))
            problems.append(f"{place}: {of_rule[0]['impact']} {rule}, {len(of_rule)} elements, the first:{first}")
    return problems


def main() -> int:
    """Check all views, or those that are named, and print what is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"views, by default all: {', '.join(VIEWS)}")
    parser.add_argument("--folder", type=Path, help="a prepared folder, kept for the next time")
    parser.add_argument("--schemes", nargs="*", default=SCHEMES)
    parser.add_argument("--widths", nargs="*", type=int, default=WIDTHS)
    args = parser.parse_args()
    expect.set_options(timeout=60_000)
    count = 0
    with TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = args.folder or Path(temporary)
        prepare(folder, steps=2)
        server = start(folder)
        try:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(viewport={"width": args.widths[0], "height": HEIGHT})
            context.set_default_timeout(60_000)
            combinations = [(scheme, width) for scheme in args.schemes for width in args.widths]
            for name in args.names or VIEWS:
                page = context.new_page()
                try:
                    problems = check(page, f"http://{server.address}", name, combinations, PROBE)
                except (AssertionError, BrowserError) as error:
                    problems = [str(error)]
                count += len(problems)
                print(f"{name}: {len(problems)}", *problems, sep="\n  ", flush=True)
                page.close()
        finally:
            server.stop()
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
