"""Application of rules to the files of a folder: the labels of each image."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.counts import counted
from core.data.file_names import IMAGE_SUFFIXES
from core.data.rules import SPLIT_NAMES, FileRule, Rules
from core.errors import UserError

EXAMPLES = 3
PARTS_OF = {meaning: (meaning, *(f"{meaning}_{n}" for n in (1, 2, 3))) for meaning in ("identity", "scene")}
SUFFIXES = "|".join(map(re.escape, IMAGE_SUFFIXES))
LISTED_PATH = re.compile(rf"(.+?(?:{SUFFIXES}))(?:[\s,;]|$)", re.IGNORECASE)  # a path and perhaps its identity


@dataclass(frozen=True)
class Labels:
    """The labels of one image as text, "" where the rules do not say them."""

    path: str  # relative to the root, with slashes
    identity: str = ""
    camera: str = ""
    scene: str = ""
    time: str = ""
    tracklet: str = ""
    split: str = ""
    distractor: bool = False


@dataclass
class Matches:
    """The images that rules describe, and those that they skip."""

    labels: list[Labels] = field(default_factory=list)
    junk: Counter[str] = field(default_factory=Counter)  # number of skipped images by folder
    skipped: Counter[str] = field(default_factory=Counter)  # images that the rules skip, by folder
    unmatched: list[str] = field(default_factory=list)  # images that no rule describes
    unused: list[str] = field(default_factory=list)  # lists that do not exist

    def notes(self) -> list[str]:
        """Return a sentence for each kind of image that is not read."""
        notes = [
            f"{counted(count, 'junk image')} in {folder or 'the folder'} skipped" for folder, count in self.junk.items()
        ]
        for folder, count in self.skipped.items():
            notes.append(f"the rules skip {counted(count, 'image')} in {folder or 'the folder'}")
        if self.unmatched:
            shown = ", ".join(self.unmatched[:EXAMPLES])
            notes.append(f"{counted(len(self.unmatched), 'image')} without a rule skipped, e.g. {shown}")
        notes += [f"there is no list {name}" for name in self.unused]
        return notes


def match_files(rules: Rules, root: Path, paths: Iterable[str]) -> Matches:
    """Read the labels of images from their paths.

    Args:
        rules: Rules with groups of files.
        root: The folder that the rules are for.
        paths: Paths of the images relative to the root, with slashes.

    Raises:
        UserError: If a list of the rules cannot be read.
    """
    matches, groups = Matches(), []
    for group in rules.images:
        listed = _read_list(root / group.list, group.below) if group.list else None
        if group.list and listed is None:
            matches.unused.append(group.list)
        else:
            groups.append((group, listed))
    for path in paths:
        found = next(_fitting(groups, path), None)
        folder = path.rpartition("/")[0]
        if found is None:
            matches.unmatched.append(path)
        elif found[0].split == "skip":
            matches.skipped[path.partition("/")[0] if "/" in path else ""] += 1
        else:
            labels = _labels(*found, path)
            if labels.identity in found[0].junk or labels.split == "skip":
                matches.junk[folder.partition("/")[0]] += 1
            else:
                matches.labels.append(labels)
    return matches


def _fitting(groups: list[tuple[FileRule, set[str] | None]], path: str) -> Iterator[tuple[FileRule, re.Match]]:
    for group, listed in groups:
        if (listed is None or path in listed) and (match := group.pattern.fullmatch(path)):
            yield group, match


def _labels(group: FileRule, match: re.Match, path: str) -> Labels:
    said = {name: text for name, text in match.groupdict().items() if text is not None}
    identity = _join(said, "identity")
    distractor = identity in group.distractors
    return Labels(
        path,
        identity if distractor or identity in group.junk else group.identity_prefix + identity,
        group.camera or said.get("camera", ""),
        _join(said, "scene"),
        said.get("time", ""),
        said.get("tracklet", ""),
        group.split or _split(said.get("split", ""), path),
        distractor,
    )


def _join(said: dict[str, str], meaning: str) -> str:
    """Return the text of a meaning, or its numbered parts joined by hyphens."""
    return "-".join(said[name] for name in PARTS_OF[meaning] if name in said)


def _split(text: str, path: str) -> str:
    if text and text.lower() not in SPLIT_NAMES:
        raise UserError(f"{path}: the split is {text!r}; the known splits are {', '.join(SPLIT_NAMES)}.")
    return SPLIT_NAMES.get(text.lower(), "")


def _read_list(file: Path, below: tuple[str, ...]) -> set[str] | None:
    """Return the paths in a list, below each of the folders; None if there is no list."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The list {file} cannot be read: {error}.") from None
    found = [match[1] for line in lines if (match := LISTED_PATH.match(line.strip()))]
    names = [name.replace("\\", "/").removeprefix("./") for name in found]
    return {f"{folder}/{name}" if folder else name for folder in below for name in names}
