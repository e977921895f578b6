"""Small disks of their own for tests: file systems in memory, which can be filled and made read-only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = 4096  # bytes that a file takes at least
BALLAST = "ballast"


class Disk:
    """A file system in memory at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def free(self) -> int:
        """The free bytes."""
        return shutil.disk_usage(self.folder).free

    def leave_free(self, size: int) -> None:
        """Fill the disk with one file until `size` bytes are free."""
        (self.folder / BALLAST).unlink(missing_ok=True)
        with (self.folder / BALLAST).open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(PAGE, self.free - size))

    def empty(self) -> None:
        """Delete the file that fills the disk."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Mount the file system again, read-only: a change of permissions does not stop the superuser."""
        _run("mount", "-o", "remount,ro", str(self.folder))


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mount a disk. Skips the test where the system does not allow it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this system does not let the tests mount a file system in memory: {error}")
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
