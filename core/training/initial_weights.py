"""The initial weights of a run: random, those of another checkpoint, or for the backbone those of ImageNet."""

from dataclasses import fields, replace
from pathlib import Path

import torch

from core.config import MOBILE, NetworkConfig
from core.errors import UserError
from core.inference.backbone import is_backbone, load_backbone
from core.inference.checkpoint import find_checkpoint, load_checkpoint, read_network_config
from core.inference.provenance import Provenance, read_provenance
from core.models.mobilenet import Backbone
from core.models.net2net import check_widening, widen
from core.models.network import Network

FREE = ("dropout", "frozen_layers")  # fields of NetworkConfig that do not change the weights


def build_fresh_network(config: NetworkConfig, seed: int) -> Network:
    """Build a network with random weights that depend only on the seed."""
    torch.manual_seed(seed)
    return Network(config)


def architecture_of(init: Path) -> str:
    """Return the architecture of the network that a training from these weights has.

    Raises:
        UserError: There is no checkpoint, or it has no network.
    """
    return MOBILE if is_backbone(init) else read_network_config(init).architecture


def network_to_fine_tune(preset: NetworkConfig, init: Path | None) -> NetworkConfig:
    """Return the network of the checkpoint that a training starts from.

    Args:
        preset: The network of the preset. Its dropout and its number of frozen layers are kept.
        init: A checkpoint. For backbone weights, and for None (random weights), the network is the preset's.

    Raises:
        UserError: There is no checkpoint, or it has no network, or one of another architecture.
    """
    if init is None or is_backbone(init):
        return preset
    own = read_network_config(init)
    _check_architecture(preset, own, init)
    return replace(own, **{name: getattr(preset, name) for name in FREE})


def load_initial_weights(network: Network, init: Path) -> None:
    """Load the weights of a checkpoint to fine-tune from.

    A checkpoint whose number of filters divides the network's is widened (core.models.net2net). Of a network with a
    backbone, only the backbone can be loaded (core.inference.backbone).

    Raises:
        UserError: The checkpoint's network has another architecture or size.
    """
    check_initial_weights(network.config, init)
    if is_backbone(init):
        assert isinstance(network.backbone, Backbone)
        load_backbone(network.backbone, init)
        return
    other = load_checkpoint(init).network
    if other.config.filters != network.config.filters:
        other = widen(other, network.config.filters)
    network.load_state_dict(other.state_dict())


def check_initial_weights(config: NetworkConfig, init: Path | None) -> None:
    """Check that a training can start from some weights.

    Args:
        config: The network to train.
        init: A checkpoint, a folder of backbone weights, or None for random weights.

    Raises:
        UserError: There are no weights, or the network has a backbone that released weights fit, and none are given,
            or the weights are those of another network.
    """
    if init is None:
        if config.architecture == MOBILE and config.backbone_width == 1:
            raise UserError(
                f"The architecture {MOBILE} starts from backbone weights. Give their folder with --init. "
                "docs/training.md describes where to get them."
            )
    elif is_backbone(init):
        if config.architecture != MOBILE:
            raise UserError(f"{init} has backbone weights; use them with --architecture {MOBILE}.")
    else:
        _check_same_network(config, init)


def _check_same_network(config: NetworkConfig, init: Path) -> None:
    own = read_network_config(init)
    _check_architecture(config, own, init)
    if config.filters != own.filters:
        check_widening(own, config.filters)
    different = [
        field.name
        for field in fields(config)
        if field.name not in (*FREE, "filters") and getattr(config, field.name) != getattr(own, field.name)
    ]
    if different:
        names = ", ".join(f"{name} {getattr(own, name)} instead of {getattr(config, name)}" for name in different)
        raise UserError(f"{init} is a different network from the one to train. It has {names}.")


def _check_architecture(config: NetworkConfig, own: NetworkConfig, init: Path) -> None:
    if config.architecture != own.architecture:
        raise UserError(
            f"{init} is a network of the architecture {own.architecture}. It cannot be the start of a network of the "
            f"architecture {config.architecture}."
        )


def provenance_of(init: Path) -> Provenance:
    """Return the provenance of a checkpoint; one without a training record is listed as unknown.

    Backbone weights were not trained on identities of people.
    """
    if is_backbone(init):
        return Provenance()
    return read_provenance(find_checkpoint(init)) or Provenance(unknown=(init.resolve().name,))
