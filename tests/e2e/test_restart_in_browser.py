"""A run continues while the server is restarted. Two visitors watch two runs."""

import os
import re
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.training import texts
from core.jobs.progress import QUEUED, RUNNING, STOPPED
from core.training import queue
from core.training.run_folder import Run

TIMEOUT_MS = 120_000  # a process starts, imports torch and reads images
FIRST, SECOND = "people-mr_bcnn-demo", "people-mr_bcnn-demo-2"


@pytest.fixture
def folder(checkpoint, tmp_path):
    """The folder of the server. All trainings end with the test."""
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "pedestrians-mr_bcnn")
    yield tmp_path
    for run in queue.list_runs(tmp_path / "runs"):
        with suppress(ProcessLookupError):
            os.kill(run.status["pid"], signal.SIGKILL)


@pytest.fixture
def visit(browser: Browser):
    """Open the page Training in a new browser context."""
    contexts = []

    def open_at(url: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.goto(url)
        page.get_by_role("link", name=texts.TITLE).click()
        expect(page.get_by_text(texts.INTRODUCTION)).to_be_visible(timeout=TIMEOUT_MS)
        return page

    yield open_at
    for context in contexts:
        context.close()


def headline(name: str, state: str) -> str:
    return texts.HEADLINE.format(name=name, state=texts.STATES[state]).replace("*", "")


def interrupt(process) -> None:
    """Send SIGINT to the process group of the server, as Ctrl-C does, then kill the remaining processes."""
    os.killpg(process.pid, signal.SIGINT)
    process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_for_step(run: Run, step: int, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while run.status.get("step", 0) < step:
        assert time.monotonic() < end, run.job.log_tail()
        time.sleep(0.05)


def start(page: Page, steps: int | None = None) -> None:
    if steps:
        page.get_by_text(texts.ALL_SETTINGS).click()
        page.get_by_role("tab", name="Batches").click()
        page.get_by_label("steps", exact=True).fill(str(steps))
        page.get_by_label("steps", exact=True).press("Enter")
        expect(
            page.get_by_text(texts.SIZE.format(steps=steps, images="").partition(" images")[0].strip())
        ).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_role("button", name=texts.START, exact=True).click()


def test_a_run_continues_without_its_server_and_is_shown_to_two_visitors(start_server, free_port, folder: Path, visit):
    url = f"http://localhost:{free_port}"
    server = start_server(folder, free_port)
    try:
        page = visit(url)
        start(page, steps=100_000)
        expect(page.get_by_text(headline(FIRST, RUNNING))).to_be_visible(timeout=TIMEOUT_MS)
        run = Run(folder / "runs" / FIRST)
        wait_for_step(run, 10)
        trainer, seen = run.status["pid"], run.status["step"]
        page.close()
        interrupt(server)
        wait_for_step(run, seen + 20)  # without a server

        server = start_server(folder, free_port)
        one, other = visit(url), visit(url)
        for visitor in (one, other):
            expect(visitor.get_by_text(headline(FIRST, RUNNING))).to_be_visible(timeout=TIMEOUT_MS)
            shown = visitor.get_by_text(re.compile(rf"^[\d,]+ of 100,000 {texts.UNIT}"))
            expect(shown).to_be_visible(timeout=TIMEOUT_MS)
            assert int(re.sub(r"\D", "", shown.inner_text().partition(" of ")[0])) >= seen + 20
        assert run.status["pid"] == trainer and run.state == "running"

        other.get_by_text(texts.NEW_RUN, exact=True).click()
        start(other)
        expect(other.get_by_text(headline(SECOND, QUEUED))).to_be_visible(timeout=TIMEOUT_MS)
        assert (run.state, Run(folder / "runs" / SECOND).state) == ("running", "queued")

        stop = other.get_by_test_id("stMain").get_by_role(
            "button", name=texts.STOP, exact=True
        )  # not that of the header
        stop.click()  # a queued run can be stopped too
        expect(other.get_by_text(headline(SECOND, STOPPED))).to_be_visible(timeout=TIMEOUT_MS)
        queue.stop(run)
        expect(one.get_by_text(headline(FIRST, STOPPED))).to_be_visible(timeout=TIMEOUT_MS)
        assert run.newest_step() == run.status["step"] > seen + 20
    finally:
        interrupt(server)
    assert "Traceback" not in (folder / "server.log").read_text()
