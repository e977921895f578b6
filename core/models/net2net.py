"""A wider network that computes what a narrow one does: where training a wide one may begin (Net2Net, ICLR 2016)."""

from dataclasses import replace

import torch
from torch import Tensor

from core.errors import UserError
from core.models.network import PARTS, Network

MAX_UNEVENNESS = 0.5  # how far the shares of two copies lie apart; equal ones would be trained alike and remain copies


def widen(network: Network, filters: int) -> Network:
    """The network with a multiple of its filters, each filter copied; descriptors are the same, but for rounding.

    Whatever reads a filter's copies splits its weight among them, unevenly, so that training drives the copies apart
    (Chen, Goodfellow, Shlens, "Net2Net", ICLR 2016, section 2.2). Normalising a region's bilinear matrix, which has
    copies^2 times as many numbers now, makes each of them smaller by `copies`; the last layer makes up for it. The
    shares are random: see `torch.manual_seed`. Raises UserError if `filters` is no multiple of the network's.
    """
    narrow = network.config
    if narrow.groups > 1:
        raise UserError("A network whose filters form groups cannot be widened; widen what was joined.")
    if filters < narrow.filters or filters % narrow.filters:
        raise UserError(f"{narrow.filters} filters can be widened to a multiple of them, not to {filters}.")
    copies = filters // narrow.filters
    wide = Network(replace(narrow, filters=filters))
    state = network.state_dict()
    for name, value in state.items():
        if name.startswith("streams."):
            state[name] = value.repeat_interleave(copies, dim=0) if value.ndim else value  # num_batches_tracked is one
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
    """Each weight along `dim` -> `copies` weights beside each other whose sum it is."""
    weight = weight.unsqueeze(dim + 1)
    shape = list(weight.shape)
    shape[dim + 1] = copies
    uneven = torch.rand(shape).to(weight) * 2 * MAX_UNEVENNESS
    shares = (1 + uneven - uneven.mean(dim + 1, keepdim=True)) / copies
    return (weight * shares).flatten(dim, dim + 1)
