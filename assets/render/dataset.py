"""A whole data set: chunks dealt out to processes, files written so that an interruption costs nothing."""

import csv
import json
import os
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from .body import read_body
from .cameras import draw_camera, in_sequence
from .materials import Materials
from .noise import rng_for
from .person import build_person
from .picture import take_empty_picture, take_picture
from .plan import GALLERY, QUERY, TRAIN, make_plan
from .trace import Tracer, compile_kernel

RECORD = "rendering.json"  # the settings, so that one folder never mixes two renderings


class FolderInUse(Exception):
    """The folder holds something else."""


def render_dataset(settings, folder, jobs=2, report=lambda done, total, seconds: None):
    """Render whatever is not there yet; -> number of pictures made, seconds.

    `report(done, total, seconds)` is called as chunks come in. Raises FolderInUse, body.MissingData.
    """
    folder = Path(folder)
    _claim(folder, settings)
    entries, chunks = make_plan(settings)
    for name in (TRAIN, GALLERY, QUERY):
        (folder / name).mkdir(exist_ok=True)
    _write_identities(folder / "identities.csv", entries)
    todo = [c for c in chunks if not all((folder / s.path).exists() for s in c.shots)]
    total = sum(len(c.shots) for c in todo)
    if not todo:
        return 0, 0.0
    body = read_body()
    compile_kernel()
    # The processes share out the cores; a linear algebra library that started threads as well would be slower.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    start, done = time.monotonic(), 0
    jobs = min(jobs, len(todo))
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (body, settings.seed, folder)) as pool:
        waiting = [pool.submit(_render_chunk, chunk) for chunk in todo]
        try:
            for future in as_completed(waiting):
                done += future.result()
                report(done, total, time.monotonic() - start)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return done, time.monotonic() - start


def _claim(folder, settings):
    record = folder / RECORD
    wanted = asdict(settings)
    if record.exists():
        found = json.loads(record.read_text())
        if found != wanted:
            raise FolderInUse(f"{folder} holds a rendering with other settings, {found}; choose another --out")
    elif folder.exists() and any(folder.iterdir()):
        raise FolderInUse(f"{folder} is not empty and holds no rendering; choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(wanted, indent=2) + "\n")


def _write_identities(path, entries):
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["identity", "split", "site", *entries[0].identity.visible()])
        for e in entries:
            writer.writerow([f"{e.number:04d}", e.split, e.site, *e.identity.visible().values()])


class _Worker:
    """What a process keeps from chunk to chunk; none of it influences the pictures."""

    def __init__(self, body, seed, folder):
        self.body, self.seed, self.folder = body, seed, folder
        self.tracer = Tracer()
        self.cameras = {}

    def camera(self, number, sequence):
        if (number, sequence) not in self.cameras:
            camera = draw_camera(self.seed, number)
            self.cameras[number, sequence] = in_sequence(camera, self.seed, number, sequence)
        return self.cameras[number, sequence]

    def render(self, chunk):
        seen = {}  # camera -> the last people before it, (place in the chunk, layer)
        current = None
        for shot in chunk.shots:
            rng = rng_for(self.seed, shot.path)
            camera = self.camera(shot.camera, shot.sequence)
            recent = seen.setdefault(shot.camera, deque(maxlen=10))
            others = [layer for who, layer in recent if who != shot.person]
            if shot.box == "empty":
                image, quality = take_empty_picture(camera, rng, others)
            else:
                if current != shot.person:
                    current = shot.person
                    person = build_person(self.body, chunk.people[current])
                    materials = Materials(person)
                box = "bad" if shot.box == "pair" and not others else shot.box
                image, quality, layer = take_picture(person, materials, camera, self.tracer, rng, others, box)
                if shot.box == "good" or (shot.box == "pair" and box == "pair"):
                    recent.append((shot.person, layer))
            self._save(image, quality, self.folder / shot.path)
        return len(chunk.shots)

    def _save(self, image, quality, path):
        """Under another name first: a file that has its name is complete."""
        partial = path.with_suffix(".part")
        image.save(partial, format="JPEG", quality=quality, optimize=True)
        os.replace(partial, path)


def _start_worker(*what):
    global _worker
    _worker = _Worker(*what)


def _render_chunk(chunk):
    return _worker.render(chunk)
