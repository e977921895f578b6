"""Estimate the time and memory of a training on this machine from a few steps on random images."""

import time
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch

from core.config import NetworkConfig, TrainingConfig
from core.jobs.process_settings import peak_memory_bytes
from core.models.network import Network
from core.training.loop import make_optimiser, train
from core.training.objective import Objective

TIMED_STEPS = 3  # after one step of warm-up


@dataclass(frozen=True)
class Estimate:
    """The time and memory of a training.

    Attributes:
        parameters: Number of weights.
        memory: Peak memory of the process so far, in GB, without the training images.
        seconds_a_step: Seconds per step.
        steps: Number of steps.
        images: Number of samples in all steps.
    """

    parameters: int
    memory: float
    seconds_a_step: float
    steps: int
    images: int

    @property
    def seconds(self) -> float:
        """Duration of all steps, in seconds."""
        return self.seconds_a_step * self.steps

    def to_json(self) -> dict[str, float]:
        """Return the fields and the duration, ready for JSON."""
        return asdict(self) | {"seconds": self.seconds}


def estimate(network_config: NetworkConfig, config: TrainingConfig, device: str) -> Estimate:
    """Estimate the time and memory of a training on a device."""
    parameters = sum(value.numel() for value in Network(network_config).parameters())
    seconds = seconds_a_step(network_config, config, device)
    return Estimate(parameters, peak_memory(device), seconds, config.steps, config.steps * config.images_per_step)


def seconds_a_step(network_config: NetworkConfig, config: TrainingConfig, device: str) -> float:
    """Measure the mean duration of three training steps, in seconds."""
    network = Network(network_config).to(device)
    config = replace(config, steps=max(config.steps, 1 + TIMED_STEPS))
    if config.batches != "cameras":
        people = max(2, config.images_per_step // 4)
        config = replace(config, batches="identities", identities=people, images_per_identity=4)
    images = torch.randint(0, 256, (config.images_per_step, 3, *network_config.image_size), dtype=torch.uint8)
    identities = np.arange(len(images)) // config.images_per_identity
    cameras = np.arange(len(images)) % 2 + 1
    times: list[float] = []

    def on_step(step: int, loss: float, rate: float) -> bool:
        times.append(time.perf_counter())
        return len(times) <= TIMED_STEPS

    objective = Objective(config, config.identities, network_config.descriptor).to(device)
    optimiser = make_optimiser(network, objective, config)
    train(network, objective, optimiser, images, identities, config, on_step, cameras=cameras)
    return (times[-1] - times[0]) / max(1, len(times) - 1)


def peak_memory(device: str) -> float:
    """Return the peak memory in GB: of the GPU if `device` is one, else of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device) / 1e9
    return peak_memory_bytes() / 1e9
