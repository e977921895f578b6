"""The rules by which a data set was read, as a file to edit."""

import os
import tomllib
from pathlib import Path
from typing import Any

from core.data.image_folder import FOLDERS
from core.data.presets import list_presets
from core.data.records import IDENTITY_FOLDERS, Dataset
from core.data.rule_editing import rules_content
from core.data.rule_files import write_rules
from core.data.rules import RULES_NAME
from core.errors import UserError


def write_own_rules(dataset: Dataset, file: Path, guess: dict[str, Any] | None = None) -> None:
    """Write the rules of a data set to a file, with its folder as `root`, unless it is the file's own folder.

    Args:
        dataset: The data set.
        file: The file, usually `dataset.toml`.
        guess: The content of the file of rules, if the data set was read with a guess.

    Raises:
        UserError: If the file exists, or if the data set has no rules, as CUHK03 and a folder of unlabelled images.
    """
    refuse_existing(file)
    content = dict(guess) if guess else _content(dataset)
    root, folder = Path(os.path.abspath(dataset.root)), Path(os.path.abspath(file)).parent
    if root != folder:
        content["root"] = root.relative_to(folder).as_posix() if root.is_relative_to(folder) else str(root)
    write_rules(content, file)


def refuse_existing(file: Path) -> None:
    """Raise UserError if a file that rules are to be written to exists."""
    if file.exists():
        raise UserError(f"{file} exists already; give another file for the rules, or delete it first.")


def _content(dataset: Dataset) -> dict[str, Any]:
    """Return the content of the file of rules that a data set was read with, or of one that reads it the same way."""
    own = Path(dataset.rules) if dataset.rules else dataset.root / RULES_NAME
    preset = list_presets().get(dataset.layout)
    if own.suffix == ".toml" and own.is_file():
        content = tomllib.loads(own.read_text(encoding="utf-8-sig"))
        table = {"table": os.path.abspath(own.parent / content["table"])} if "table" in content else {}
        return {key: value for key, value in content.items() if key != "root"} | table
    if preset and preset.file:
        return tomllib.loads(preset.file.read_text(encoding="utf-8"))
    if dataset.layout == IDENTITY_FOLDERS:
        return rules_content(FOLDERS)
    raise UserError(f"The layout {dataset.layout} has no rules to write; see `data presets` for examples.")
