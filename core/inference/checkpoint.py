"""Checkpoints: a folder that explains itself.

`weights.safetensors` holds the numbers, `config.json` the network with its pre-processing, the training and the data
it was trained on, `provenance.json` the identities it has seen, `metrics.json` what it reached, `card.md` the same for
people. No pickle is read or written.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.config import NetworkConfig, TrainingConfig, from_json, to_json
from core.errors import UserError
from core.folders import list_numbered
from core.inference.provenance import Provenance, read_provenance, write_provenance
from core.json_file import read_json, write_json
from core.models.int8 import dequantise, quantise
from core.models.network import Network

WEIGHTS, CONFIG, METRICS, CARD = "weights.safetensors", "config.json", "metrics.json", "card.md"
HOW_TO_GET_ONE = "shipped ones lie in the repository, below checkpoints, and `python -m core train DATA` makes one"


@dataclass(frozen=True)
class Checkpoint:
    """A network with what is known of it. `training` is None and `data` empty for a network that was never trained.

    `provenance` is None if there is no record of the identities that it was trained on.
    """

    network: Network
    training: TrainingConfig | None = None
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance | None = None

    @property
    def training_pictures(self) -> int:
        """How many images it and its ancestors were trained on, repeats counted; without a record, its own at least."""
        if self.provenance and self.provenance.records:
            return self.provenance.samples
        if self.training:
            return self.metrics.get("step", 0) * self.training.pictures_per_step
        return sum(each.get("training_pictures", 0) for each in self.data.get("joined", []))


def save_checkpoint(checkpoint: Checkpoint, folder: Path, half: bool = False, bytewise: bool = False) -> None:
    """Write weights, configuration and metrics.

    For shipping, `half` stores weights as float16, half the size; with `bytewise` the last layer in a byte a weight, a
    quarter of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = checkpoint.network.state_dict()
    if half:
        tensors = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    if bytewise:
        tensors |= quantise(checkpoint.network.linear.weight.detach())
    save_file({name: value.contiguous() for name, value in tensors.items()}, folder / WEIGHTS)
    config = {"network": to_json(checkpoint.network.config), "data": checkpoint.data}
    if checkpoint.training:
        config["training"] = to_json(checkpoint.training)
    write_json(folder / CONFIG, config)
    write_json(folder / METRICS, checkpoint.metrics)
    if checkpoint.provenance:
        write_provenance(checkpoint.provenance, folder)


def load_checkpoint(folder: str | os.PathLike) -> Checkpoint:
    """Read a checkpoint folder, or a run folder's best checkpoint. Raises UserError if it is missing or damaged."""
    folder = find_checkpoint(Path(folder))
    config = read_json(folder / CONFIG)
    if not isinstance(config, dict) or "network" not in config:
        raise UserError(f'{folder / CONFIG} should be a JSON object with a "network" entry.')
    if unknown := sorted(set(config) - {"network", "training", "data"}):
        raise UserError(f"{folder / CONFIG} has an unknown key {unknown[0]!r}; known keys are network, training, data.")
    network = Network(from_json(NetworkConfig, config["network"], str(folder / CONFIG)))
    _fill(network, folder / WEIGHTS)
    training = from_json(TrainingConfig, config["training"], str(folder / CONFIG)) if "training" in config else None
    metrics = read_json(folder / METRICS) if (folder / METRICS).exists() else {}
    return Checkpoint(network.eval(), training, config.get("data", {}), metrics, read_provenance(folder))


def find_checkpoint(folder: Path) -> Path:
    """A checkpoint folder itself, or the best one of a run folder (its newest if none was validated yet)."""
    if (folder / CONFIG).exists() and (folder / WEIGHTS).exists():
        return folder
    if steps := list_numbered(folder / "checkpoints"):
        status = read_json(folder / "status.json") if (folder / "status.json").exists() else {}
        best = folder / "checkpoints" / str(status.get("best_checkpoint", ""))
        return best if (best / CONFIG).exists() else steps[-1]
    missing = next((name for name in (CONFIG, WEIGHTS) if not (folder / name).exists()), CONFIG)
    raise UserError(f"There is no checkpoint at {folder} ({missing} is missing); {HOW_TO_GET_ONE}.")


def fingerprint(folder: Path) -> str:
    """A name for what a checkpoint computes: a hash of its weights and its configuration."""
    folder = find_checkpoint(folder)
    digest = hashlib.blake2b(digest_size=16)
    for name in (WEIGHTS, CONFIG):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _fill(network: Network, path: Path) -> None:
    try:
        tensors = dequantise(load_file(path))
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path} is damaged or cut off ({error}); {HOW_TO_GET_ONE}.") from None
    expected = network.state_dict()
    if wrong := sorted(expected.keys() ^ tensors.keys()):
        raise UserError(f"{path} does not fit its {CONFIG}: {wrong[0]} is in one and not in the other.")
    for name, value in tensors.items():
        if value.shape != expected[name].shape:
            raise UserError(
                f"{path} does not fit its {CONFIG}: {name} is {tuple(value.shape)} "
                f"instead of {tuple(expected[name].shape)}."
            )
    with torch.no_grad():
        network.load_state_dict({name: value.to(expected[name].dtype) for name, value in tensors.items()})
