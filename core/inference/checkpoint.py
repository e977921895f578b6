"""Checkpoints: folders with weights, configuration and metrics.

    weights.safetensors   the weights
    config.json           configuration of the network with the preparation of images, of the training, and the data
    provenance.json       the identities that the network was trained and validated on
    metrics.json          training time, validation and results
    card.md               the model card

No pickle is read or written.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.atomic_files import replace_file
from core.config import BACKBONE_FILE, MOBILE, NetworkConfig, TrainingConfig
from core.config_values import from_json, to_json
from core.data.git_lfs import refuse_pointers
from core.errors import UserError
from core.folders import list_numbered
from core.inference.provenance import Provenance, read_provenance, write_provenance
from core.json_file import read_json, write_json
from core.models.int8 import dequantise, quantise
from core.models.mobilenet import first_filters
from core.models.network import Network, region_numbers
from core.models.subnormals import without_subnormals

WEIGHTS, CONFIG, METRICS, CARD = "weights.safetensors", "config.json", "metrics.json", "card.md"
HOW_TO_GET_ONE = "use a folder of checkpoints/ in the repository, or train one with `python -m core train DATA`"


@dataclass(frozen=True)
class Checkpoint:
    """A network with its training, data, metrics and provenance.

    `training` is None and `data` is empty for a network that was not trained. `provenance` is None if there is no
    record of the training identities.
    """

    network: Network
    training: TrainingConfig | None = None
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance | None = None

    @property
    def training_images(self) -> int:
        """The number of samples of the network and its ancestors; without a record, of the network only."""
        if self.provenance and self.provenance.records:
            return self.provenance.samples
        if self.training:
            return self.metrics.get("step", 0) * self.training.images_per_step
        members = self.data.get("joined", [])
        return sum(each.get("training_images", each.get("training_pictures", 0)) for each in members)


def save_checkpoint(checkpoint: Checkpoint, folder: Path, half: bool = False, int8: bool = False) -> None:
    """Write weights, configuration, metrics and provenance.

    Args:
        checkpoint: The checkpoint.
        folder: The folder to write to; it is created if it is missing.
        half: Whether to store the weights as float16, which halves the file.
        int8: Whether to store the last layer as int8 weights, which take a quarter of float32.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = checkpoint.network.state_dict()
    if half:
        tensors = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    if int8:
        tensors |= quantise(checkpoint.network.linear.weight.detach())
    with replace_file(folder / WEIGHTS) as temporary:
        save_file({name: value.contiguous() for name, value in tensors.items()}, temporary)
    config = {"network": to_json(checkpoint.network.config), "data": checkpoint.data}
    if checkpoint.training:
        config["training"] = to_json(checkpoint.training)
    write_json(folder / CONFIG, config)
    write_json(folder / METRICS, checkpoint.metrics)
    if checkpoint.provenance:
        write_provenance(checkpoint.provenance, folder)


def load_checkpoint(folder: str | os.PathLike) -> Checkpoint:
    """Read a checkpoint folder, or the best checkpoint of a run folder.

    Raises:
        UserError: If the checkpoint is missing or damaged.
    """
    folder = find_checkpoint(Path(folder))
    network_config, config = read_network_config(folder), read_json(folder / CONFIG)
    if unknown := sorted(set(config) - {"network", "training", "data"}):
        raise UserError(f"{folder / CONFIG} has an unknown key {unknown[0]!r}; known keys are network, training, data.")
    tensors = _read_weights(folder / WEIGHTS)
    _check_sizes(network_config, tensors, folder / WEIGHTS)
    network = Network(network_config)
    _load_weights(network, tensors, folder / WEIGHTS)
    training = from_json(TrainingConfig, config["training"], str(folder / CONFIG)) if "training" in config else None
    metrics = read_json(folder / METRICS) if (folder / METRICS).exists() else {}
    for file, values in ((CONFIG, config.get("data", {})), (METRICS, metrics)):
        if not isinstance(values, dict):
            raise UserError(f"{folder / file} is damaged: it has {str(values)[:50]!r} in place of a JSON object.")
    return Checkpoint(network.eval(), training, config.get("data", {}), metrics, read_provenance(folder))


def read_network_config(folder: Path) -> NetworkConfig:
    """Read the configuration of a checkpoint's network, without its weights.

    Args:
        folder: A checkpoint folder or a run folder.

    Raises:
        UserError: If the checkpoint is missing or damaged, or has no network.
    """
    folder = find_checkpoint(folder)
    config = read_json(folder / CONFIG)
    if is_baseline(folder):
        method = config["baseline"].get("method")
        raise UserError(f"{folder} is a comparison method ({method}), not a network. Use the checkpoint of a network.")
    if not isinstance(config, dict) or "network" not in config:
        raise UserError(f'{folder / CONFIG} must be a JSON object with a "network" entry.')
    return from_json(NetworkConfig, config["network"], str(folder / CONFIG))


def find_checkpoint(folder: Path) -> Path:
    """Find the checkpoint of a folder.

    Args:
        folder: A checkpoint folder or a run folder.

    Returns:
        The checkpoint folder. For a run it is the best checkpoint, or the newest one if none is validated yet.

    Raises:
        UserError: If there is no checkpoint.
    """
    if (folder / CONFIG).exists() and (folder / WEIGHTS).exists():
        return folder
    if steps := list_numbered(folder / "checkpoints"):
        status = _read_status(folder / "status.json")
        best = folder / "checkpoints" / str(status.get("best_checkpoint", ""))
        return best if (best / CONFIG).exists() else steps[-1]
    if (folder / BACKBONE_FILE).exists():
        raise UserError(f"{folder} has backbone weights, not a network. Use it with `train --init`.")
    missing = next((name for name in (CONFIG, WEIGHTS) if not (folder / name).exists()), CONFIG)
    raise UserError(f"There is no checkpoint at {folder} ({missing} is missing); {HOW_TO_GET_ONE}.")


def _read_status(file: Path) -> dict:
    """Return a run's status; {} if it is missing or damaged."""
    try:
        status = read_json(file)
    except UserError:
        return {}
    return status if isinstance(status, dict) else {}


def is_baseline(folder: Path) -> bool:
    """Return whether a checkpoint folder holds a comparison method (core.inference.baseline) in place of a network."""
    config = read_json(folder / CONFIG)
    return isinstance(config, dict) and isinstance(config.get("baseline"), dict)


def descriptor_length(folder: Path) -> int:
    """Return the number of values of the descriptors, without reading the weights."""
    config = read_json(find_checkpoint(folder) / CONFIG)
    return (config.get("baseline") or config["network"])["descriptor"]


def fingerprint(folder: Path) -> str:
    """Compute a hash of a checkpoint's weights and configuration, which identifies what it computes."""
    folder = find_checkpoint(folder)
    digest = hashlib.blake2b(digest_size=16)
    for name in (WEIGHTS, CONFIG):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _read_weights(path: Path) -> dict[str, Tensor]:
    """Read weights from a file. Raises UserError if it is damaged."""
    try:
        return dequantise(load_file(path))
    except Exception as error:  # safetensors and torch raise many kinds of error on damaged files
        refuse_pointers(path, expected="the weights")
        raise UserError(f"{path} is damaged or truncated ({error}); {HOW_TO_GET_ONE}.") from None


def _check_sizes(config: NetworkConfig, tensors: dict[str, Tensor], path: Path) -> None:
    """Raise UserError if the tensors that all sizes follow from do not fit a configuration.

    It is checked before the network is made, because a configuration can claim any size.
    """
    sizes: dict[str, tuple[int, ...]] = {
        "linear.weight": (config.descriptor, config.geometry.regions * region_numbers(config)),
    }
    if config.architecture == MOBILE:
        sizes["backbone.features.0.0.weight"] = (first_filters(config.backbone_width), 3, 3, 3)
        sizes["streams.0.norm.weight"] = (config.filters,)
    else:
        sizes["streams.0.conv1.weight"] = (config.filters, 3, 7, 7)
    for name, expected in sizes.items():
        if name in tensors and tensors[name].shape != expected:
            raise UserError(_misfit(path, name, tuple(tensors[name].shape), expected))
        if name not in tensors:
            raise UserError(f"{path} does not fit its {CONFIG}: {name} is missing.")


def _misfit(path: Path, name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    return f"{path} does not fit its {CONFIG}: {name} has the shape {shape}; expected {expected}."


def _load_weights(network: Network, tensors: dict[str, Tensor], path: Path) -> None:
    """Load weights into a network. Raises UserError if they do not fit it."""
    expected = network.state_dict()
    if wrong := sorted(expected.keys() ^ tensors.keys()):
        raise UserError(f"{path} does not fit its {CONFIG}: {wrong[0]} is in only one of them.")
    for name, value in tensors.items():
        if value.shape != expected[name].shape:
            raise UserError(_misfit(path, name, tuple(value.shape), tuple(expected[name].shape)))
    with torch.no_grad():
        weights = {name: without_subnormals(value.to(expected[name].dtype)) for name, value in tensors.items()}
        network.load_state_dict(weights)
