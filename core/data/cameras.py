"""Numbers of cameras that a table or a folder names as text."""

import re
from collections import defaultdict
from collections.abc import Sequence

from core.counts import counted
from core.data.records import UNKNOWN_CAMERA

MAX_CAMERA = 2**31 - 1
NUMBER = re.compile(r"(?:(?:c|cam|camera)[ _-]?)?(\d+)(\.0)?", re.IGNORECASE)  # 3, 3.0, c3, cam_3, camera 3
PLAIN = re.compile(r"\d+(\.0)?")
LETTER = re.compile(r"(?:(?:cam|camera)[ _-]?)?([a-z])", re.IGNORECASE)  # a, cam_a, camera A
MINUS = ("-1", "-1.0")  # an unknown camera
UNKNOWN = ("", *MINUS)
EXAMPLES = 5  # names in a note


def number_cameras(texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """Give each camera a number from 1.

    Numbers stay: 3, 3.0, c3, cam_3 and camera 3 are camera 3. If a camera 0 occurs, 1 is added to all numbers. Letters
    are numbered in the order of the alphabet: a and cam_a are camera 1. All other names, and names of several kinds,
    are numbered in sorted order.

    Args:
        texts: The camera of each image. "", "-1" and "-1.0" are unknown cameras.

    Returns:
        The number of each image's camera, UNKNOWN_CAMERA for an unknown one, and notes for the user.
    """
    names = sorted(set(texts) - set(UNKNOWN))
    numbers, notes = _number(names)
    if minus := sum(text in MINUS for text in texts):
        notes.append(f"{counted(minus, 'image has', 'images have')} camera -1, which is read as unknown")
    numbers |= dict.fromkeys(UNKNOWN, UNKNOWN_CAMERA)
    return [numbers[text] for text in texts], notes


def _number(names: list[str]) -> tuple[dict[str, int], list[str]]:
    found = [NUMBER.fullmatch(name) for name in names]
    if all(found) and len({bool(PLAIN.fullmatch(name)) for name in names}) < 2:
        numbers = {name: int(match[1]) for name, match in zip(names, found, strict=True) if match}
        if max(numbers.values(), default=0) < MAX_CAMERA:
            return _from_one(numbers)
    letters = [LETTER.fullmatch(name) for name in names]
    if all(letters):
        numbers = {
            name: ord(match[1].lower()) - ord("a") + 1 for name, match in zip(names, letters, strict=True) if match
        }
        return numbers, ["cameras are numbered by their letters: " + _examples(numbers)]
    numbers = {name: number for number, name in enumerate(names, 1)}
    kinds = "names of several kinds" if any(found) or any(letters) else "names"
    return numbers, [f"cameras have {kinds} and are numbered in sorted order: {_examples(numbers)}"]


def _from_one(numbers: dict[str, int]) -> tuple[dict[str, int], list[str]]:
    notes = []
    if 0 in numbers.values():
        numbers = {name: number + 1 for name, number in numbers.items()}
        notes.append("cameras count from 0; they are numbered from 1 here: 0 is 1")
    spellings = defaultdict(set)
    for name, number in numbers.items():
        spellings[number].add(name.removesuffix(".0"))
    if twice := next((names for names in spellings.values() if len(names) > 1), None):
        written = " and ".join(f'"{name}"' for name in sorted(twice))
        notes.append(f"{written} are read as the same camera")
    return numbers, notes


def _examples(numbers: dict[str, int]) -> str:
    listed = [f'camera {number} is "{name}"' for name, number in list(numbers.items())[:EXAMPLES]]
    return ", ".join(listed + ["..."] * (len(numbers) > EXAMPLES))
