"""The check of `--output` of the commands that write a checkpoint: no other files are overwritten."""

from collections.abc import Callable
from pathlib import Path

from core.errors import UserError


def check_output(folder: Path, may_replace: Callable[[Path], bool] = lambda folder: False) -> None:
    """Check that a command may write into a folder, which need not exist.

    Args:
        folder: The folder.
        may_replace: Whether the content of a folder that is not empty may be replaced.

    Raises:
        UserError: If it is a file, or holds files that may not be replaced.
    """
    if folder.is_file():
        raise UserError(f"{folder} is a file. Choose a folder as --output.")
    if folder.exists() and any(folder.iterdir()) and not may_replace(folder):
        raise UserError(f"{folder} already holds files. Choose a new or an empty folder as --output.")
