"""The running means and variances of batch normalisation: read, replace, and estimate them from images."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from core.models.mobilenet import Backbone
from core.models.network import Network

MAX_IMAGES_FOR_BN = 2048  # enough images for an estimate
IMAGES_PER_BATCH = 256
PRIOR_IMAGES = 16  # weight of the training's statistics, as a number of images

Statistics = list[tuple[Tensor, Tensor]]  # mean and variance of each normalisation, in the network's order
OnProgress = Callable[[int], None]  # called with the number of images processed since the last call


def copy_statistics(network: Network) -> Statistics:
    """Return a copy of the statistics of a network; an empty list for a network without batch normalisation."""
    return [(mean.clone(), variance.clone()) for mean, variance in map(_running, _normalisations(network))]


def set_statistics(network: Network, values: Statistics) -> None:
    """Replace the statistics of a network, in place."""
    for norm, new in zip(_normalisations(network), values, strict=True):
        for kept, value in zip(_running(norm), new, strict=True):
            kept.copy_(value)


def measure_statistics(network: Network, images: Tensor, on_progress: OnProgress = lambda count: None) -> Statistics:
    """Estimate the statistics of a network from images.

    The result is the mean over batches of equal size, because the variances of batches are averaged. Dropout is off:
    its noise would enter the statistics of the last normalisation. `torch.optim.swa_utils.update_bn` leaves it on.

    Args:
        network: The network, which stays unchanged.
        images: uint8 (N, 3, 160, 60), N at least 2, in random order.
        on_progress: Called after each batch with the number of its images.

    Returns:
        The statistics of each normalisation.
    """
    before = copy_statistics(network)
    with torch.no_grad(), _measuring(network):
        for batch in images.tensor_split(-(-len(images) // IMAGES_PER_BATCH)):
            network.embedding(batch.to(network.linear.weight.device))
            on_progress(len(batch))
        found = copy_statistics(network)
    set_statistics(network, before)
    return found


def mix_statistics(network: Network, images: Tensor, on_progress: OnProgress = lambda count: None) -> Statistics:
    """Estimate statistics from images and average them with the network's own, which count as 16 images.

    Args:
        network: The network, which stays unchanged.
        images: uint8 (N, 3, 160, 60). With less than 2 images the network's own statistics are returned.
        on_progress: Called after each batch with the number of its images.
    """
    before = copy_statistics(network)
    if len(images) < 2:
        return before
    weight = len(images) / (len(images) + PRIOR_IMAGES)
    pairs = zip(before, measure_statistics(network, images, on_progress), strict=True)
    return [
        (mean.lerp(new_mean, weight), variance.lerp(new_variance, weight))
        for (mean, variance), (new_mean, new_variance) in pairs
    ]


def _normalisations(network: Network) -> list[nn.BatchNorm1d | nn.BatchNorm2d]:
    """List the batch normalisations of a network, except for those of frozen layers."""
    frozen = set(network.backbone.frozen.modules()) if isinstance(network.backbone, Backbone) else set()
    return [
        module
        for module in network.modules()
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) and module not in frozen
    ]


def _running(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return the running mean and variance of a batch normalisation."""
    assert norm.running_mean is not None and norm.running_var is not None  # a Network always tracks them
    return norm.running_mean, norm.running_var


@contextmanager
def _measuring(network: Network) -> Iterator[None]:
    """Reset the statistics and collect new ones, with the same weight for each batch. Nothing else is trained."""
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
