"""Presets: rules for the layouts of known data sets, one file each in the folder `presets`.

File names decide which preset fits, not the names of folders alone. A new layout needs one more file.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.data.rule_files import read_rules
from core.data.rules import FileRule, Rules

FOLDER = Path(__file__).with_name("presets")
SAMPLE = 3000  # files that decide which preset fits
MIN_IN_FOLDERS = 0.9  # share of images, in the folders of the images that fit, that must fit
MIN_OF_ALL = 0.5  # share of all images that must fit
DEEPEST = 3  # folders above the root of a data set


@dataclass(frozen=True)
class Fit:
    """A preset that fits some images of a folder.

    Attributes:
        rules: The preset.
        below: The folder that the patterns start from, relative to the folder that was looked at; "" for itself.
        fits: Whether enough images fit. If not, the names only resemble the layout.
        share: The share of images that fit, among those below that folder.
        example: An image that does not fit, "" if all do.
    """

    rules: Rules
    below: str
    fits: bool
    share: float = 1.0
    example: str = ""


@cache
def list_presets() -> dict[str, Rules]:
    """Return the presets by the names of their layouts."""
    presets = [read_rules(file) for file in sorted(FOLDER.glob("*.toml"))]
    return {preset.layout: preset for preset in presets}


def find_presets(paths: Sequence[str]) -> list[Fit]:
    """Find the presets that images fit, or almost fit.

    Args:
        paths: Paths of images relative to a folder, sorted, with slashes.

    Returns:
        Those that fit first.
    """
    sample = paths[:: max(1, len(paths) // SAMPLE)]
    fits = [fit for rules in list_presets().values() if (fit := _fit(rules, sample))]
    return sorted(fits, key=lambda fit: not fit.fits)


def _fit(rules: Rules, sample: Sequence[str]) -> Fit | None:
    patterns = [_anywhere(group) for group in rules.images if group.split != "skip"]
    skipped = [_anywhere(group) for group in rules.images if group.split == "skip"]
    matched: dict[str, str] = {}  # image -> the folder from which a pattern fits
    for path in sample:
        found = next((match for pattern in patterns if (match := pattern.fullmatch(path))), None)
        if found:
            matched[path] = found["above"]
    if not matched:
        return None
    above = min(Counter(matched.values()).most_common(), key=lambda item: (-item[1], len(item[0])))[0]
    matched = {path: folder for path, folder in matched.items() if folder == above}
    inside = [path for path in sample if path.startswith(above)]
    others = [path for path in inside if path not in matched and not any(one.fullmatch(path) for one in skipped)]
    folders = {path.rpartition("/")[0] for path in matched}
    strangers = [path for path in others if path.rpartition("/")[0] in folders]
    in_folders = len(matched) / (len(matched) + len(strangers))
    of_all = len(matched) / (len(matched) + len(others))
    fits = in_folders >= MIN_IN_FOLDERS and of_all >= MIN_OF_ALL
    return Fit(rules, above.rstrip("/"), fits, of_all, next(iter(strangers or others), ""))


@cache
def _anywhere(group: FileRule) -> re.Pattern:
    """Return the pattern of a group below any folder; its group `above` is that folder."""
    return re.compile(rf"(?P<above>(?:[^/]+/){{0,{DEEPEST}}}?)(?:{group.pattern.pattern})", re.IGNORECASE)
