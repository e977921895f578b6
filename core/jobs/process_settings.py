"""Settings of a whole process, for whoever owns it: `python -m core` and the apps, never the library."""

import ctypes
import os
import sys

M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1  # mallopt's numbers for them, in glibc's malloc.h
MMAP_THRESHOLD_BYTES = 1 << 30
TRIM_THRESHOLD_BYTES = (1 << 31) - 1  # the largest number that mallopt takes


def keep_freed_memory() -> bool:
    """Let this process keep up to 2 GiB that it has freed; -> whether the system's allocator can be told so.

    As it is, glibc gives every block above 32 MiB back at once and asks for a new one for the next batch's maps, which
    the kernel fills with zeros page by page: a quarter of a training step's time at 64 filters (bench/memory.py). It
    cannot be undone.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):  # another C library than glibc
        return False
    return bool(
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES) and libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES)
    )


def let_threads_sleep() -> None:
    """Let OpenMP's threads sleep instead of spinning while they wait; OpenMP reads this once, when torch is imported.

    The same speed on an idle machine, and more than twice as fast on one whose cores have other work.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
