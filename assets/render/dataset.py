"""A whole data set: chunks dealt out to processes, files written so that an interruption costs nothing."""

import csv
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from .body import read_body
from .photographer import Photographer
from .plan import GALLERY, QUERY, TRAIN, Settings, list_entries, make_plan
from .trace import compile_kernel

RECORD = "rendering.json"  # the settings, so that one folder never mixes two renderings
TABLE = "identities.csv"


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
    _write_identities(folder / TABLE, entries)
    todo = [c for c in chunks if not all((folder / s.path).exists() for s in c.shots)]
    total = sum(len(c.shots) for c in todo)
    if not todo:
        return 0, 0.0
    body = read_body()
    compile_kernel()
    one_thread_each()
    start, done = time.monotonic(), 0
    jobs = min(jobs, len(todo))
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (body, settings, folder)) as pool:
        waiting = [pool.submit(_render_chunk, chunk) for chunk in todo]
        try:
            for future in as_completed(waiting):
                done += future.result()
                report(done, total, time.monotonic() - start)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return done, time.monotonic() - start


def one_thread_each():
    """Processes share out the cores; a linear algebra library that started threads as well would be slower."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


def _claim(folder, settings):
    record = folder / RECORD
    wanted = json.loads(json.dumps(settings.record()))
    if record.exists():
        found = _read_record(record)
        if found != wanted:
            raise FolderInUse(f"{folder} holds a rendering with other settings, {found}; choose another --out")
    elif folder.exists() and any(folder.iterdir()):
        raise FolderInUse(f"{folder} is not empty and holds no rendering; choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(wanted, indent=2) + "\n")


def _read_record(record):
    try:
        return json.loads(record.read_text())
    except ValueError:
        raise FolderInUse(f"{record} is damaged") from None


def add_families(folder):
    """Write the column `family` into the table of a rendering of an earlier version; -> number of identities.

    The families are drawn again from the settings. Raises FolderInUse if the table is not the one of these settings.
    """
    record, table = Path(folder) / RECORD, Path(folder) / TABLE
    if not record.exists() or not table.exists():
        raise FolderInUse(f"{folder} holds no rendering: {RECORD} or {TABLE} is missing")
    try:
        settings = Settings(**_read_record(record))
    except (ValueError, TypeError):
        raise FolderInUse(f"{record} does not hold the settings of a rendering; no family was written") from None
    entries = list_entries(settings)
    with table.open(newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        row.pop("family", None)
    expected = [{name: str(value) for name, value in _row(e).items() if name != "family"} for e in entries]
    if found != expected:
        raise FolderInUse(f"{table} is not the table of the settings in {RECORD}; no family was written")
    _write_identities(table, entries)
    return len(entries)


def _write_identities(path, entries):
    rows = [_row(e) for e in entries]
    partial = path.with_suffix(".part")
    with partial.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(partial, path)


def _row(entry):
    start = {"identity": entry.name, "split": entry.split, "site": entry.site, "family": entry.family}
    return start | entry.identity.visible()


class _Worker:
    """Writes what a photographer makes."""

    def __init__(self, body, settings, folder):
        self.photographer, self.folder = Photographer(body, settings), folder

    def render(self, chunk):
        for shot, image, quality in self.photographer.photograph(chunk):
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
