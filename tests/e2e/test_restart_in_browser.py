"""The server goes down in the middle of a training and comes up again; two visitors and two runs."""

import os
import re
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.training import queue
from core.training.run_folder import Run

LONG = 120_000  # a process starts, imports torch and reads images
FIRST, SECOND = "people-mr_bcnn-demo", "people-mr_bcnn-demo-2"


@pytest.fixture
def folder(checkpoint, tmp_path):
    """What the server works on; no trainer outlives the test."""
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "pedestrians-mr_bcnn")
    yield tmp_path
    for run in queue.list_runs(tmp_path / "runs"):
        with suppress(ProcessLookupError):
            os.kill(run.status["pid"], signal.SIGKILL)


@pytest.fixture
def visit(browser: Browser):
    """Opens the training page in a browser of its own."""
    contexts = []

    def open_at(url: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(LONG)
        page.goto(url)
        page.get_by_role("link", name="Training").click()
        expect(page.get_by_text("A run is a process of its own")).to_be_visible(timeout=LONG)
        return page

    yield open_at
    for context in contexts:
        context.close()


def interrupt(process) -> None:
    """Ctrl-C in the server's terminal, which all processes of its group hear; then whatever is left is killed."""
    os.killpg(process.pid, signal.SIGINT)
    process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_for_step(run: Run, step: int, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while run.status.get("step", 0) < step:
        assert time.monotonic() < end, run.job.log_tail()
        time.sleep(0.05)


def begin(page: Page, steps: int | None = None) -> None:
    if steps:
        page.get_by_text("Every field of the recipe").click()
        page.get_by_role("tab", name="Batches").click()
        page.get_by_label("steps", exact=True).fill(str(steps))
        page.get_by_label("steps", exact=True).press("Enter")
        expect(page.get_by_text(f"{steps:,} steps of")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Begin", exact=True).click()


def test_a_training_outlives_its_server_and_two_visitors_share_it(start_server, free_port, folder: Path, visit):
    url = f"http://localhost:{free_port}"
    server = start_server(folder, free_port)
    try:
        page = visit(url)
        begin(page, steps=100_000)
        expect(page.get_by_text(f"{FIRST} is being trained.")).to_be_visible(timeout=LONG)
        run = Run(folder / "runs" / FIRST)
        wait_for_step(run, 10)
        trainer, seen = run.status["pid"], run.status["step"]
        page.close()
        interrupt(server)
        wait_for_step(run, seen + 20)  # nobody watches

        server = start_server(folder, free_port)
        one, other = visit(url), visit(url)
        for visitor in (one, other):
            expect(visitor.get_by_text(f"{FIRST} is being trained.")).to_be_visible(timeout=LONG)
            shown = visitor.get_by_text(re.compile(r"^[\d,]+ of 100,000 steps"))
            expect(shown).to_be_visible(timeout=LONG)
            assert int(re.sub(r"\D", "", shown.inner_text().partition(" of ")[0])) >= seen + 20
        assert run.status["pid"] == trainer and run.state == "running"

        other.get_by_text("Begin a new run").click()
        begin(other)
        expect(other.get_by_text(f"{SECOND} waits until other runs are done.")).to_be_visible(timeout=LONG)
        assert (run.state, Run(folder / "runs" / SECOND).state) == ("running", "queued")

        stop = other.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)  # not Streamlit's own
        stop.click()  # also while it waits
        expect(other.get_by_text(f"{SECOND} is stopped and can go on.")).to_be_visible(timeout=LONG)
        queue.stop(run)
        expect(one.get_by_text(f"{FIRST} is stopped and can go on.")).to_be_visible(timeout=LONG)
        assert run.newest_step() == run.status["step"] > seen + 20
    finally:
        interrupt(server)
    assert "Traceback" not in (folder / "server.log").read_text()
