"""Networks of one kind joined into one: an ensemble that is searched, explained and shipped as a single network.

Each network's filters become a group (`NetworkConfig.groups`), and descriptors stand end to end. Networks that were
trained apart err apart, so that their scores, averaged, find more than any of them alone.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.models.network import PARTS, Network

IMAGES_PER_BATCH = 128  # images at a time


def join_networks(networks: Sequence[Network], images: Tensor) -> Network:
    """Networks of one kind and uint8 (N, 3, 160, 60), N at least 1 -> the network that describes as all of them do.

    Its embedding is theirs end to end, each divided by its usual length on the images, so that all count alike. Its
    filters and its descriptor have as many numbers as theirs together.
    Raises UserError if they differ in more than dropout, have a single stream, or normalise maps by their place
    (`instance_norm`).
    """
    first = networks[0].config
    for network in networks:
        if (
            replace(network.config, dropout=first.dropout) != first
            or first.architecture == "cnn"
            or first.instance_norm
        ):
            raise UserError(
                "Only networks of one kind can be joined: the same architecture of two streams, as many "
                "filters, numbers and places a region, one way to prepare images, and no "
                "instance_norm."
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
    lengths = torch.cat([_usual_length(network, images).expand(first.descriptor) for network in networks])
    if isinstance(wide.norm, nn.BatchNorm1d):
        names = ["norm.weight", "norm.bias"]
    else:
        names = ["linear.weight", "linear.bias"]
    for name in names:
        state[name] = state[name] / lengths.view(-1, *[1] * (state[name].ndim - 1))
    wide.load_state_dict(state)
    return wide.to(networks[0].linear.weight.device).eval()


def _apart(weights: Sequence[Tensor], network: Network) -> Tensor:
    """Last layers (D, P R K) -> (G D, P R G K): each reads its own group's numbers of every region, and no other's."""
    count, size = len(weights), network.config.descriptor
    wide = weights[0].new_zeros(count, size, PARTS * network.regions, count, network.region_numbers)
    for group, weight in enumerate(weights):
        wide[group, :, :, group] = weight.unflatten(1, (PARTS * network.regions, -1))
    return wide.flatten(2).flatten(0, 1)


def _usual_length(network: Network, images: Tensor) -> Tensor:
    training = network.training
    network.eval()
    with torch.inference_mode():
        lengths = [network.embedding(batch).norm(dim=1) for batch in images.split(IMAGES_PER_BATCH)]
    network.train(training)
    return torch.cat(lengths).mean().clone()
