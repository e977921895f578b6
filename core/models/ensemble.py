"""An ensemble: several networks side by side as one network, which is searched, explained and saved like any other.

The filters of each member become a group (`NetworkConfig.groups`). The descriptors of the members are concatenated, so
that a score of the ensemble is about the mean of the members' scores. Networks that were trained independently make
different errors, and their mean score ranks better than the score of any one of them.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.network import Network
from core.models.stream import PARTS

IMAGES_PER_BATCH = 128


def combine_networks(networks: Sequence[Network], images: Tensor) -> Network:
    """Combine networks of one configuration into one network.

    The embedding of the ensemble is the concatenation of the members' embeddings, each divided by its mean length on
    the images, so that all members have the same weight. The number of filters and the length of the descriptor are the
    sums of the members'.

    Args:
        networks: The members. They may be ensembles themselves.
        images: Images to measure the mean lengths on, uint8 (N, 3, 160, 60), N at least 1.

    Returns:
        The ensemble, in eval mode.

    Raises:
        UserError: If the configurations differ in more than dropout, are of `cnn`, which has one stream, or of
            `mobile_bcnn`, or have `instance_norm`, which selects filters by their position.
    """
    first = networks[0].config
    for network in networks:
        if (
            replace(network.config, dropout=first.dropout) != first
            or first.architecture not in ("b_cnn", "mr_bcnn")
            or first.instance_norm
        ):
            raise UserError(
                "The members of an ensemble need the same configuration: b_cnn or mr_bcnn, the same number of filters, "
                "descriptor length, region size and preparation of images. instance_norm is not supported."
            )
    count = len(networks)
    wide = Network(
        replace(first, filters=count * first.filters, groups=count * first.groups, descriptor=count * first.descriptor)
    )
    states = [network.state_dict() for network in networks]
    state = {
        name: torch.cat([each[name] for each in states]) if value.ndim else value for name, value in states[0].items()
    }
    state["linear.weight"] = _apart([each["linear.weight"] for each in states], networks[0])
    lengths = torch.cat([_mean_length(network, images).expand(first.descriptor) for network in networks])
    if isinstance(wide.norm, nn.BatchNorm1d):
        names = ["norm.weight", "norm.bias"]
    else:
        names = ["linear.weight", "linear.bias"]
    for name in names:
        state[name] = state[name] / lengths.view(-1, *[1] * (state[name].ndim - 1))
    wide.load_state_dict(state)
    return wide.to(networks[0].linear.weight.device).eval()


def _apart(weights: Sequence[Tensor], network: Network) -> Tensor:
    """Combine last layers (D, P R K) to (G D, P R G K): each member reads the region vectors of its group only."""
    count, size = len(weights), network.config.descriptor
    wide = weights[0].new_zeros(count, size, PARTS * network.regions, count, network.region_numbers)
    for group, weight in enumerate(weights):
        wide[group, :, :, group] = weight.unflatten(1, (PARTS * network.regions, -1))
    return wide.flatten(2).flatten(0, 1)


def _mean_length(network: Network, images: Tensor) -> Tensor:
    """Return the mean length of the embeddings of images, a scalar."""
    training = network.training
    network.eval()
    with torch.inference_mode():
        lengths = [network.embedding(batch).norm(dim=1) for batch in images.split(IMAGES_PER_BATCH)]
    network.train(training)
    return torch.cat(lengths).mean().clone()
