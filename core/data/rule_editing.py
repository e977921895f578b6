r"""Rules made from an example: a path is divided into parts, and each part gets a meaning or none.

The path `shots/kiosk-03/p0042__cam-b__000123.png` has two folder levels. Its file name has the runs `p`, `0042`, `__`,
`cam`, `-`, `b`, `__` and `000123`. With the meanings identity for `0042` and camera for `b` the pattern is

    [^/]+/[^/]+/[A-Za-z]+(?P<identity>\d+)__[A-Za-z]+-(?P<camera>[A-Za-z]+)__\d+(?:\.\w+)+
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

from core.data.rules import MEANINGS, NO_MEANING, SPLIT_NAMES, FileRule, Rules
from core.data.subsample import sample
from core.errors import UserError

DIGITS, LETTERS, SEPARATOR = "digits", "letters", "separator"
RUN = re.compile(r"(?P<digits>(?:^-)?\d+)|(?P<letters>[^\W\d_]+)|(?P<separator>[\W_]+?(?=[^\W_]|$))")
SUFFIX = r"(?:\.\w+)+"
ANY_NAME = r"[^/]+"
SEVERAL = ("identity", "scene")  # meanings that may be in several places of a name; their parts are joined
SAMPLE = 2000  # paths whose structure is compared
MAX_SPLIT_NAMES = 12  # folders of one level, each of which gets a split


@dataclass(frozen=True)
class Run:
    """Consecutive characters of one kind in a file name."""

    text: str
    kind: str  # DIGITS, LETTERS or SEPARATOR


@dataclass(frozen=True)
class Marks:
    """The meanings of the parts of a path, NO_MEANING for parts without one."""

    levels: tuple[str, ...]  # of the folder levels
    runs: tuple[str, ...]  # of the runs of the file name


def folder_levels(path: str) -> list[str]:
    """Return the folders of a path."""
    return path.split("/")[:-1]


def name_runs(name: str) -> list[Run]:
    """Divide a file name without its suffix into runs of digits, of letters and of separators.

    A hyphen before digits at the start belongs to them: Market-1501 calls an identity -1.
    """
    return [Run(match[0], match.lastgroup or SEPARATOR) for match in RUN.finditer(PurePosixPath(name).stem)]


def pattern_from_runs(runs: Sequence[Run], meanings: Sequence[str]) -> str:
    r"""Return the pattern of a file name.

    Digits become \d+ and letters [A-Za-z]+. Separators are taken literally. Neighbours with the same meaning are one
    part of the name, together with the separators between them.

    Args:
        runs: The runs of an example.
        meanings: One of MEANINGS or NO_MEANING for each run.

    Raises:
        UserError: If a meaning other than identity and scene is in two places.
    """
    parts = _parts(runs, meanings)
    places = Counter(meaning for meaning, _ in parts)
    doubled = [name for name in MEANINGS if places[name] > (3 if name in SEVERAL else 1)]
    if doubled:
        raise UserError(f"Two parts of the file name are called {doubled[0]}; choose one of them.")
    if set(places) <= {NO_MEANING}:
        return ANY_NAME
    text, number = "", Counter[str]()
    for place, (meaning, members) in enumerate(parts):
        if meaning == NO_MEANING:
            text += _generic(members, bool(text), place < len(parts) - 1)
            continue
        number[meaning] += 1
        group = f"{meaning}_{number[meaning]}" if places[meaning] > 1 else meaning
        text += f"(?P<{group}>{''.join(map(_class, members))})"
    return text + SUFFIX


def make_pattern(levels: Sequence[str], name: str, folders: Mapping[int, str] | None = None) -> str:
    """Return the pattern of a path.

    Args:
        levels: The meanings of the folder levels.
        name: The pattern of the file name.
        folders: Names of folders by level, for levels that are taken literally.

    Raises:
        UserError: If a meaning is in two places.
    """
    in_name = {group.partition("_")[0] for group in re.compile(name).groupindex}
    for meaning in MEANINGS:
        if levels.count(meaning) + (meaning in in_name) > 1:
            raise UserError(f"Two parts of the path are called {meaning}; choose one of them.")
    parts = []
    for place, meaning in enumerate(levels):
        if folders and place in folders:
            parts.append(_literal(folders[place]))
        else:
            parts.append(ANY_NAME if meaning == NO_MEANING else f"(?P<{meaning}>{ANY_NAME})")
    return "/".join([*parts, name])


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


def _parts(runs: Sequence[Run], meanings: Sequence[str]) -> list[tuple[str, list[Run]]]:
    """Return the marked parts of a name and what is between them, in order."""
    marks = list(meanings)
    marked = [place for place, mark in enumerate(marks) if mark != NO_MEANING]
    for first, second in zip(marked, marked[1:], strict=False):
        between = runs[first + 1 : second]
        if marks[first] == marks[second] and all(run.kind == SEPARATOR for run in between):
            marks[first:second] = [marks[first]] * (second - first)
    pairs = groupby(zip(marks, runs, strict=True), key=lambda pair: pair[0])
    return [(mark, [run for _, run in members]) for mark, members in pairs]


def _generic(runs: Sequence[Run], after_mark: bool, before_mark: bool) -> str:
    """Return the pattern of runs without meaning.

    Digits and letters without a separator between them may come in any order. Beside a marked part, the kind of the
    first or last run stays, because it shows where the marked part ends.
    """
    text = ""
    pieces = [
        (is_separator, list(members)) for is_separator, members in groupby(runs, key=lambda run: run.kind == SEPARATOR)
    ]
    for place, (is_separator, members) in enumerate(pieces):
        if is_separator or len(members) == 1:
            text += "".join(map(_class, members))
            continue
        begin = _one(members[0]) if after_mark and place == 0 else ""
        end = _one(members[-1]) if before_mark and place == len(pieces) - 1 else ""
        text += begin + (r"[^\W_]*" if begin or end else r"[^\W_]+") + end
    return text


def _class(run: Run) -> str:
    if run.kind == SEPARATOR:
        return _literal(run.text)
    return ("-?" if run.text.startswith("-") else "") + _one(run) + "+"


def _literal(text: str) -> str:
    """Escape text for a pattern; a hyphen and a space have no other meaning there."""
    return re.escape(text).replace(r"\-", "-").replace(r"\ ", " ")


def _one(run: Run) -> str:
    """Return the pattern of one character of a run."""
    if run.kind == DIGITS:
        return r"\d"
    return "[A-Za-z]" if run.text.isascii() else r"[^\W\d_]"


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
