r"""Patterns made from an example: a path is divided into parts, and each part gets a meaning or none.

The path `shots/kiosk-03/p0042__cam-b__000123.png` has two folder levels. Its file name has the runs `p`, `0042`, `__`,
`cam`, `-`, `b`, `__` and `000123`. With the meanings identity for `0042` and camera for `b` the pattern is

    [^/]+/[^/]+/[A-Za-z]+(?P<identity>\d+)__[A-Za-z]+-(?P<camera>[A-Za-z]+)__\d+(?:\.\w+)+
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from core.data.rules import MEANINGS, NO_MEANING
from core.errors import UserError

DIGITS, LETTERS, SEPARATOR = "digits", "letters", "separator"
RUN = re.compile(r"(?P<digits>(?:^-)?\d+)|(?P<letters>[^\W\d_]+)|(?P<separator>[\W_]+?(?=[^\W_]|$))")
SUFFIX = r"(?:\.\w+)+"
ANY_NAME = r"[^/]+"
SEVERAL = ("identity", "scene")  # meanings that may be in several places of a name; their parts are joined


@dataclass(frozen=True)
class Run:
    """Consecutive characters of one kind in a file name."""

    text: str
    kind: str  # DIGITS, LETTERS or SEPARATOR


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
