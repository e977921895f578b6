"""The Gradio app as people start it, in a process of its own; nothing of it may be left when it has stopped."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def gradio_server(data: Path, checkpoints: Path, folder: Path) -> Iterator[str]:
    """The address of a running app. When it stops, its log must hold no error of its own, nor a file be left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "temporary").mkdir(parents=True)
    settings = {
        "MR_BCNN_DATA": data,
        "MR_BCNN_CHECKPOINTS": checkpoints,
        "MR_BCNN_RUNS": folder / "runs",
        "MR_BCNN_GALLERIES": folder / "galleries",
        "XDG_CACHE_HOME": folder / "cache",
        "TMPDIR": folder / "temporary",
        "GRADIO_SERVER_PORT": port,
        "OMP_NUM_THREADS": 1,
    }
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "app/gradio_app.py"],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env=os.environ | {name: str(value) for name, value in settings.items()},
        )
        try:
            _wait_until_open(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}/"
            assert process.poll() is None, "the server went down"
        finally:
            process.terminate()
            process.wait(60)
    assert "gradio_app.py" not in (folder / "server.log").read_text()  # Gradio reports what it refuses itself
    assert [path for path in (folder / "temporary").rglob("*") if path.is_file()] == []


def _wait_until_open(url: str, process: subprocess.Popen, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server at {url} did not start")
