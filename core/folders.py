"""Where runs, own galleries, checkpoints and the demo data lie, for both front ends and all commands.

Each folder is the one that an environment variable names, or lies below the checkout; below the current directory where
the package is installed without its checkout.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def runs_folder() -> Path:
    """`$MR_BCNN_RUNS`, by default `runs`."""
    return _folder("MR_BCNN_RUNS", "runs")


def galleries_folder() -> Path:
    """`$MR_BCNN_GALLERIES`, by default `galleries`."""
    return _folder("MR_BCNN_GALLERIES", "galleries")


def checkpoints_folder() -> Path:
    """`$MR_BCNN_CHECKPOINTS`, by default `checkpoints`."""
    return _folder("MR_BCNN_CHECKPOINTS", "checkpoints")


def data_folder() -> Path:
    """`$MR_BCNN_DATA`, by default `assets/pedestrians`."""
    return _folder("MR_BCNN_DATA", "assets/pedestrians")


def list_numbered(folder: Path) -> list[Path]:
    """What has a number for a name in a folder, by number: as text, 1000000 would come before 999999."""
    return sorted((path for path in folder.glob("*") if path.name.isdecimal()), key=lambda path: int(path.name))


def _folder(variable: str, usual: str) -> Path:
    """Relative to the current directory where it lies below it, as messages are to show it."""
    here = Path.cwd()
    above = CHECKOUT if (CHECKOUT / "pyproject.toml").is_file() else here
    folder = here / (os.environ.get(variable) or above / usual)
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
