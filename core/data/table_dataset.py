"""A data set from a table, which describes its images (core.data.tables)."""

from dataclasses import replace
from pathlib import Path

from core.counts import counted
from core.data.folder_scan import scan_folder
from core.data.records import Dataset
from core.data.rule_dataset import make_dataset
from core.data.rule_matching import Labels
from core.data.rules import Rules
from core.data.tables import read_table
from core.errors import UserError


def read_with_table(rules: Rules, root: Path, said: str) -> Dataset:
    """Read a data set whose images a table describes. No image is opened.

    Args:
        rules: Rules with a table.
        root: The folder of the images, which the table's paths are relative to.
        said: The rules as the user named them. See `Dataset.rules`.

    Raises:
        UserError: If the table has an error, or if it describes no image. The message names the line.
    """
    if rules.table is None:
        raise UserError(f"The rules {rules.title} name no table.")
    scan = scan_folder(root)
    table = read_table(rules.table, root, scan.images, rules.by_name)
    labels, times, junk = [], [], 0
    rows = zip(table.paths, table.identities, table.cameras, table.tracklets, table.splits, table.times, strict=True)
    for path, identity, camera, tracklet, split, time in rows:
        if identity in rules.junk or split == "skip":
            junk += 1
            continue
        relative, distractor = path.relative_to(root).as_posix(), identity in rules.distractors
        labels.append(Labels(relative, identity, camera, tracklet=tracklet, split=split, distractor=distractor))
        times.append(time)
    dataset = make_dataset(rules, root, labels, said, times)
    notes = [*dataset.notes, *table.notes]
    if junk:
        notes.append(f"{counted(junk, 'junk image')} skipped")
    if others := len(set(scan.images) - set(table.images)):
        notes.append(f"{counted(others, 'image is', 'images are')} not in {rules.table.name} and skipped")
    return replace(dataset, notes=[*notes, *scan.notes()])
