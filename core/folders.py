"""The folders of runs, galleries, data sets, checkpoints, demo data and uploads, for the app and the commands.

An environment variable sets each folder. The default lies in the checkout of the repository. If the package is
installed without its checkout, the default lies in the current directory.
"""

import os
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def runs_folder() -> Path:
    """Return the folder of runs: `$MR_BCNN_RUNS`, by default `runs`."""
    return _folder("MR_BCNN_RUNS", "runs")


def galleries_folder() -> Path:
    """Return the folder of named galleries: `$MR_BCNN_GALLERIES`, by default `galleries`."""
    return _folder("MR_BCNN_GALLERIES", "galleries")


def datasets_folder() -> Path:
    """Return the folder of saved data sets: `$MR_BCNN_DATASETS`, by default `datasets`."""
    return _folder("MR_BCNN_DATASETS", "datasets")


def checkpoints_folder() -> Path:
    """Return the folder of checkpoints: `$MR_BCNN_CHECKPOINTS`, by default `checkpoints`."""
    return _folder("MR_BCNN_CHECKPOINTS", "checkpoints")


def data_folder() -> Path:
    """Return the folder of demo data: `$MR_BCNN_DATA`, by default `assets/pedestrians`."""
    return _folder("MR_BCNN_DATA", "assets/pedestrians")


def uploads_folder() -> Path:
    """Return the folder of stored probe uploads: `$MR_BCNN_UPLOADS`, by default `uploads` in the cache folder."""
    return Path(os.environ.get("MR_BCNN_UPLOADS") or cache_folder() / "uploads")


def cache_folder() -> Path:
    """Return the cache folder: `$XDG_CACHE_HOME/mr-bcnn`, by default `~/.cache/mr-bcnn`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mr-bcnn"


def list_numbered(folder: Path) -> list[Path]:
    """Return the paths in a folder whose names are numbers, in numerical order."""
    return sorted((path for path in folder.glob("*") if path.name.isdecimal()), key=lambda path: int(path.name))


def _folder(variable: str, usual: str) -> Path:
    """Return a folder, relative to the current directory if it lies in it, so that messages stay short."""
    here = Path.cwd()
    above = CHECKOUT if _is_checkout(CHECKOUT) else here
    folder = here / (os.environ.get(variable) or above / usual)
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


@cache  # a page asks many times
def _is_checkout(folder: Path) -> bool:
    return (folder / "pyproject.toml").is_file()
