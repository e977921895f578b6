"""The machine that a training runs on: its name, and its memory."""

import ctypes

import torch

from core.models.network import Network
from core.training.ranks import how_many

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # glibc's mallopt(3)


def keep_freed_memory() -> None:
    """Let glibc keep large buffers for the next step: giving each back to the kernel cost a fifth of the time."""
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return  # another system's allocator does as it likes
    libc.mallopt(M_MMAP_MAX, 0)
    libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 numbers itself; others convert them, which is slower than float32."""
    known = torch.cpu.get_capabilities()
    return bool(known.get("amx_bf16") or known.get("avx512_bf16"))


def machine(network: Network) -> str:
    """Where a network is trained, in words for its card."""
    device = next(network.parameters()).device
    if device.type == "cuda":
        one = torch.cuda.get_device_name(device)
    else:
        threads = torch.get_num_threads()
        one = "1 CPU thread" if threads == 1 else f"{threads} CPU threads"
    return one if how_many() == 1 else f"{how_many()} processes with {one} each"
