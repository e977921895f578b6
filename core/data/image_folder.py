"""Layouts of the user's own images: identity folders (one folder for each identity), a flat folder, and guesses."""

import re

from core.data.records import FLAT, IDENTITY_FOLDERS
from core.data.rules import NO_MEANING, SPLIT_NAMES, FileRule, Rules

CAMERA_IN_NAME = r"(?:[^/]*_)?c(?:am)?_?(?P<camera>\d{1,3})(?=[_.]|s\d)[^/]*"  # c2_001.jpg, cam2.jpg, 7_c2s1_001.jpg
MARKET_NAME = r"(?P<identity>-?\d+)_c(?P<camera>\d+)(s\d+)?_\w+(\.\w+)+"  # 0002_c1s1_000451_03.jpg
CAMERA_FOLDER = re.compile(r"c(am(era)?)?[ _-]?(\d{1,3}|[a-z])", re.IGNORECASE)
FIRST_NUMBER = r"(?P<identity>\d+)[_-][^/]*"
JUNK, DISTRACTORS = ("-1",), ("0000",)


def _rules(layout: str, title: str, *groups: FileRule) -> Rules:
    return Rules(layout, groups, title=title)


def _group(pattern: str, **settings) -> FileRule:
    return FileRule(re.compile(pattern, re.IGNORECASE), **settings)


FOLDERS = _rules(
    IDENTITY_FOLDERS,
    "one folder per identity",
    _group(f"(?P<identity>[^/]+)/{CAMERA_IN_NAME}"),
    _group("(?P<identity>[^/]+)/[^/]+"),
    _group("[^/]+", split="skip"),
)
FLAT_NAMES = _rules(
    FLAT,
    "a flat folder",
    _group(MARKET_NAME, junk=JUNK, distractors=DISTRACTORS, split="gallery"),
    _group(".*", split="gallery"),
)
ALL_NAMES = _rules(
    FLAT,
    "names like 0002_c1s1_000451_03.jpg",
    _group(f"(?:.*/)?{MARKET_NAME}", junk=JUNK, distractors=DISTRACTORS, split="gallery"),
    _group(".*", split="gallery"),
)
LABELLED_FOLDERS = _rules(
    IDENTITY_FOLDERS,
    "one folder per identity at the first level",
    _group(f"(?P<identity>[^/]+)/(?:.*/)?{CAMERA_IN_NAME}", split="gallery"),
    _group("(?P<identity>[^/]+)/.*", split="gallery"),
    _group(CAMERA_IN_NAME, split="gallery"),
    _group("[^/]+", split="gallery"),
)


def is_identity_folders(paths: list[str]) -> bool:
    """Return whether all images are in folders of the first level that are not named like the parts of a split.

    Args:
        paths: Paths relative to a folder, with slashes. Images directly in the folder do not count.
    """
    inside = [path.split("/") for path in paths if "/" in path]
    names = {parts[0].lower() for parts in inside}
    return bool(inside) and all(len(parts) == 2 for parts in inside) and not names <= set(SPLIT_NAMES)


def guess_rules(paths: list[str]) -> dict | None:
    """Guess the meanings of the folder levels of images.

    A level of names like train and query is the split, one of names like cam1 is the camera, and the last of the other
    levels is the identity. If no level is left, the number that file names begin with is the identity.

    Args:
        paths: Paths relative to a folder, with slashes.

    Returns:
        The content of a file of rules (core.data.rules), or None if nothing is left for the identity.
    """
    split = [path.split("/") for path in paths]
    depths = sorted({len(parts) for parts in split if len(parts) > 1})
    groups = [_guess_levels([parts for parts in split if len(parts) == depth]) for depth in depths]
    return {"layout": "guess", "images": groups} if groups and all(groups) else None


def _guess_levels(paths: list[list[str]]) -> dict | None:
    levels: list[str] = []
    for names in map(set, list(zip(*paths, strict=True))[:-1]):
        if "split" not in levels and {name.lower() for name in names} <= set(SPLIT_NAMES):
            levels.append("split")
        elif "camera" not in levels and all(map(CAMERA_FOLDER.fullmatch, names)):
            levels.append("camera")
        else:
            levels.append(NO_MEANING)
    left = [place for place, level in enumerate(levels) if level == NO_MEANING]
    if left:
        levels[left[-1]] = "identity"
        return {"folders": levels}
    if all(re.fullmatch(FIRST_NUMBER, parts[-1]) for parts in paths):
        return {"folders": levels, "name": FIRST_NUMBER}
    return None
