"""Settings and memory of a whole process, which depend on the system."""

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


def peak_memory_bytes() -> int:
    """Return the peak memory of this process so far."""
    if sys.platform == "win32":
        return _peak_memory_on_windows()
    import resource  # Windows does not have it

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _peak_memory_on_windows() -> int:
    """Return PeakWorkingSetSize, the second size of PROCESS_MEMORY_COUNTERS, after two numbers of 32 bits."""
    counters = (ctypes.c_size_t * 9)()  # two numbers of 32 bits take the place of one size
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    is_known = kernel.K32GetProcessMemoryInfo(
        ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), ctypes.sizeof(counters)
    )
    return int(counters[1]) if is_known else 0
