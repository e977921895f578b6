"""Take the pictures of the documentation: `python -m assets.screenshots` writes them to this folder.

The app runs on the demo data and the shipped models, with one training run and one named gallery in a folder of its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[1]
DATA = ROOT / "assets" / "pedestrians"
MODEL = ROOT / "checkpoints" / "pedestrians-mr_bcnn"
CHROMIUM = "/usr/bin/chromium"
GALLERY, IMAGES = "station", 240  # a named gallery of the first probes


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
