"""The rules by which a data set was read, as a file to edit."""

import shutil
from pathlib import Path

from core.data.presets import list_presets
from core.data.records import IDENTITY_FOLDERS, Dataset
from core.data.rule_files import write_rules
from core.errors import UserError


def write_own_rules(dataset: Dataset, file: Path) -> None:
    """Write the rules of a data set to a file.

    Args:
        dataset: The data set.
        file: The file, usually `dataset.toml`.

    Raises:
        UserError: If the data set has no rules, as CUHK03 and a folder of unlabelled images.
    """
    preset = list_presets().get(dataset.layout)
    if preset and preset.file:
        shutil.copyfile(preset.file, file)
    elif dataset.layout == IDENTITY_FOLDERS:
        write_rules({"images": [{"folders": ["identity"]}, {"pattern": "[^/]+", "split": "skip"}]}, file)
    elif Path(dataset.rules).suffix == ".toml":
        shutil.copyfile(dataset.rules, file)
    else:
        raise UserError(f"The layout {dataset.layout} has no rules to write; see `data presets` for examples.")
