"""Two servers share all folders: each shows what the other has stored, and neither tears the files of the other."""

import asyncio
import shutil
import threading

import numpy as np
import pytest
from faults.kills import show_newest_upload, upload
from own_loops import in_own_loop

from bench.load.server import start
from bench.load.visitor import Visitor
from core.galleries.cache import load_or_describe
from core.inference.model import load
from core.jobs.job import Job
from core.search.descriptor_files import MAX_ATTEMPTS, read_folder, write_folder


@pytest.mark.server
def test_uploads_of_one_server_are_shown_by_the_other(market, checkpoint, tmp_path, monkeypatch):
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "pedestrians-mr_bcnn")
    monkeypatch.setenv("MR_BCNN_DATA", str(market))
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    servers = [start(tmp_path) for _ in range(2)]
    uploads = tmp_path / "uploads"
    try:
        for one, other in (servers, servers[::-1]):
            in_own_loop(upload(one.address, 5))
            in_own_loop(show_newest_upload(other.address, uploads))
        assert len(list(uploads.glob("*/*.png"))) == 2

        async def both():  # the same first page of both at the same time
            async with Visitor(servers[0].address) as first, Visitor(servers[1].address) as second:
                for run in await asyncio.gather(first.run(), second.run()):
                    assert run.errors == []

        in_own_loop(both())
    finally:
        for server in servers:
            server.stop()
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_two_processes_describe_the_same_gallery(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = in_threads(lambda _: load_or_describe(market, load(checkpoint), checkpoint).descriptors)
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    again = load_or_describe(market, load(checkpoint), checkpoint).descriptors
    np.testing.assert_allclose(found[0], again, atol=1e-6)
    assert [path.name for path in (tmp_path / "mr-bcnn" / "galleries").iterdir() if path.name.startswith(".")] == []


def test_two_writers_of_one_folder_of_descriptors(tmp_path):
    rows = 50
    records = {
        "path": np.array([f"{n}.png" for n in range(rows)]),
        "identity": np.array(["x"] * rows),
        "camera": np.ones(rows, int),
        "time": np.zeros(rows),
    }

    def write(value: int) -> None:
        for _ in range(MAX_ATTEMPTS // 2 - 1):  # a reader that tries more often than others replace succeeds
            write_folder(tmp_path / "shared", np.full((rows, 4), value, np.float32), records)
            descriptors, _ = read_folder(tmp_path / "shared")
            assert descriptors.min() == descriptors.max(), "the content of two writers is mixed"

    in_threads(write)
    assert [path.name for path in tmp_path.iterdir()] == ["shared"]


def test_of_two_launches_one_is_refused(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("core.jobs.job.start_process", lambda *arguments, **environment: started.append(arguments))
    jobs = [Job(tmp_path / "job") for _ in range(2)]

    def launch(number: int) -> str:
        try:
            jobs[number].launch(["resume"])
        except ValueError as error:
            return str(error)
        return ""

    outcomes = in_threads(launch)
    assert len(started) == 1 and sorted(map(bool, outcomes)) == [False, True], outcomes


def in_threads(function):
    """Call a function with 0 and 1 at the same time -> both results."""
    results, errors, together = [None, None], [], threading.Barrier(2)

    def work(number: int) -> None:
        together.wait()
        try:
            results[number] = function(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
