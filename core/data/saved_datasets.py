"""Saved data sets: files of rules under a name, each with the folder that the rules are for.

A saved data set is a file `NAME.toml`. Its path is the path of the data set for all commands and pages.
"""

import os
import uuid
from pathlib import Path
from typing import Any

from core.data.file_names import check_name
from core.data.rule_files import write_rules
from core.errors import UserError
from core.read_only import refuse_if_read_only

SUFFIX = ".toml"


def list_datasets(root: Path) -> dict[str, Path]:
    """Return the saved data sets in a folder by name, sorted by name."""
    return {file.stem: file for file in sorted(root.glob(f"*{SUFFIX}")) if not file.name.startswith(".")}


def save_dataset(name: str, content: dict[str, Any], folder: Path, root: Path, replace: bool = False) -> Path:
    """Save rules for a folder under a name, and return their file.

    Args:
        name: The name of the data set.
        content: The content of a file of rules (core.data.rules).
        folder: The folder that the rules are for.
        root: The folder of the saved data sets.
        replace: Whether to replace a saved data set of this name.

    Raises:
        UserError: If the name or the content is invalid, or if the name is in use.
    """
    refuse_if_read_only()
    file = root / f"{check_name(name, 'data set')}{SUFFIX}"
    if file.exists() and not replace:
        raise UserError(f"There is a data set {name} already. Choose another name.")
    root.mkdir(parents=True, exist_ok=True)
    whole = {"name": name, "root": os.path.abspath(folder)} | {
        key: value for key, value in content.items() if key not in ("name", "root")
    }
    arriving = root / f".{uuid.uuid4().hex}{SUFFIX}"
    try:
        write_rules(whole, arriving)
        os.replace(arriving, file)
    except UserError as error:
        raise UserError(str(error).replace(str(arriving), "The file of rules")) from None
    finally:
        arriving.unlink(missing_ok=True)
    return file


def delete_dataset(name: str, root: Path) -> None:
    """Delete a saved data set. Its folder of images is not changed.

    Raises:
        UserError: If there is no data set with this name.
    """
    refuse_if_read_only()
    try:
        (root / f"{check_name(name, 'data set')}{SUFFIX}").unlink()
    except FileNotFoundError:
        raise UserError(f"There is no data set {name}.") from None
