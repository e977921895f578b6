"""The address of a data set: a path, with its rules if they were chosen, or several of these.

`DATA::RULES` names the rules of a folder, and `DATA++DATA` several data sets. The name of a folder may have such a mark
too: a mark inside an existing path does not count.
"""

import os
from collections.abc import Callable
from pathlib import Path

from core.data.records import COMBINED_MARK, RULES_MARK


def add_rules(folder: str | os.PathLike, rules: str | os.PathLike) -> Path:
    """Return the address of a folder that is read with rules, `FOLDER::RULES`.

    Args:
        folder: The folder of the data set.
        rules: A file of rules or a table, which is made absolute, the name of a preset, or "guess"; "" for none.
    """
    name = os.path.abspath(rules) if Path(rules).suffix else rules
    return Path(f"{folder}{RULES_MARK}{name}") if rules else Path(folder)


def split_address(address: str | os.PathLike) -> tuple[Path, str]:
    """Divide `FOLDER::RULES` into the folder and the rules, "" if there are none."""
    folder, rules = _divide(str(address), RULES_MARK, os.path.exists)
    return Path(folder), rules


def split_combined(address: str | os.PathLike) -> list[str]:
    """Divide `DATA++DATA` into the addresses of single data sets."""
    first, others = _divide(str(address), COMBINED_MARK, _exists)
    return [first, *(split_combined(others) if others else [])]


def absolute_address(address: str | os.PathLike) -> str:
    """Make the folders and the files of rules of an address absolute."""
    parts = map(split_address, split_combined(address))
    return COMBINED_MARK.join(str(add_rules(os.path.abspath(folder), rules)) for folder, rules in parts)


def address_exists(address: str | os.PathLike) -> bool:
    """Return whether all folders of an address exist."""
    return all(map(_exists, split_combined(address)))


def _exists(address: str) -> bool:
    folder, rules = split_address(address)
    return os.path.exists(folder) and (COMBINED_MARK not in rules or os.path.exists(rules))


def _divide(text: str, mark: str, exists: Callable[[str], bool]) -> tuple[str, str]:
    """Divide a text at the last mark that follows an existing path, or else at the first mark."""
    parts = text.split(mark)
    heads = [mark.join(parts[:count]) for count in range(len(parts), 0, -1)]
    head = next(filter(exists, heads), parts[0])
    return head, text[len(head) + len(mark) :]
