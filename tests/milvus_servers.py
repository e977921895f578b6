"""A Milvus server for tests: milvus-lite, on a free port of this machine, that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

DEADLINE = 120  # seconds to start, on a busy machine


class MilvusServer:
    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = Path(sys.executable).with_name("milvus-lite")
        where = ["--data-dir", self.folder / "data", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [command, "server", *where], stdout=log, stderr=log, env=os.environ | {"OMP_NUM_THREADS": "1"}
            )
        self._wait()

    def kill(self) -> None:
        """As when its machine goes down: nothing is written any more."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"milvus-lite does not start: {(self.folder / 'server.log').read_text()[-2000:]}")
