"""Stochastic weight averaging (SWA): the mean of the weights of the last checkpoints.

The averaged network has other activations than its members, so the statistics of batch normalisation are computed
again, on training images without augmentation.

Source: Izmailov et al., "Averaging weights leads to wider optima and better generalization" (UAI 2018).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from core.config import TrainingConfig
from core.inference.checkpoint import load_checkpoint
from core.models.network import Network
from core.models.norm_statistics import MAX_IMAGES_FOR_BN, copy_statistics, measure_statistics, set_statistics
from core.training.run_folder import Run


def list_late_checkpoints(run: Run, config: TrainingConfig) -> list[Path]:
    """List the kept checkpoints of the last share `config.average` of the steps, at equal intervals, and the newest."""
    first = round((1 - config.average) * config.steps)
    found = [path for path in run.checkpoints() if int(path.name) >= first and int(path.name) % config.keep_every == 0]
    return found if not found or found[-1] == run.checkpoints()[-1] else [*found, run.checkpoints()[-1]]


def average_checkpoints(folders: Sequence[Path], images: Tensor) -> Network:
    """Return a network with the mean weights of several checkpoints.

    Args:
        folders: Checkpoints of one network.
        images: Training images, uint8 (N, 3, 160, 60), for the statistics of batch normalisation.
    """
    network = load_checkpoint(folders[0]).network
    means = {name: value.cpu().double() for name, value in network.state_dict().items()}
    for count, folder in enumerate(folders[1:], start=2):
        for name, value in load_checkpoint(folder).network.state_dict().items():
            means[name] += (value.cpu() - means[name]) / count
    network.load_state_dict({name: means[name].to(value.dtype) for name, value in network.state_dict().items()})
    if copy_statistics(network):
        drawn = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:MAX_IMAGES_FOR_BN]
        set_statistics(network, measure_statistics(network, images[drawn]))
    return network
