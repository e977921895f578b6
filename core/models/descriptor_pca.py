"""PCA power scaling of a network's descriptors, and shorter descriptors.

PCA power scaling rotates the descriptors to their principal axes and multiplies each axis by a power of its standard
deviation (`pca_power`). A positive power raises the weight of the axes with a large variance: it is the opposite of
whitening. Low-variance axes seem overfitted to the training identities and disturb the ranking of other identities.
This is a hypothesis, not a tested finding; docs/recipe.md has figures.

The scaling is a linear map of the embedding. It is merged into the last layer, so that the network stays as fast as
before, and the embedding stays an affine function of the region vectors.
"""

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import UserError
from core.models.network import Network

MAX_IMAGES = 4096  # images to fit the axes on; enough for some hundred axes
IMAGES_PER_BATCH = 128
LAST_LAYERS = ("linear.", "norm.")  # the layers whose outputs are the numbers of the embedding


def scale_principal_axes(network: Network, images: Tensor, power: float) -> Network:
    """Apply PCA power scaling to a copy of the network.

    The axes are the eigenvectors of the second moments of the unit descriptors of at most 4,096 of the images. The mean
    is not subtracted: the standard deviation along an axis is the root mean square of the descriptors along it.

    Args:
        network: The network, which stays unchanged.
        images: Images to fit the axes on, uint8 (N, 3, 160, 60).
        power: Exponent of the standard deviation. 0 rotates the descriptors and changes no score; -1 would whiten.

    Returns:
        A network whose descriptors are scaled and have the axis of the largest variance first.
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
    """Copy the network with descriptors that keep their first `size` numbers.

    After PCA power scaling these are the axes with the largest variances.

    Raises:
        UserError: If `size` is less than 1 or not less than the length of a descriptor.
    """
    if not 0 < size < network.config.descriptor:
        raise UserError(f"A descriptor of {network.config.descriptor} numbers cannot be shortened to {size}.")
    short = Network(replace(network.config, descriptor=size))
    state = network.state_dict()
    last = {name: value[:size] for name, value in state.items() if name.startswith(LAST_LAYERS) and value.ndim}
    short.load_state_dict(state | last)
    return short.to(network.linear.weight.device).train(network.training)


def _embedded(network: Network, images: Tensor) -> Tensor:
    """Return the embeddings of images in eval mode, float64 (N, D)."""
    training, device = network.training, network.linear.weight.device
    network.eval()
    with torch.inference_mode():
        embedded = torch.cat([network.embedding(batch.to(device)).cpu() for batch in images.split(IMAGES_PER_BATCH)])
    network.train(training)
    return embedded.double()


def _followed_by(network: Network, change: Tensor, embedded: Tensor) -> Network:
    """Copy the network with `change` (D, D) after its last layer. `embedded` (N, D) holds embeddings of some images."""
    changed, norm = deepcopy(network), network.norm
    weight, bias = network.linear.weight.detach().cpu().double(), network.linear.bias.detach().cpu().double()
    if isinstance(norm, nn.BatchNorm1d):
        assert norm.running_mean is not None and norm.running_var is not None  # a Network always tracks them
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().cpu().double()
        weight, bias = scale[:, None] * weight, scale * (bias - norm.running_mean.cpu()) + norm.bias.detach().cpu()
        outcome = embedded @ change.T
        mean, variance = outcome.mean(0), outcome.var(0)
        state = {"running_mean": mean, "running_var": variance, "weight": (variance + norm.eps).sqrt(), "bias": mean}
        changed.norm.load_state_dict(norm.state_dict() | state)
    changed.linear.load_state_dict({"weight": change @ weight, "bias": change @ bias})
    return changed
