"""Net2Net widening: a network with more filters and the same descriptors, to start a training from.

Source: Chen, Goodfellow and Shlens, "Net2Net", ICLR 2016, section 2.2.
"""

from dataclasses import replace

import torch
from torch import Tensor

from core.config import MOBILE, NetworkConfig
from core.errors import UserError
from core.models.network import Network
from core.models.stream import PARTS

MAX_UNEVENNESS = 0.5  # of the shares of two copies; with equal shares both would get the same gradient and stay equal


def check_widening(narrow: NetworkConfig, filters: int) -> None:
    """Check that a network can be widened to a number of filters.

    Raises:
        UserError: If `filters` is not a multiple of the present number, or if the network is an ensemble, of
            `mobile_bcnn`, or has `instance_norm` and an odd number of filters.
    """
    if narrow.groups > 1:
        raise UserError("An ensemble cannot be widened; widen its members before you combine them.")
    if narrow.architecture == MOBILE:
        raise UserError(f"A network of the architecture {MOBILE} cannot be widened.")
    if filters < narrow.filters or filters % narrow.filters:
        raise UserError(f"The new number of filters must be a multiple of {narrow.filters}, not {filters}.")
    if narrow.instance_norm and narrow.filters % 2 and filters > narrow.filters:
        raise UserError(
            f"A network with instance_norm and an odd number of filters, {narrow.filters}, cannot be widened: its "
            "filters do not have two equal halves."
        )


def widen(network: Network, filters: int) -> Network:
    """Copy the filters of a network, so that it has more of them and the same descriptors except for rounding.

    The next layer divides the weight of a filter among its copies. The shares are unequal, so that the copies become
    different filters in training. They are random and depend on `torch.manual_seed`.

    The bilinear matrix of a region has copies^2 times as many numbers as before. L2 normalisation therefore divides
    each of them by `copies`, and the last layer multiplies its weights by `copies`.

    Args:
        network: The network to widen, which stays unchanged.
        filters: The new number of filters, a multiple of the present number.

    Raises:
        UserError: If `filters` is not a multiple of the present number, or if the network is an ensemble, of
            `mobile_bcnn`, or has `instance_norm` and an odd number of filters.
    """
    narrow = network.config
    check_widening(narrow, filters)
    copies = filters // narrow.filters
    wide = Network(replace(narrow, filters=filters))
    state = network.state_dict()
    for name, value in state.items():
        if name.startswith("streams."):
            # num_batches_tracked is a scalar and stays as it is
            state[name] = value.repeat_interleave(copies, dim=0) if value.ndim else value
        if ".conv2." in name and value.ndim == 4:
            state[name] = split_weight(state[name], copies, dim=1)
    weight = state["linear.weight"].unflatten(1, (PARTS * network.regions, narrow.filters, -1))  # (D, P R, M, N or 1)
    weight = split_weight(weight, copies, dim=2)
    if narrow.architecture != "cnn":
        weight = split_weight(weight, copies, dim=3)
        if narrow.normalise_regions:
            weight = weight * copies
    state["linear.weight"] = weight.flatten(1)
    wide.load_state_dict(state)
    return wide.to(network.linear.weight.device).train(network.training)


def split_weight(weight: Tensor, copies: int, dim: int) -> Tensor:
    """Divide each weight along a dimension into several weights with the same sum.

    Args:
        weight: A tensor of any shape.
        copies: Number of weights that replace one weight, next to each other.
        dim: The dimension, which becomes `copies` times as long.
    """
    weight = weight.unsqueeze(dim + 1)
    shape = list(weight.shape)
    shape[dim + 1] = copies
    uneven = torch.rand(shape).to(weight) * 2 * MAX_UNEVENNESS
    shares = (1 + uneven - uneven.mean(dim + 1, keepdim=True)) / copies
    return (weight * shares).flatten(dim, dim + 1)
