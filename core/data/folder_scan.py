"""List of a folder: the images below it, and what is not listed. No file is opened.

Symbolic links are followed. A linked folder that is above itself is not listed again.
"""

import errno
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.data.file_names import IMAGE_SUFFIXES, printable, suffix_of
from core.errors import UserError

IGNORED_NAMES = {"__macosx", "thumbs.db", "desktop.ini"}  # written by macOS and Windows, in lower case
PROGRESS_INTERVAL = 10_000  # files between two reports of progress
MAX_NAMES_SHOWN = 3
MAX_SUFFIXES_SHOWN = 5
MAX_SUFFIX_LENGTH = 10  # what follows the last dot of a longer one is a part of a sentence or a number


@dataclass
class FolderScan:
    """The images below a folder, and what is not listed. All paths are relative to the folder, with slashes."""

    folder: Path
    images: list[str] = field(default_factory=list)  # files named like images, sorted part by part
    other_suffixes: Counter[str] = field(default_factory=Counter)  # number of other files of each suffix, e.g. ".mat"
    broken_links: list[str] = field(default_factory=list)
    link_loops: list[str] = field(default_factory=list)  # links to a folder above them
    closed_folders: list[str] = field(default_factory=list)  # folders that cannot be opened, e.g. without permission
    hidden: int = 0  # hidden files and folders, and files of the operating system

    def notes(self) -> list[str]:
        """Return one sentence for each kind of file or folder that is not listed. Hidden files have none."""
        notes = []
        if count := self.other_suffixes.total():
            are = "file is not an image and is" if count == 1 else "files are not images and are"
            notes.append(f"{count:,} {are} skipped: {_counts(self.other_suffixes)}")
        if names := self.broken_links:
            are = "link leads" if len(names) == 1 else "links lead"
            notes.append(f"{len(names):,} {are} to no file: {_first(names)}")
        if names := self.closed_folders:
            folders = "folder" if len(names) == 1 else "folders"
            notes.append(f"{len(names):,} {folders} cannot be opened: {_first(names)}")
        if len(self.link_loops) == 1:
            notes.append(f"the link {printable(self.link_loops[0])} points to a folder above it and is not followed")
        elif names := self.link_loops:
            notes.append(f"{len(names):,} links point to folders above them and are not followed: {_first(names)}")
        return notes


def scan_folder(folder: str | os.PathLike, on_progress: Callable[[int], None] | None = None) -> FolderScan:
    """List the images below a folder.

    Images are sorted part by part, as paths are: all of the folder `a` comes before the file `a.jpg`. A folder that two
    links lead to is listed under both names.

    Args:
        folder: The folder.
        on_progress: Called with the number of files and folders found so far, after every 10,000.

    Raises:
        UserError: If there is no such folder, or if it cannot be opened.
    """
    scan = FolderScan(Path(folder))
    try:
        above = [_identity(folder)]  # of the folders from the top to the present one
        pending = [iter(_sorted_entries(folder))]  # what is left of each of them
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"There is no folder {printable(str(folder))}.") from None
    except OSError as error:
        raise UserError(f"The folder {printable(str(folder))} cannot be opened: {error.strerror}.") from None
    prefixes, found = [""], 0
    while pending:
        for entry in pending[-1]:
            found += 1
            if on_progress and found % PROGRESS_INTERVAL == 0:
                on_progress(found)
            name = entry.name
            if name[0] == "." or name.lower() in IGNORED_NAMES:
                scan.hidden += 1
                continue
            path = prefixes[-1] + name
            if not _is_folder(entry, path, scan):
                continue
            try:
                identity = _identity(entry.path)
                if identity in above:
                    scan.link_loops.append(path)
                    continue
                pending.append(iter(_sorted_entries(entry.path)))
            except OSError:
                scan.closed_folders.append(path)
                continue
            above.append(identity)
            prefixes.append(path + "/")
            break
        else:
            for stack in (pending, above, prefixes):
                stack.pop()
    return scan


def _is_folder(entry: os.DirEntry, path: str, scan: FolderScan) -> bool:
    """Return whether an entry is a folder or a link to one. Everything else is added to the scan."""
    try:
        if entry.is_dir():
            return True
        if entry.is_symlink() and not entry.is_file():
            os.stat(entry.path)  # raises if the link is broken
    except OSError as error:
        is_closed = error.errno in (errno.EACCES, errno.EPERM)
        (scan.closed_folders if is_closed else scan.broken_links).append(path)
        return False
    suffix = suffix_of(entry.name)
    if suffix in IMAGE_SUFFIXES and entry.is_file():  # a pipe named like an image would block its reader
        scan.images.append(path)
    else:
        scan.other_suffixes[suffix if len(suffix) <= MAX_SUFFIX_LENGTH else ""] += 1
    return False


def _sorted_entries(folder: str | os.PathLike) -> list[os.DirEntry]:
    with os.scandir(os.fspath(folder)) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _identity(folder: str | os.PathLike) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def _counts(suffixes: Counter[str]) -> str:
    """Format the most common suffixes: `2 .mat, 1 .txt`."""
    common = suffixes.most_common(MAX_SUFFIXES_SHOWN)
    shown = [f"{count:,} {printable(suffix) or 'without a suffix'}" for suffix, count in common]
    if rest := suffixes.total() - sum(count for _, count in common):
        shown.append(f"{rest:,} others")
    return ", ".join(shown)


def _first(names: list[str]) -> str:
    rest = len(names) - MAX_NAMES_SHOWN
    return ", ".join(map(printable, names[:MAX_NAMES_SHOWN])) + (f" and {rest:,} more" if rest > 0 else "")
