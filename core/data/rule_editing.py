"""Rules made from an example: the parts of a path get meanings, and these give the groups of files (FileRule)."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.path_patterns import (
    ANY_NAME,
    SEPARATOR,
    folder_levels,
    make_pattern,
    name_runs,
    pattern_from_runs,
)
from core.data.rules import NO_MEANING, SPLIT_NAMES, FileRule, Rules
from core.data.subsample import sample
from core.errors import UserError

SAMPLE = 2000  # paths whose structure is compared
MAX_SPLIT_NAMES = 12  # folders of one level, each of which gets a split


@dataclass(frozen=True)
class Marks:
    """The meanings of the parts of a path, NO_MEANING for parts without one."""

    levels: tuple[str, ...]  # of the folder levels
    runs: tuple[str, ...]  # of the runs of the file name


def make_groups(levels: Sequence[str], name: str, splits: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the groups of files of a file of rules.

    Args:
        levels: The meanings of the folder levels.
        name: The pattern of the file name.
        splits: The split of each folder of the level that is called split, if the folders' names do not say it.

    Raises:
        UserError: If a meaning is in two places.
    """
    if not splits or "split" not in levels:
        return [{"pattern": make_pattern(levels, name)}]
    place = list(levels).index("split")
    return [
        {"split": split, "pattern": make_pattern(levels, name, {place: folder})} for folder, split in splits.items()
    ]


def unknown_splits(paths: Sequence[str], level: int) -> list[str]:
    """Return the names of the folders of a level if one of them is not a known split, else [].

    Raises:
        UserError: If there are too many names for a split.
    """
    names = sorted({path.split("/")[level] for path in paths})
    if all(name.lower() in SPLIT_NAMES for name in names):
        return []
    if len(names) > MAX_SPLIT_NAMES:
        raise UserError(f"Folder level {level + 1} has {len(names):,} names, e.g. {names[0]}, so it is not the split.")
    return names


def by_depth(paths: Sequence[str]) -> dict[int, list[str]]:
    """Return the paths by their number of folder levels."""
    grouped = defaultdict(list)
    for path in paths:
        grouped[path.count("/")].append(path)
    return dict(sorted(grouped.items()))


def read_marks(rules: Rules | None, path: str) -> Marks:
    """Return the meanings that rules give the parts of a path. Without rules, no part has one."""
    match = next((found for group in (rules.images if rules else ()) if (found := group.pattern.fullmatch(path))), None)
    spans = [(name.partition("_")[0], match.span(name)) for name in match.re.groupindex] if match else []

    def meaning(start: int, end: int) -> str:
        return next((name for name, (first, last) in spans if first <= start and end <= last), NO_MEANING)

    levels, start = [], 0
    for folder in folder_levels(path):
        levels.append(meaning(start, start + len(folder)))
        start += len(folder) + 1
    runs = []
    for run in name_runs(path[start:]):
        runs.append(NO_MEANING if run.kind == SEPARATOR else meaning(start, start + len(run.text)))
        start += len(run.text)
    return Marks(tuple(levels), tuple(runs))


def example_paths(paths: Sequence[str], most: int) -> list[str]:
    """Return examples of paths: one of each structure of the file names, the most common first, and then others."""
    by_structure = defaultdict(list)
    for path in sample(paths, SAMPLE):
        runs = name_runs(path.rpartition("/")[2])
        by_structure[tuple(run.text if run.kind == SEPARATOR else run.kind for run in runs)].append(path)
    common = sorted(by_structure.values(), key=lambda members: -len(members))
    others = [path for members in common for path in sample(members[1:], most)] if common else []
    return list(dict.fromkeys([members[0] for members in common] + others))[:most]


def is_read(rules: Rules | None, path: str) -> bool:
    """Return whether rules read an image instead of skipping it. Without rules, all are read."""
    found = next((group for group in rules.images if group.pattern.fullmatch(path)), None) if rules else None
    return rules is None or (found is not None and found.split != "skip")


def skip_group(depth: int) -> dict[str, Any]:
    """Return a group of files that skips all images below a number of folder levels."""
    return {"split": "skip", "pattern": "/".join([ANY_NAME] * (depth + 1))}


def can_be_chosen(rules: Rules, paths: Sequence[str]) -> bool:
    """Return whether meanings of the parts of one example at each depth give the same groups of files."""
    groups = []
    for depth, images in by_depth(paths).items():
        example = example_paths(images, 1)[0]
        marks = read_marks(rules, example)
        if not is_read(rules, example):
            groups.append(skip_group(depth))
            continue
        try:
            groups += make_groups(marks.levels, pattern_from_runs(name_runs(example.rpartition("/")[2]), marks.runs))
        except UserError:
            return False
    known = [(group.split, group.pattern.pattern) for group in rules.images]
    return known == [(group.get("split", ""), group["pattern"]) for group in groups]


def rules_content(rules: Rules) -> dict[str, Any]:
    """Return rules with groups of files as the content of a file of rules."""
    cameras: dict[str, Any] = {}
    if rules.first_camera is not None:
        cameras["first"] = rules.first_camera
    if rules.places:
        cameras["places"] = [list(place) for place in rules.places]
    known = {
        "title": "" if rules.title in (rules.name, str(rules.file)) else rules.title,
        "layout": "" if rules.layout in (rules.name, "rules") else rules.layout,
        "namespace": rules.namespace,
        "protocols": list(rules.protocols),
        "notes": list(rules.notes),
        "original": rules.original,
        "cameras": cameras,
        "images": [_group_content(group) for group in rules.images],
    }
    return {name: value for name, value in known.items() if value}


def read_names(text: str) -> list[str]:
    """Return the names in a text, which commas or white space separate."""
    return re.split(r"[,;\s]+", text.strip(" ,;\n")) if text.strip(" ,;\n") else []


def read_places(text: str) -> list[list[int]]:
    """Return the cameras of each place from a text like `1 4, 2 5`.

    Raises:
        UserError: If a camera is not a number, or if a place has one camera only.
    """
    places = [re.findall(r"\S+", place) for place in re.split(r"[,;]", text) if place.strip()]
    for place in places:
        if len(place) < 2 or not all(camera.isdecimal() for camera in place):
            raise UserError(f"{' '.join(place)} is not a place; write the cameras of each place, as in 1 4, 2 5.")
    return [[int(camera) for camera in place] for place in places]


def _group_content(group: FileRule) -> dict[str, Any]:
    known = {
        "split": group.split,
        "pattern": group.pattern.pattern,
        "camera": group.camera,
        "identity_prefix": group.identity_prefix,
        "junk": list(group.junk),
        "distractors": list(group.distractors),
        "list": group.list,
        "below": list(group.below) if group.list else [],
    }
    return {name: value for name, value in known.items() if value}
