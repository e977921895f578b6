"""Commands in processes of their own, which outlive whoever begins them: a page, another command."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def start_process(command: Sequence[str], log: Path, **surroundings: str) -> None:
    """Begin `python -m core COMMAND` in the folder of this process, with more in its environment; `log` gets what it
    prints. It is the `core` of this process, whatever lies in that folder."""
    surroundings["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, sys.path))
    with log.open("ab") as output:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "core", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | surroundings,
            start_new_session=True,
        )
