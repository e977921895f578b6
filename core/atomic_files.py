"""Files that are replaced in one step, and errors that name the file.

A reader sees either the old or the new content, also if the writing process is killed. If writing fails, e.g. on a full
disk, the old file stays and the unfinished one is deleted. If several processes write the same file, the last one wins.
"""

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LEFTOVER_S = 24 * 3600  # an unfinished file of this age was left by a killed process
LEFTOVER = re.compile(r"\.[0-9a-f]{16}\.new(\..*)?")
DISK_ERRORS = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EIO)  # no name is to blame
DELETED = ".deleted-"  # a folder whose name starts so is being deleted
PIECE_BYTES = 2**20
FULL_BYTES = 2**20  # a disk with less free space than this counts as full
OS_ERROR = re.compile(r"os error (\d+)")  # in messages of safetensors, which is written in Rust


@contextmanager
def replace_file(file: Path) -> Iterator[Path]:
    """Yield a path to write to, with the file's suffix. After the block it replaces the file in one step.

    If the block raises, the file stays as it was. A new file has the permissions that the system gives by default, even
    if the block writes a private one, as safetensors does.

    Args:
        file: The file to write or to replace. Its folder must exist.

    Raises:
        OSError: The system refuses to write. `errno` and `filename` are set.
    """
    temporary = file.with_name(f".{secrets.token_hex(8)}.new{file.suffix}")
    try:
        with name_in_errors(file):
            temporary.touch()
            mode = temporary.stat().st_mode  # asking for the umask would change it for other threads
            yield temporary
            with suppress(OSError):  # a mounted folder may have no permissions
                temporary.chmod(mode)
            os.replace(temporary, file)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _delete_leftovers(file.parent)


@contextmanager
def name_in_errors(path: Path) -> Iterator[None]:
    """Give each error of writing a number and a file name.

    numpy, pyarrow and safetensors report a full disk each in another way, some without the number of the error.

    Args:
        path: The file or folder that is written in the block.

    Raises:
        OSError: The system refuses to write. `errno` and `filename` are set.
    """
    try:
        yield
    except Exception as error:
        number = _error_number(error, path)
        if number is None or (isinstance(error, OSError) and error.errno and error.filename):
            raise
        raise OSError(number, os.strerror(number), str(path)) from error


def allocate(file: Path) -> None:
    """Take the disk space of a file that may have gaps, such as a new mapped array.

    A process that writes into a gap of a mapped file is killed by the system if the disk is full.

    Raises:
        OSError: The disk has not enough space. `errno` and `filename` are set.
    """
    size = file.stat().st_size
    with name_in_errors(file), file.open("r+b") as stream:
        if hasattr(os, "posix_fallocate"):  # not on macOS and Windows
            os.posix_fallocate(stream.fileno(), 0, size)
            return
        for start in range(0, size, PIECE_BYTES):
            stream.seek(start)
            piece = stream.read(PIECE_BYTES)
            stream.seek(start)
            stream.write(piece)


def delete_folder(folder: Path) -> None:
    """Delete a folder in one step for its readers: it is renamed first.

    What killed processes have left of such folders is deleted too.

    Raises:
        OSError: The folder cannot be renamed.
    """
    folder.rename(folder.with_name(f"{DELETED}{secrets.token_hex(8)}"))
    for path in folder.parent.glob(f"{DELETED}*"):
        shutil.rmtree(path, ignore_errors=True)


def sync_files(folder: Path) -> None:
    """Wait until the files of a folder are on the disk, so that a power failure does not leave them half-written."""
    for path in folder.iterdir():
        if path.is_file():
            with path.open("r+b") as file:  # Windows syncs only files that are open for writing
                os.fsync(file.fileno())


def _error_number(error: Exception, path: Path) -> int | None:
    """Return the number of an error of writing, None if it is unknown or another error."""
    if found := OS_ERROR.search(str(error)):
        return int(found[1])
    if not isinstance(error, OSError):
        return None
    return error.errno or (errno.ENOSPC if _free_bytes(path.parent) < FULL_BYTES else None)


def _free_bytes(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")


def _delete_leftovers(folder: Path) -> None:
    with suppress(OSError):  # a folder that may not be listed, or a file that another process has deleted
        for path in folder.iterdir():
            if LEFTOVER.fullmatch(path.name) and path.stat().st_mtime < time.time() - LEFTOVER_S:
                path.unlink()
