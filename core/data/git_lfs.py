"""Git LFS pointers: the three lines of text that a repository holds in place of a large file until it is pulled."""

from pathlib import Path

from core.errors import UserError

POINTER_START = b"version https://git-lfs"


def refuse_pointers(*files: Path, expected: str) -> None:
    """Raise UserError if a file is a Git LFS pointer. Files that cannot be read are passed over.

    Args:
        files: The files.
        expected: What each file should be, e.g. "the image".
    """
    for file in files:
        try:
            with file.open("rb") as opened:
                start = opened.read(len(POINTER_START))
        except OSError:
            continue
        if start == POINTER_START:
            raise UserError(pointer_sentence(file, expected)) from None


def pointer_sentence(file: str | Path, expected: str) -> str:
    """Return the sentence for the user about a pointer."""
    return f"{file} is a Git LFS pointer, not {expected}; run `git lfs pull`."
