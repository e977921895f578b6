"""The weights of a network as the page reads them: channels last, and each normalisation as scale and shift."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from app.classroom.pack import smallest
from core.errors import UserError
from core.models.network import SQUARE_ROOT_FLOOR, Network

FILTERS_AT_ONCE = 4  # network.js computes so many filters together
REFUSED = (
    "The page cannot compute the network of {name}. Use a network b_cnn or mr_bcnn with batch normalisation, with "
    "normalised regions, with a multiple of {count} filters, and without instance normalisation, normalised images and "
    "groups."
)


def network_arrays(network: Network, name: str) -> tuple[dict[str, np.ndarray], dict]:
    """Return the arrays of a network, and facts about it.

    Convolutions are (K, K, channels, filters). `conv1` holds the filters of both streams, `conv2` a convolution for
    each part of each stream. Each normalisation y = scale x + shift has two arrays.

    Args:
        network: The network in eval mode.
        name: The name of the model, for the error.

    Raises:
        UserError: If the page cannot compute this architecture.
    """
    config = network.config
    if (
        config.architecture not in ("b_cnn", "mr_bcnn")
        or config.filters % FILTERS_AT_ONCE
        or config.groups > 1
        or not (config.batch_norm and config.normalise_regions)
        or config.normalise_images
        or config.instance_norm
    ):
        raise UserError(REFUSED.format(name=name, count=FILTERS_AT_ONCE))
    streams: Sequence = list(network.streams)
    conv1 = torch.cat([stream.conv1.weight for stream in streams])
    if config.bgr:
        conv1 = conv1.flip(1)  # the page gives red, green, blue
    convs = [conv for stream in streams for conv in stream.conv2]
    norms1, norms2 = [stream.norm1 for stream in streams], [norm for stream in streams for norm in stream.norm2]
    arrays = {
        "conv1": _channels_last(conv1),
        "conv2": torch.stack([_channels_last(conv.weight) for conv in convs]),
        "linear": network.linear.weight,
    }
    affine = {"norm1": norms1, "norm2": norms2, "norm": [network.norm]}
    packed = {key: smallest(value.detach().numpy()) for key, value in arrays.items()}
    for key, norms in affine.items():
        scale, shift = zip(*map(_scale_and_shift, norms), strict=True)
        packed |= {f"{key}_scale": torch.cat(scale).numpy(), f"{key}_shift": torch.cat(shift).numpy()}
    packed["bias"] = network.linear.bias.detach().double().numpy()
    about = {
        "filters": config.filters,
        "regionSize": config.region_size,
        "length": config.descriptor,
        "mean": config.mean,
        "scale": config.scale,
        "floor": SQUARE_ROOT_FLOOR,
    }
    return packed, about


def _channels_last(weight: Tensor) -> Tensor:
    """(F, C, K, K) -> (K, K, C, F)."""
    return weight.permute(2, 3, 1, 0)


def _scale_and_shift(norm: _BatchNorm) -> tuple[Tensor, Tensor]:
    """Return float64 scale and shift of a batch normalisation in eval mode."""
    assert norm.running_mean is not None and norm.running_var is not None  # every Network tracks them
    mean, variance = norm.running_mean.double(), norm.running_var.double()
    scale = norm.weight.detach().double() / (variance + norm.eps).sqrt()
    return scale, norm.bias.detach().double() - scale * mean
