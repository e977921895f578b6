"""Reading of a data set: by chosen rules, or by a layout that its file names show."""

import os
from collections.abc import Callable
from pathlib import Path

from core.counts import counted
from core.data.addresses import split_address, split_combined
from core.data.combining import combine_datasets
from core.data.cuhk03 import find_cuhk03, read_cuhk03
from core.data.folder_scan import FolderScan, scan_folder
from core.data.image_folder import FLAT_NAMES, FOLDERS, guess_rules, is_identity_folders
from core.data.presets import Fit, find_presets, list_presets
from core.data.records import Dataset
from core.data.rule_dataset import read_with_rules
from core.data.rule_files import make_rules, read_rules
from core.data.rule_matching import match_files
from core.data.rules import GUESS, RULES_NAME, Rules
from core.errors import UserError

MIN_RESEMBLANCE = 0.1  # share of images that fit a preset, from which identity folders are no longer certain
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")


class UnknownLayout(UserError):
    """The layout of a folder is not known, or several fit.

    Attributes:
        guess: The content of a file of rules that may be right, or None.
        fits: The presets that fit or almost fit.
    """

    def __init__(self, message: str, guess: dict | None, fits: list[Fit]) -> None:
        super().__init__(message)
        self.guess, self.fits = guess, fits


def read_dataset(
    folder: str | os.PathLike, rules: str | os.PathLike = "", on_progress: Callable[[int], None] | None = None
) -> Dataset:
    """Read a data set. No image is opened.

    Without rules, the layout is that of the folder's `dataset.toml`, of CUHK03, of the preset that the file names fit,
    one folder for each identity, or a flat folder of images. Every other layout is a guess, which must be accepted.

    Args:
        folder: A folder, a file of rules, a table, or the .mat file of CUHK03. `DATA/labeled` and `DATA/detected`
            select CUHK03's boxes. `DATA::RULES` names the rules as well, and `DATA++DATA` several data sets.
        rules: A file of rules (core.data.rules), a table (core.data.tables), the name of a preset, or "guess".
        on_progress: Called with the number of files found so far, after every 10,000, while a folder is listed.

    Raises:
        UnknownLayout: If the layout is a guess, or if several presets fit.
        UserError: If the folder is missing, has no images, or does not fit the rules.
    """
    if len(parts := split_combined(str(folder))) > 1:
        return combine_datasets([read_dataset(part, rules) for part in parts])
    folder, in_address = split_address(folder)
    rules = str(rules) or in_address
    if folder.is_file() and folder.suffix.lower() in (".toml", *TABLE_SUFFIXES):
        return _read_by_file(folder, None, "")
    is_named = rules and rules != GUESS
    if not is_named and in_address != GUESS and (folder / RULES_NAME).is_file():
        return _read_by_file(folder / RULES_NAME, folder, "")
    if not is_named and (found := find_cuhk03(folder)):
        return read_cuhk03(*found)
    if folder.is_file():
        raise UserError(f"{folder} is a file; give a folder of images, e.g. assets/pedestrians, or cuhk-03.mat.")
    if not folder.is_dir():
        where = "" if folder.is_absolute() else f" in {Path.cwd()}"
        raise UserError(
            f"There is no data folder {folder}{where}; give a folder of images. MR_BCNN_DATA sets the demo data."
        )
    if is_named:
        return _read_by_name(folder, rules, on_progress)
    return _detect(folder, scan_folder(folder, on_progress), rules == GUESS)


def _read_by_name(folder: Path, rules: str, on_progress: Callable[[int], None] | None) -> Dataset:
    presets = list_presets()
    if rules not in presets:
        file = Path(rules)
        if not file.is_file():
            raise UserError(
                f"There are no rules {rules}; give a file, e.g. {RULES_NAME}, a table, or one of {', '.join(presets)}."
            )
        return _read_by_file(file, folder, os.path.abspath(file))
    scan = scan_folder(folder, on_progress)
    below = next((fit.below for fit in find_presets(scan.images) if fit.rules.layout == rules), "")
    return _read_preset(folder, scan, Fit(presets[rules], below, True), rules)


def _read_by_file(file: Path, folder: Path | None, said: str) -> Dataset:
    """Read with a file of rules or a table. `folder` is the folder that the user gave, if any."""
    if file.suffix.lower() in TABLE_SUFFIXES:
        from core.data.table_dataset import read_with_table  # pandas takes half a second

        return read_with_table(
            Rules(layout="table", table=file, title=file.name), folder or file.parent, said or os.path.abspath(file)
        )
    rules = read_rules(file)
    root = _find_root(rules, folder) or file.parent
    said = said or (os.path.abspath(file) if root != folder else "")
    if rules.table:
        from core.data.table_dataset import read_with_table

        return read_with_table(rules, root, said)
    return read_with_rules(rules, root, said=said)


def _find_root(rules: Rules, folder: Path | None) -> Path | None:
    """Return the root of rules, if no folder is given or if it is inside of the folder; otherwise the folder."""
    if rules.root and (folder is None or folder.resolve() in rules.root.resolve().parents):
        return rules.root
    return folder


def _detect(folder: Path, scan: FolderScan, accepts_guess: bool) -> Dataset:
    if not scan.images:
        raise UserError(
            f"There is no image in {folder}; give a folder with .jpg or .png files, with one folder for each identity, "
            f"or in a layout like Market-1501's. {'; '.join(scan.notes())}".rstrip()
        )
    fits = find_presets(scan.images)
    fitting = [fit for fit in fits if fit.fits]
    if len(fitting) > 1:
        names = " and ".join(f"{fit.rules.layout} (in {fit.below or 'the folder'})" for fit in fitting)
        raise UnknownLayout(f"{folder} fits several layouts: {names}. Choose one with --rules NAME.", None, fits)
    if fitting:
        return _read_preset(folder, scan, fitting[0], "")
    if is_identity_folders(scan.images) and not any(fit.share >= MIN_RESEMBLANCE for fit in fits):
        return _read_own(FOLDERS, folder, scan, fits)
    if not any("/" in path for path in scan.images):
        return _read_own(FLAT_NAMES, folder, scan, fits)
    guess = guess_rules([path for path in scan.images if "/" in path])
    if accepts_guess and guess:
        return read_with_rules(make_rules(guess, Path(GUESS)), folder, scan, GUESS)
    raise UnknownLayout(_describe_guess(folder, scan, guess, fits), guess, fits)


def _read_preset(folder: Path, scan: FolderScan, fit: Fit, said: str) -> Dataset:
    prefix = f"{fit.below}/" if fit.below else ""
    images = [path.removeprefix(prefix) for path in scan.images if path.startswith(prefix)]
    dataset = read_with_rules(fit.rules, folder / fit.below, FolderScan(folder / fit.below, images), said)
    if outside := len(scan.images) - len(images):
        dataset.notes.append(f"{counted(outside, 'image')} outside {fit.below} not read")
    dataset.notes.extend(scan.notes())
    return dataset


def _read_own(rules: Rules, folder: Path, scan: FolderScan, fits: list[Fit]) -> Dataset:
    dataset = read_with_rules(rules, folder, scan)
    if unlabelled := sum(not record.identity for record in dataset.gallery):
        images = counted(unlabelled, "image is", "images are")
        dataset.notes.append(f"{images} unlabelled and can be used for search, but not for training")
    dataset.notes.extend(map(_resembles, fits))
    return dataset


def _resembles(fit: Fit) -> str:
    return f"the names resemble {fit.rules.title}, but {fit.example} does not fit"


def _describe_guess(folder: Path, scan: FolderScan, guess: dict | None, fits: list[Fit]) -> str:
    """Return the sentences that show the guess and ask for rules."""
    parts = [f"The layout of {folder} is not known."]
    if guess:
        labels = match_files(make_rules(guess, Path(GUESS)), folder, scan.images).labels[0]
        said = [f"{name} {text}" for name in ("identity", "camera", "split") if (text := getattr(labels, name))]
        parts.append(f"A guess: {labels.path} has {', '.join(said)}.")
    parts += [f"Also, {_resembles(fit)}." for fit in fits]
    accept = "accept the guess with --yes, or " if guess else ""
    parts.append(f"Look with `python -m core data inspect {folder}`, then {accept}give rules with --rules FILE.")
    return " ".join(parts)
