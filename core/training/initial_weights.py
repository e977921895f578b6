"""The network that a run begins with: fresh weights, or those of another checkpoint."""

from dataclasses import replace
from pathlib import Path

import torch

from core.config import NetworkConfig
from core.errors import UserError
from core.inference.checkpoint import find_checkpoint, load_checkpoint
from core.inference.provenance import Provenance, read_provenance
from core.models.net2net import widen
from core.models.network import Network


def build_fresh_network(config: NetworkConfig, seed: int) -> Network:
    """The network that a run begins with."""
    torch.manual_seed(seed)
    return Network(config)


def load_initial_weights(network: Network, init: Path) -> None:
    """Take the weights of a checkpoint of the same network, or of one with a part of the filters (core.models.net2net).

    Raises UserError for another architecture or size.
    """
    other = load_checkpoint(init).network
    if network.config.filters > other.config.filters and network.config.filters % other.config.filters == 0:
        other = widen(other, network.config.filters)
    if replace(other.config, dropout=0) != replace(network.config, dropout=0):
        raise UserError(
            f"{init} holds another network ({other.config.architecture}, {other.config.filters} filters, "
            f"regions of {other.config.region_size}) than the one to be trained "
            f"({network.config.architecture}, {network.config.filters} filters, "
            f"regions of {network.config.region_size}): use the same architecture and preset, and as many "
            "filters, or a multiple of them, in one group."
        )
    network.load_state_dict(other.state_dict())


def provenance_of(init: Path) -> Provenance:
    """The provenance of a checkpoint to start from; one without a record is named as unknown."""
    return read_provenance(find_checkpoint(init)) or Provenance(unknown=(init.resolve().name,))
