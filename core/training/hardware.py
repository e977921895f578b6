"""Properties of the machine that a training runs on."""

import torch

from core.models.network import Network
from core.training.distributed_processes import count_processes


def cpu_has_bfloat16() -> bool:
    """Return whether the processor has bfloat16 instructions; without them bfloat16 is slower than float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def describe_machine(network: Network) -> str:
    """Describe the device of a network for the model card."""
    device = next(network.parameters()).device
    if device.type == "cuda":
        one = torch.cuda.get_device_name(device)
    elif device.type == "mps":
        one = "the GPU of an Apple processor"
    else:
        threads = torch.get_num_threads()
        one = "1 CPU thread" if threads == 1 else f"{threads} CPU threads"
    return one if count_processes() == 1 else f"{count_processes()} processes with {one} each"
