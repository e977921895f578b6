"""What the batch normalisations of a network subtract and divide by, taken from images."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from core.models.network import Network

MAX_IMAGES_FOR_BN = 2048  # images that are enough
IMAGES_PER_BATCH = 256  # of them at a time

Statistics = list[tuple[Tensor, Tensor]]  # mean and variance of each normalisation, in the network's order


def copy_statistics(network: Network) -> Statistics:
    """A copy of those in use; empty for a network without batch normalisation."""
    return [(mean.clone(), variance.clone()) for mean, variance in map(_running, _normalisations(network))]


def set_statistics(network: Network, values: Statistics) -> None:
    for norm, new in zip(_normalisations(network), values, strict=True):
        for kept, value in zip(_running(norm), new, strict=True):
            kept.copy_(value)


def measure_statistics(
    network: Network, images: Tensor, on_progress: Callable[[int], None] = lambda count: None
) -> Statistics:
    """uint8 (N, 3, 160, 60), N at least 2 -> the statistics that these have in the network, which stays as it is.

    Batches of equal size are looked at, since their variances are averaged. The order should be random. Dropout stays
    off, unlike in torch.optim.swa_utils.update_bn: the last normalisation would see its noise. `on_progress` is told
    how many images were looked at.
    """
    before = copy_statistics(network)
    with torch.no_grad(), _measuring(network):
        for batch in images.tensor_split(-(-len(images) // IMAGES_PER_BATCH)):
            network.embedding(batch.to(network.linear.weight.device))
            on_progress(len(batch))
        found = copy_statistics(network)
    set_statistics(network, before)
    return found


def _normalisations(network: Network) -> list[nn.BatchNorm1d | nn.BatchNorm2d]:
    return [module for module in network.modules() if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))]


def _running(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    assert norm.running_mean is not None and norm.running_var is not None  # all of a Network track them
    return norm.running_mean, norm.running_var


@contextmanager
def _measuring(network: Network) -> Iterator[None]:
    """Normalisations forget their statistics and gather new ones, every batch counting alike; nothing else trains."""
    norms, training = _normalisations(network), network.training
    momenta = [norm.momentum for norm in norms]
    network.eval()
    try:
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
            norm.train()
        yield
    finally:
        network.train(training)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
