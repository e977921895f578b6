"""The exception for errors that the user can correct, and sentences for errors of the operating system."""

import errno
import os
import re

MAX_CHARACTERS = 1000  # of a message; what a damaged file contains may be far longer
END_CHARACTERS = 200  # of a longer message's end, which says what to do


class UserError(ValueError):
    """Invalid input. The message says what is wrong, what was expected and what to do.

    The message is one line of printable text, also if it quotes a damaged file. The command line prints it and exits
    with status 2. The app shows it on the page.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_one_line(message))


def explain(error: BaseException) -> str:
    """Return an error in sentences for the user."""
    return explain_os_error(error) if isinstance(error, OSError) else str(error)


def explain_os_error(error: OSError) -> str:
    """Return an error of the operating system in sentences: what failed, and what to do."""
    file = _one_line(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else "A file"
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return f"{file} cannot be written: the disk has not enough free space. Free some space and try again."
    if error.errno == errno.EROFS:
        return f"{file} cannot be written: the disk is read-only. Choose another folder (`python -m core doctor`)."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{file} cannot be used: you do not have the permission. Change the permission or choose another file."
    return _one_line(f"{error.strerror or error}: {file}" if error.filename else str(error.strerror or error))


def _one_line(text: str) -> str:
    text = re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*", " ", text)
    if len(text) > MAX_CHARACTERS:
        text = f"{text[: MAX_CHARACTERS - END_CHARACTERS]} ... {text[-END_CHARACTERS:]}"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one.isspace() else ascii(one)[1:-1] for one in text)
