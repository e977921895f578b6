"""Memory that was freed stays with the process, for the next step."""

import ctypes
import sys

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # mallopt's numbers for them, in glibc's malloc.h
LARGEST = 1 << 30
KEPT = (1 << 31) - 1  # the largest number that mallopt takes


def keep_freed_memory() -> bool:
    """Let this process keep up to 2 GiB that it has freed; -> whether the system's allocator can be told so.

    As it is, glibc gives every block above 32 MiB back at once and asks for a new one for the next batch's maps, which
    the kernel fills with zeros page by page: a quarter of a training step's time at 64 filters (bench/memory.py). It
    cannot be undone, so it is for whoever owns the process: `python -m core` does it, the library does not.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):  # another C library than glibc
        return False
    return bool(libc.mallopt(MMAP_THRESHOLD, LARGEST) and libc.mallopt(TRIM_THRESHOLD, KEPT))
