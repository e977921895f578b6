"""Settings of a whole process. Only `python -m core` and the apps use them, not the library."""

import ctypes
import os
import sys

M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1  # parameters of mallopt in glibc's malloc.h
MMAP_THRESHOLD_BYTES = 1 << 30
TRIM_THRESHOLD_BYTES = (1 << 31) - 1  # the largest value that mallopt accepts


def keep_freed_memory() -> bool:
    """Let this process keep up to 2 GiB of freed memory, and return whether that is possible.

    By default, glibc returns each block above 32 MiB to the kernel at once. The feature maps of the next batch then
    need new blocks, which the kernel fills with zeros page by page. This takes a quarter of a training step's time at
    64 filters (bench/memory.py). The setting cannot be undone.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt"):  # the C library is not glibc
        return False
    return bool(
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES) and libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES)
    )


def let_threads_sleep() -> None:
    """Let OpenMP threads sleep instead of spin while they wait.

    OpenMP reads the setting once, when torch is imported. The speed is the same on an idle machine, and more than twice
    as high on a machine whose cores have other work.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
