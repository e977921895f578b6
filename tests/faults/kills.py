"""Kills of real processes at random times: a trainer, an indexer of a gallery and a server.

After each kill the folder is checked: what was finished is there and can be read. If a process ends before its kill,
its result is compared with that of an uninterrupted process, and the work starts again.
"""

import asyncio
import io
import math
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import torch
from conftest import draw_person
from describers import describe
from faults import small_training
from own_loops import in_own_loop
from PIL import Image
from trainers import command, start

from app.shared.keys import UPLOAD
from bench.load.server import start as start_server
from bench.load.visitor import Visitor
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.gallery_folder import StoredGallery
from core.inference.checkpoint import load_checkpoint
from core.training.run_folder import Run

PATIENCE_S = 180
IMAGES, BLOCK = 40, 3
TRAINING = replace(small_training.TRAINING, steps=16, keep_every=5)


@dataclass
class Outcome:
    """How many processes were killed, and how many times the work was finished and right."""

    kills: int = 0
    finished: int = 0


def kill_trainer(folder: Path, market: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill trainings until `kills` processes were killed. Raises AssertionError if something finished is lost."""

    def create(name: str) -> Run:
        data = {"folder": str(market), "protocol": "market1501", "split": 1}
        return Run.create(folder / "runs" / name, small_training.NETWORK, TRAINING, data)

    def resume(name: str) -> BaseProcess:
        return start(command, folder, "resume", name, output=folder / f"{name}.txt")

    whole = create("whole")
    duration = _seconds(resume("whole"))
    wanted = load_checkpoint(whole.checkpoints()[-1]).network.state_dict()
    outcome = Outcome()
    for number in _until(outcome, kills):
        run, reached = create(f"run{number}"), 0
        while outcome.kills < kills and _is_killed(resume(run.folder.name), chance.uniform(0, duration), outcome):
            assert not run.job.progress.is_alive and reached <= run.newest_step() <= TRAINING.steps
            for checkpoint in run.checkpoints():
                load_checkpoint(checkpoint)
            reached = run.newest_step()
        if run.state == "finished":
            found = load_checkpoint(run.checkpoints()[-1]).network.state_dict()
            assert all(torch.equal(found[name], wanted[name]) for name in wanted), "other weights than without kills"
            outcome.finished += 1
    return outcome


def kill_indexer(folder: Path, checkpoint: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill the indexing of galleries until `kills` processes were killed."""
    images = folder / "images"
    images.mkdir(parents=True)
    for identity in range(IMAGES):
        draw_person(identity, 1, 0).save(images / f"{identity:02d}.png")

    def create(name: str) -> StoredGallery:
        gallery = create_gallery(name, folder / "galleries", checkpoint)
        add_folder(gallery, images)
        return gallery

    def index(gallery: StoredGallery) -> BaseProcess:
        return start(describe, gallery.folder, BLOCK, folder / "journal", math.inf)

    whole = create("whole")
    duration = _seconds(index(whole))
    wanted = whole.open().descriptors
    outcome = Outcome()
    for number in _until(outcome, kills):
        gallery, blocks = create(f"gallery{number}"), 0
        while outcome.kills < kills and _is_killed(index(gallery), chance.uniform(0, duration), outcome):
            assert not gallery.progress.is_alive
            found = len([path for path in (gallery.folder / "blocks").glob("*.npz") if path.stem.isdigit()])
            assert gallery.version or found >= blocks, "a finished block is lost"
            blocks = found
        if gallery.progress.state == "finished":
            np.testing.assert_allclose(gallery.open().descriptors, wanted, atol=1e-5)
            outcome.finished += 1
    return outcome


def kill_server(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill servers of the app while a visitor uploads and searches. The next server shows the earlier uploads."""
    outcome = Outcome()
    for number in range(kills):
        server = start_server(folder)
        try:
            in_own_loop(show_newest_upload(server.address, folder / "uploads"))
            with suppress(asyncio.TimeoutError):
                in_own_loop(asyncio.wait_for(upload(server.address, number), chance.uniform(0, 1.5)))
                outcome.finished += 1
        finally:
            server.process.kill()
            server.process.wait()
        outcome.kills += 1
        assert "Traceback" not in (folder / "server.log").read_text()
        for path in (folder / "uploads").glob("*/*.png"):
            Image.open(path).load()
    server = start_server(folder)
    try:
        in_own_loop(show_newest_upload(server.address, folder / "uploads"))
    finally:
        server.stop()
    return outcome


async def show_newest_upload(address: str, uploads: Path) -> None:
    """Open the first page, and the link of the newest upload if there is one."""
    async with Visitor(address) as visitor:
        run = await visitor.run()
        assert run.errors == [] and visitor.crops("demo")
    if stored := sorted(uploads.glob("*/*.png"), key=lambda path: path.stat().st_mtime):
        async with Visitor(address, query=f"{UPLOAD}={stored[-1].stem}") as visitor:
            run = await visitor.run()
            assert run.errors == [] and visitor.crops("ranking"), "an earlier upload is not shown"


async def upload(address: str, number: int) -> None:
    """Upload an image of a drawn person on the first page."""
    async with Visitor(address) as visitor:
        await visitor.run()
        await visitor.upload(_png(number), f"{number}.png")


def _png(number: int) -> bytes:
    file = io.BytesIO()
    draw_person(number, 1, 0).save(file, "PNG")
    return file.getvalue()


def _until(outcome: Outcome, kills: int) -> Iterator[int]:
    """Yield numbers until enough processes were killed."""
    number = 0
    while outcome.kills < kills:
        yield number
        number += 1


def _seconds(process: BaseProcess) -> float:
    """Wait for an uninterrupted process, and return how long it took."""
    began = time.monotonic()
    process.join(PATIENCE_S)
    assert process.exitcode == 0
    return time.monotonic() - began


def _is_killed(process: BaseProcess, seconds: float, outcome: Outcome) -> bool:
    """Kill a process after some seconds; return False if it had ended before."""
    process.join(seconds)
    if process.exitcode is not None:
        assert process.exitcode == 0, f"the process failed with exit status {process.exitcode}"
        return False
    process.kill()
    process.join()
    outcome.kills += 1
    return True
