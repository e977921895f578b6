"""Take the pictures of the documentation: `python -m assets.screenshots` writes them to this folder.

The app runs on the demo data and the shipped models, with one training run and one named gallery in a folder of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[1]
DATA = ROOT / "assets" / "pedestrians"
CHROMIUM = "/usr/bin/chromium"
GALLERY, IMAGES = "station", 240  # a named gallery of the first probes


def prepare(folder: Path, steps: int | None = None) -> None:
    """Train a run on the demo data and index a gallery of some of its images, where `folder` does not have them yet.

    Args:
        folder: where a server of the app has its runs and galleries.
        steps: of the training; by default those of the preset.
    """
    settings = {"MR_BCNN_RUNS": folder / "runs", "MR_BCNN_GALLERIES": folder / "galleries", "PYTHONPATH": ROOT}
    environment = os.environ | {name: str(value) for name, value in settings.items()}

    def call(*arguments: object) -> None:
        command = [sys.executable, "-m", "core", *map(str, arguments)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    if not (folder / "galleries" / GALLERY).exists():
        images = folder / "images"
        images.mkdir(parents=True, exist_ok=True)
        for path in sorted((DATA / "query").glob("*.jpg"))[:IMAGES]:
            (images / path.name).write_bytes(path.read_bytes())
        call("gallery", "add", GALLERY, images, "--labels", "names", "--model", "checkpoints/pedestrians-mr_bcnn")
    if not (folder / "runs").exists():
        call("train", DATA, "--preset", "demo", *(("--steps", steps) if steps else ()))


def at_rest(page: Page) -> None:
    """Wait until the script has ended and the browser has loaded all widgets, so that nothing moves."""
    page.locator('[data-test-script-state="notRunning"]').wait_for(state="attached")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")
