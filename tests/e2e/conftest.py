"""A real server with a tiny data set and untrained models, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.data.datasets import read_dataset
from core.diagnosis.machine import find_browser
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import choose_protocol
from core.evaluation.report import EVALUATIONS
from core.inference.model import load

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=20_000)  # other work may keep the machine busy
ABORTED = "net::ERR_ABORTED"  # a page was left before it had all it asked for


def wait_until_healthy(url: str, process: subprocess.Popen, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            if urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).read() == b"ok":
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server at {url} did not start")


@pytest.fixture(scope="session")
def people(market, tmp_path_factory) -> Path:
    return shutil.copytree(market, tmp_path_factory.mktemp("e2e") / "people")


@pytest.fixture(scope="module")
def free_port() -> int:
    return find_port()


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def start_server(people):
    """Starts the app on `checkpoints` and `runs` of a folder; it leads a process group of its own, as in a terminal."""

    def start(folder: Path, port: int) -> subprocess.Popen:
        settings = {
            "MR_BCNN_DATA": people,
            "MR_BCNN_CHECKPOINTS": folder / "checkpoints",
            "MR_BCNN_RUNS": folder / "runs",
            "MR_BCNN_GALLERIES": folder / "galleries",
            "MR_BCNN_DATASETS": folder / "datasets",
            "XDG_CACHE_HOME": folder / "cache",
        }
        command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "app/main.py",
            "--server.headless=true",
            f"--server.port={port}",
        ]
        environment = os.environ | {name: str(value) for name, value in settings.items()}
        with (folder / "server.log").open("a") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            wait_until_healthy(f"http://localhost:{port}", process)
        except RuntimeError:
            process.kill()
            raise
        return process

    return start


@pytest.fixture(scope="session")
def checkpoints(people, checkpoint, tmp_path_factory) -> Path:
    """Two checkpoints with a result."""
    folder = tmp_path_factory.mktemp("e2e") / "checkpoints"
    dataset = read_dataset(people)
    report = evaluate_model(load(checkpoint), dataset, choose_protocol(dataset))
    for name in ("pedestrians-mr_bcnn", "second"):
        shutil.copytree(checkpoint, folder / name)
        report.write(folder / name / EVALUATIONS / report.name)
    return folder


@pytest.fixture(scope="session")
def server(start_server, checkpoints, tmp_path_factory):
    """The address of a running app. When the tests are over, its log must hold no traceback."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(checkpoints, folder / "checkpoints")
    port = find_port()
    process = start_server(folder, port)
    try:
        yield f"http://localhost:{port}"
        assert process.poll() is None, "the server went down"
    finally:
        process.terminate()
        process.wait(10)
    assert "Traceback" not in (folder / "server.log").read_text()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(server, browser: Browser):
    """Opens the app at a link, in a window and session of its own; nothing may go wrong in the browser's console."""
    contexts, wrong = [], []

    def watch(page: Page) -> None:
        page.set_default_timeout(30_000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: request.failure != ABORTED and wrong.append(request.url))

    def open_at(link: str = "", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.on("page", watch)
        page = context.new_page()
        page.goto(f"{server}/{link}")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="session")
def street(people, tmp_path_factory) -> Path:
    """A wide image with two people of the data set: 0006 on the left, 0008 on the right."""
    photograph = Image.new("RGB", (640, 400), (110, 110, 110))
    for left, name in ((40, "0006_c2s1_000600_00.png"), (440, "0008_c2s1_000800_00.png")):
        photograph.paste(Image.open(people / "query" / name).resize((120, 300)), (left, 60))
    file = tmp_path_factory.mktemp("street") / "street.png"
    photograph.save(file)
    return file
