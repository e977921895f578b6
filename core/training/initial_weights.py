"""The initial weights of a run: random, those of another checkpoint, or for the backbone those of ImageNet."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core.config import MOBILE, NetworkConfig
from core.errors import UserError
from core.inference.backbone import is_backbone, load_backbone
from core.inference.checkpoint import find_checkpoint, load_checkpoint
from core.inference.provenance import Provenance, read_provenance
from core.models.mobilenet import Backbone
from core.models.net2net import widen
from core.models.network import Network

FREE: dict[str, Any] = {"dropout": 0.0, "frozen_layers": 0}  # fields that do not change the weights


def build_fresh_network(config: NetworkConfig, seed: int) -> Network:
    """Build a network with random weights that depend only on the seed."""
    torch.manual_seed(seed)
    return Network(config)


def load_initial_weights(network: Network, init: Path) -> None:
    """Load the weights of a checkpoint to fine-tune from.

    A checkpoint whose number of filters divides the network's is widened (core.models.net2net). Of a network with a
    backbone, only the backbone can be loaded (core.inference.backbone).

    Raises:
        UserError: The checkpoint's network has another architecture or size.
    """
    if is_backbone(init):
        if not isinstance(network.backbone, Backbone):
            raise UserError(f"{init} has backbone weights; use them with --architecture {MOBILE}.")
        load_backbone(network.backbone, init)
        return
    other = load_checkpoint(init).network
    if network.config.filters > other.config.filters and network.config.filters % other.config.filters == 0:
        other = widen(other, network.config.filters)
    if replace(other.config, **FREE) != replace(network.config, **FREE):
        raise UserError(
            f"{init} is a different network ({other.config.architecture}, {other.config.filters} filters, "
            f"region size {other.config.region_size}) from the one to train "
            f"({network.config.architecture}, {network.config.filters} filters, "
            f"region size {network.config.region_size}). Use the same architecture and preset, and the same number "
            "of filters or a multiple of it, in one group."
        )
    network.load_state_dict(other.state_dict())


def check_initial_weights(config: NetworkConfig, init: Path | None) -> None:
    """Check that a training can start from some weights.

    Args:
        config: The network to train.
        init: A checkpoint, a folder of backbone weights, or None for random weights.

    Raises:
        UserError: There are no weights, or the network has a backbone that released weights fit, and none are given.
    """
    if init is None:
        if config.architecture == MOBILE and config.backbone_width == 1:
            raise UserError(
                f"The architecture {MOBILE} starts from backbone weights. Give their folder with --init. "
                "docs/training.md describes where to get them."
            )
    elif not is_backbone(init):
        find_checkpoint(init)


def provenance_of(init: Path) -> Provenance:
    """Return the provenance of a checkpoint; one without a training record is listed as unknown.

    Backbone weights were not trained on identities of people.
    """
    if is_backbone(init):
        return Provenance()
    return read_provenance(find_checkpoint(init)) or Provenance(unknown=(init.resolve().name,))
