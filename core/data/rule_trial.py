"""A trial of rules before they are saved: the data set that they give, and the images that do not fit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.addresses import split_address
from core.data.folder_scan import FolderScan
from core.data.image_folder import FOLDERS
from core.data.presets import list_presets
from core.data.records import IDENTITY_FOLDERS, Dataset
from core.data.rule_dataset import read_matches
from core.data.rule_files import make_rules, read_rules
from core.data.rule_matching import match_files
from core.data.rules import RULES_NAME, Rules


@dataclass(frozen=True)
class Trial:
    """What rules make of a folder.

    Attributes:
        dataset: The data set.
        images: The number of images in the folder.
        skipped: The number of images that the rules skip, junk images included.
        unmatched: Images that no rule describes.
    """

    dataset: Dataset
    images: int
    skipped: int
    unmatched: list[str]

    @property
    def fitting(self) -> int:
        """The number of images that a rule describes."""
        return self.images - len(self.unmatched)


def try_rules(content: dict[str, Any], folder: Path, scan: FolderScan) -> Trial:
    """Read a folder with rules that are not saved. No image is opened.

    Args:
        content: The content of a file of rules (core.data.rules), with groups of files.
        folder: The folder.
        scan: The list of the folder.

    Raises:
        UserError: If the content is invalid, or if no image fits.
    """
    rules = make_rules(content, folder / RULES_NAME)
    matches = match_files(rules, folder, scan.images)
    skipped = matches.skipped.total() + matches.junk.total()
    return Trial(read_matches(rules, scan, matches, folder), len(scan.images), skipped, matches.unmatched)


def find_rules(path: Path, dataset: Dataset) -> Rules | None:
    """Return the groups of files that a data set was read with, None if its layout is not described by groups.

    Args:
        path: What `read_dataset` was given.
        dataset: What it returned.
    """
    folder, named = split_address(path)
    for file in (folder, Path(named), folder / RULES_NAME):
        if file.suffix.lower() == ".toml" and file.is_file():
            rules = read_rules(file)
            return None if rules.table else rules
    return FOLDERS if dataset.layout == IDENTITY_FOLDERS else list_presets().get(dataset.layout)
