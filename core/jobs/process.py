"""Commands in processes of their own, which outlive the process that starts them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def start_process(command: Sequence[str], log: Path, **environment: str) -> None:
    """Start `python -m core COMMAND` in the working directory of this process.

    The new process imports the same `core` as this process, not a package in the working directory.

    Args:
        command: The command with its arguments.
        log: The file to which the output is appended.
        **environment: Additional environment variables.
    """
    environment["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, sys.path))
    with log.open("ab") as output:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "core", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | environment,
            start_new_session=True,
        )
