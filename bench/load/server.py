"""A server of the app for a measurement, with folders of its own, and what it uses."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_S = 120
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A process that serves the app at `address` (host:port)."""

    process: subprocess.Popen
    address: str

    @property
    def cpu_s(self) -> float:
        """Return the seconds of processor time that the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory_mb(self) -> float:
        """Return the memory of the server in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) * 1024 / 1e6

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(30)


def start(folder: Path, port: int = 0) -> Server:
    """Start the app on the shipped data and models; runs, galleries, uploads and caches are in `folder`."""
    if not port:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
    names = {"RUNS": "runs", "GALLERIES": "galleries", "DATASETS": "datasets", "UPLOADS": "uploads"}
    settings = {f"MR_BCNN_{name}": str(folder / path) for name, path in names.items()}
    path = filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])
    settings |= {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": os.pathsep.join(path)}
    options = ["--server.headless=true", f"--server.port={port}"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/main.py", *options],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server, end = Server(process, f"localhost:{port}"), time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            if urllib.request.urlopen(f"http://{server.address}/_stcore/health", timeout=5).read() == b"ok":
                return server
        time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"the server did not start; see {folder / 'server.log'}")
