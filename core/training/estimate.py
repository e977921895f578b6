"""What a training will take on this machine, from a few steps of it on random images."""

import resource
import sys
import time
from dataclasses import asdict, dataclass, replace

import torch

from core.config import IMAGE_COLUMNS, IMAGE_ROWS, NetworkConfig, TrainingConfig
from core.models.network import Network
from core.training.loop import make_optimiser, train
from core.training.objective import Objective

TIMED_STEPS = 3  # after one that is not counted


@dataclass(frozen=True)
class Estimate:
    """memory: the most that the process took so far, in GB, without the training images (28.8 kB each)."""

    parameters: int
    memory: float
    seconds_a_step: float
    steps: int
    images: int

    @property
    def seconds(self) -> float:
        return self.seconds_a_step * self.steps

    def to_json(self) -> dict[str, float]:
        return asdict(self) | {"seconds": self.seconds}


def estimate(network_config: NetworkConfig, config: TrainingConfig, device: str) -> Estimate:
    parameters = sum(value.numel() for value in Network(network_config).parameters())
    seconds = seconds_a_step(network_config, config, device)
    return Estimate(parameters, peak_memory(device), seconds, config.steps, config.steps * config.images_per_step)


def seconds_a_step(network_config: NetworkConfig, config: TrainingConfig, device: str) -> float:
    """The mean of three steps."""
    network = Network(network_config).to(device)
    config = replace(
        config,
        batches="identities",
        identities=max(2, config.images_per_step // 4),
        images_per_identity=4,
        steps=max(config.steps, 1 + TIMED_STEPS),
    )
    images = torch.randint(0, 256, (4 * config.identities, 3, IMAGE_ROWS, IMAGE_COLUMNS), dtype=torch.uint8)
    identities = torch.arange(len(images)).div(4, rounding_mode="floor").numpy()
    times: list[float] = []

    def on_step(step: int, loss: float, rate: float) -> bool:
        times.append(time.perf_counter())
        return len(times) <= TIMED_STEPS

    objective = Objective(config, config.identities, network_config.descriptor).to(device)
    optimiser = make_optimiser(network, objective, config)
    train(network, objective, optimiser, images, identities, config, on_step)
    return (times[-1] - times[0]) / max(1, len(times) - 1)


def peak_memory(device: str) -> float:
    """In GB: of the GPU if that is where the training is, else of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device) / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
