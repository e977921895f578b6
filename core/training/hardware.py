"""The machine that a training runs on, in words, and what it computes fast."""

import torch

from core.models.network import Network
from core.training.distributed_processes import count_processes


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 numbers itself; others convert them, which is slower than float32."""
    known = torch.cpu.get_capabilities()
    return bool(known.get("amx_bf16") or known.get("avx512_bf16"))


def describe_machine(network: Network) -> str:
    """Where a network is trained, in words for its card."""
    device = next(network.parameters()).device
    if device.type == "cuda":
        one = torch.cuda.get_device_name(device)
    else:
        threads = torch.get_num_threads()
        one = "1 CPU thread" if threads == 1 else f"{threads} CPU threads"
    return one if count_processes() == 1 else f"{count_processes()} processes with {one} each"
