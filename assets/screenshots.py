"""Take the screenshots of the documentation: `python -m assets.screenshots [NAME ...]` writes them to this folder.

The app runs on the demo data and the shipped models. A training run and a named gallery are made for them. The
training takes three minutes on a quiet core.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from bench.load.server import start
from core.diagnosis.machine import find_browser

ROOT = Path(__file__).parents[1]
DATA = ROOT / "assets" / "pedestrians"
MODEL = ROOT / "checkpoints" / "pedestrians-mr_bcnn"
GALLERY, IMAGES = "station", 240  # a named gallery of the first probes
WIDTH, QUALITY = 1440, 72  # pixels; of WebP
# name -> the link, what shows that the page is drawn, and the height in pixels
SCREENSHOTS = {
    "search": ("?probe=0649_c5s3_062307_00.jpg&percentages=true", ".crops.ranking", 1150),
    "data": (f"data?gallery={GALLERY}", ".crops", 1080),
    "regions": ("regions?probe=0710_c3s2_078324_00.jpg", ".st-key-product", 1720),
    "compare": ("compare?probe=0710_c3s2_078324_00.jpg", '[data-id^="link-"]', 1300),
    "embedding": ("embedding?probe=0710_c3s2_078324_00.jpg&colour=upper+colour", ".crops", 1040),
    "training": ("training", ".js-plotly-plot .main-svg", 1230),
    "results": ("results?table=pedestrians", ".js-plotly-plot .main-svg", 980),
}


def prepare(folder: Path, data: Path = DATA, model: Path = MODEL, steps: int | None = None) -> None:
    """Train a run and index a gallery of the first probes, where `folder` does not have them yet.

    Args:
        folder: where a server of the app has its runs and galleries.
        data: a data set in Market-1501's layout.
        model: the checkpoint that indexes the gallery.
        steps: of the training; by default those of the preset.
    """
    settings = {"MR_BCNN_RUNS": folder / "runs", "MR_BCNN_GALLERIES": folder / "galleries", "PYTHONPATH": ROOT}
    environment = os.environ | {name: str(value) for name, value in settings.items()}

    def call(*arguments: object) -> None:
        command = [sys.executable, "-m", "core", *map(str, arguments)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    if not (folder / "galleries" / GALLERY).exists():
        images = folder / "images"
        images.mkdir()
        for path in sorted((data / "query").iterdir())[:IMAGES]:
            shutil.copy(path, images)
        call("gallery", "add", GALLERY, images, "--labels", "names", "--model", model)
    if not (folder / "runs").exists():
        call("train", data, "--preset", "demo", *(("--steps", steps) if steps else ()))


def at_rest(page: Page) -> None:
    """Wait until the script has ended and the browser has loaded all widgets, so that nothing moves."""
    page.locator('[data-test-script-state="notRunning"]').wait_for(state="attached")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def take(page: Page, address: str, name: str) -> Path:
    """Write the screenshot with this name."""
    link, ready, height = SCREENSHOTS[name]
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.goto(f"{address}/{link}")
    page.locator(ready).first.wait_for(state="attached")
    at_rest(page)
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
    path = Path(__file__).parent / f"{name}.webp"
    image.convert("RGB").save(path, quality=QUALITY, method=6)
    return path


def main() -> None:
    """Take all screenshots, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"screenshots, by default all: {', '.join(SCREENSHOTS)}"
    )
    parser.add_argument("--folder", type=Path, help="keep the run and the gallery in this folder, for the next time")
    args = parser.parse_args()
    expect.set_options(timeout=60_000)
    with TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = args.folder or Path(temporary)
        prepare(folder)
        server = start(folder)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_page(color_scheme="light", reduced_motion="reduce", locale="en-GB")
            page.set_default_timeout(120_000)
            for name in args.names or SCREENSHOTS:
                path = take(page, f"http://{server.address}", name)
                print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
