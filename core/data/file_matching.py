"""Matching of the paths in a table to the image files of a folder."""

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from unicodedata import normalize

from core.errors import UserError


def match_files(
    names: Sequence[str],
    folder: Path,
    images: Collection[str],
    where: Callable[[int], str],
    by_name: bool = False,
) -> tuple[list[str | None], list[str]]:
    """Find the image of each path in a table.

    A path is relative to the folder, starts with the folder's name, or is absolute. If there is no such image, the path
    is compared without regard to the Unicode normal form, and then without regard to upper and lower case.

    Args:
        names: The paths in the table.
        folder: The folder of the images.
        images: The paths of the images relative to the folder, with "/".
        where: Returns the place of a path for messages, such as "labels.csv, line 7".
        by_name: Whether a path without an image is matched by its file name, if one image has this name.

    Returns:
        For each path the image, or None, and notes for the user.

    Raises:
        UserError: If a path differs only in its form from several images.
    """
    images = images if isinstance(images, (set, frozenset, dict)) else set(images)
    prefixes = _prefixes(folder)
    relative = [_relative(name, prefixes, images) for name in names]
    found: list[str | None] = [name if name in images else None for name in relative]
    notes = []
    forms = [("another Unicode normal form", _composed), ("other upper and lower case", _folded)]
    for difference, form in forms:
        if None not in found:
            break
        matched = _match(relative, found, images, form)
        for row, image, others in matched:
            if others:
                raise UserError(f"{where(row)}: {names[row]} may be {image} or {others[0]}; write one of both.")
            found[row] = image
        if matched:
            row, image, _ = matched[0]
            notes.append(f"{len(matched):,} rows match with {difference}, e.g. {where(row)}: {image}")
    if by_name:
        matched = [entry for entry in _match(relative, found, images, _file_name) if not entry[2]]
        for row, image, _ in matched:
            found[row] = image
        if matched:
            row, image, _ = matched[0]
            notes.append(f"{len(matched):,} rows match by their file name alone, e.g. {where(row)}: {image}")
    return found, notes


def count_by_name(names: Iterable[str], images: Collection[str]) -> int:
    """Count the paths whose file name is that of one image."""
    by_name = _group(images, _file_name)
    return sum(len(by_name.get(_file_name(name.replace("\\", "/")), ())) == 1 for name in names)


def first_place(name: str, folder: Path) -> Path:
    """Return the path at which the image of a path in a table is looked for first."""
    return folder / name.replace("\\", "/").removeprefix("./")


def _prefixes(folder: Path) -> list[str]:
    """Return what may stand before a relative path: the folder's path, also without symbolic links, and its name."""
    absolute = os.path.abspath(folder)
    places = dict.fromkeys([absolute, os.path.realpath(folder)])
    return [*(Path(place).as_posix().rstrip("/") + "/" for place in places), f"{os.path.basename(absolute)}/"]


def _relative(name: str, prefixes: list[str], images: Collection[str]) -> str:
    if name in images:
        return name
    name = name.replace("\\", "/")
    if "//" in name or "./" in name:
        name = os.path.normpath(name).replace("\\", "/")
    if name in images:
        return name
    for prefix in prefixes:
        if name.startswith(prefix):
            return name[len(prefix) :]
        if not name.isascii() and _composed(name).startswith(_composed(prefix)):
            return _composed(name)[len(_composed(prefix)) :]
    return name


def _match(
    names: list[str], found: list[str | None], images: Collection[str], form: Callable[[str], str]
) -> list[tuple[int, str, list[str]]]:
    """Return the row, the image and further images for each name without an image that has the form of an image."""
    by_form = _group(images, form)
    return [
        (row, near[0], near[1:])
        for row, image in enumerate(found)
        if image is None and (near := by_form.get(form(names[row])))
    ]


def _group(images: Collection[str], form: Callable[[str], str]) -> dict[str, list[str]]:
    grouped = defaultdict(list)
    for image in images:
        grouped[form(image)].append(image)
    return {key: sorted(values) for key, values in grouped.items()}


def _composed(name: str) -> str:
    return normalize("NFC", name)


def _folded(name: str) -> str:
    return normalize("NFC", name).casefold()


def _file_name(name: str) -> str:
    return _composed(name.rpartition("/")[2])
