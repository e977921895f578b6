"""The spectrum of descriptors, their spread along each principal axis; and a network in whose spectrum is more slope.

What lies on the short axes seems to be learned by heart, and disturbs among new people: an explanation, not a finding
(figures in docs/recipe.md). Stretching each axis by a power of its own
spread concentrates descriptors on the long ones: the opposite of whitening. It is one more linear map, which the last
layer takes in, so that the network is as fast as before and a descriptor is still affine in the region vectors.
"""

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import UserError
from core.models.network import Network

MAX_IMAGES = 4096  # images that are enough for some hundred axes
IMAGES_PER_BATCH = 128  # of them at a time


def scale_principal_axes(network: Network, images: Tensor, power: float) -> Network:
    """uint8 (N, 3, 160, 60) -> the network in whose descriptors each axis is longer by spread^power, longest first.

    Spreads are root mean squares of the unit descriptors of at most 4,096 of the images, along the eigenvectors of
    their second moments. A power of 0 turns the axes alone and changes no score; -1 would whiten. The network that is
    given stays as it is.
    """
    drawn = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:MAX_IMAGES]
    embedded = _embedded(network, images[drawn])
    described = F.normalize(embedded, dim=1)
    values, axes = torch.linalg.eigh(described.T @ described / len(described))
    values, axes = values.flip(0).clamp(min=0), axes.flip(1)
    change = (values ** (power / 2))[:, None] * axes.T
    change /= (described @ change.T).square().sum(1).mean().sqrt()
    return _followed_by(network, change, embedded)


def truncate_descriptor(network: Network, size: int) -> Network:
    """The network that gives the first `size` numbers of a descriptor: of a concentrated one, the longest axes.

    Raises UserError if a descriptor has no more numbers than that.
    """
    if not 0 < size < network.config.descriptor:
        raise UserError(f"A descriptor of {network.config.descriptor} numbers cannot be shortened to {size}.")
    short = Network(replace(network.config, descriptor=size))
    state = network.state_dict()
    last = {name: value[:size] for name, value in state.items() if not name.startswith("streams.") and value.ndim}
    short.load_state_dict(state | last)
    return short.to(network.linear.weight.device).train(network.training)


def _embedded(network: Network, images: Tensor) -> Tensor:
    """float64 (N, D), as the network describes images outside of training."""
    training, device = network.training, network.linear.weight.device
    network.eval()
    with torch.inference_mode():
        embedded = torch.cat([network.embedding(batch.to(device)).cpu() for batch in images.split(IMAGES_PER_BATCH)])
    network.train(training)
    return embedded.double()


def _followed_by(network: Network, change: Tensor, embedded: Tensor) -> Network:
    """The network whose embedding is `change` (D, D) times what it was; of some images that was `embedded` (N, D)."""
    changed, norm = deepcopy(network), network.norm
    weight, bias = network.linear.weight.detach().cpu().double(), network.linear.bias.detach().cpu().double()
    if isinstance(norm, nn.BatchNorm1d):
        assert norm.running_mean is not None and norm.running_var is not None  # all of a Network track them
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().cpu().double()
        weight, bias = scale[:, None] * weight, scale * (bias - norm.running_mean.cpu()) + norm.bias.detach().cpu()
        outcome = embedded @ change.T
        mean, variance = outcome.mean(0), outcome.var(0)
        state = {"running_mean": mean, "running_var": variance, "weight": (variance + norm.eps).sqrt(), "bias": mean}
        changed.norm.load_state_dict(norm.state_dict() | state)
    changed.linear.load_state_dict({"weight": change @ weight, "bias": change @ bias})
    return changed
