"""The lists of CUHK03's new protocol, from the .mat file of Zhong et al. (MATLAB 5).

SciPy's reader of such files can crash on a damaged one (a segmentation fault). It runs in a process of its own, so that
only that process ends: `python -m core.data.cuhk03_lists FILE` prints the lists as JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from core.data.cuhk03_mat import MAT_NAME
from core.errors import UserError

PARTS = ("train", "query", "gallery")
KEYS = ("filelist", *(f"{part}_idx" for part in PARTS))
TIMEOUT_S = 60


def read_lists(file: Path) -> dict[str, list[str]]:
    """Read the file names, without suffix, of the training images, the probes and the gallery.

    Raises:
        UserError: If the file is damaged or is something else.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    command = [sys.executable, "-P", "-m", "core.data.cuhk03_lists", os.path.abspath(file)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=TIMEOUT_S)
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise UserError(f"{file} cannot be read as a .mat file (it is damaged); download it again.") from None
    if "error" in answer:
        raise UserError(f"{file} {answer['error']}")
    return answer


def _lists(file: Path) -> dict[str, list[str]]:
    """Read the lists in this process. Raises UserError with a sentence without its subject, the file."""
    from scipy.io import loadmat

    try:
        content = loadmat(file, variable_names=KEYS)
    except NotImplementedError:
        raise UserError(f"is a MATLAB 7.3 file like {MAT_NAME}, not a split of the new protocol.") from None
    except Exception as error:  # scipy raises many kinds of error on files of other formats
        raise UserError(f"cannot be read as a .mat file ({error}); download it again.") from None
    if absent := [key for key in KEYS if key not in content]:
        raise UserError(f"has no {absent[0]}; it is not a split of the new protocol.")
    try:
        stems = np.array([Path(str(np.ravel(entry)[0])).stem for entry in np.ravel(content["filelist"])])
        return {part: stems[np.ravel(content[f"{part}_idx"]).astype(int) - 1].tolist() for part in PARTS}
    except (IndexError, ValueError, TypeError) as error:
        raise UserError(f"is damaged: its lists do not fit each other ({error}).") from None


if __name__ == "__main__":
    try:
        print(json.dumps(_lists(Path(sys.argv[1]))))
    except UserError as error:
        print(json.dumps({"error": str(error)}))
