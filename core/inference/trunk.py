"""Trunk weights: a folder with the pretrained weights of the trunk of `mobile_bcnn`, to start a training from.

    weights.safetensors   the weights of core.models.mobilenet.Trunk
    config.json           {"trunk": "mobilenetv2", "source": the name of the converted file}
    provenance.json       no records: the weights were not trained on identities of people

Only `convert_trunk` reads a file of torch, once and with `weights_only`. The file then cannot run code.
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import UserError
from core.inference.checkpoint import CONFIG, WEIGHTS, find_checkpoint
from core.inference.provenance import Provenance, write_provenance
from core.json_file import read_json, write_json
from core.models.mobilenet import Trunk

TRUNKS = ("mobilenetv2",)


def convert_trunk(file: Path, folder: Path, name: str = TRUNKS[0]) -> int:
    """Convert the released weights of a network to trunk weights.

    Args:
        file: The file of torch, with a dictionary of tensors whose names are those of `Trunk`. Layers that the trunk
            does not have are ignored.
        folder: The folder to write to; it is created if it is missing.
        name: The name of the network.

    Returns:
        The number of weights.

    Raises:
        UserError: If the file cannot be read, or if weights of the trunk are missing or have another shape.
    """
    trunk = Trunk()
    load_tensors(trunk, _read_torch(file), file)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous() for key, value in trunk.state_dict().items()}, folder / WEIGHTS)
    write_json(folder / CONFIG, {"trunk": name, "source": file.name})
    write_provenance(Provenance(), folder)
    return sum(value.numel() for value in trunk.parameters())


def is_trunk(folder: Path) -> bool:
    """Return whether a folder holds trunk weights."""
    config = read_json(folder / CONFIG) if (folder / CONFIG).exists() else {}
    return isinstance(config, dict) and config.get("trunk") in TRUNKS


def trunk_of(folder: Path) -> dict[str, str]:
    """Return the entry of a checkpoint's `data` that names the trunk weights that a training starts from.

    Args:
        folder: A folder of trunk weights, or a checkpoint.
    """
    if is_trunk(folder):
        return {"trunk": read_json(folder / CONFIG)["trunk"]}
    try:
        data = read_json(find_checkpoint(folder) / CONFIG).get("data", {})
    except UserError:  # a run that is resumed does not need the folder
        return {}
    return {"trunk": data["trunk"]} if "trunk" in data else {}


def load_trunk(trunk: Trunk, folder: Path) -> None:
    """Load trunk weights.

    Raises:
        UserError: If the file is damaged or does not fit the trunk.
    """
    file = folder / WEIGHTS
    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{file} is damaged or missing ({error}); convert the trunk weights again.") from None
    load_tensors(trunk, tensors, file)


def load_tensors(trunk: Trunk, tensors: dict[str, Tensor], file: Path) -> None:
    """Copy the tensors of a trunk from a dictionary; other tensors are ignored.

    Raises:
        UserError: If a tensor is missing, has another shape, or cannot be a value of a trained network.
    """
    expected = trunk.state_dict()
    for key, value in expected.items():
        if key not in tensors:
            raise UserError(f"{file} has no weights {key}, so it is not a MobileNetV2 with these names of layers.")
        found = tensors[key]
        if found.shape != value.shape:
            raise UserError(f"{file}: {key} has the shape {tuple(found.shape)}; expected {tuple(value.shape)}.")
        if not found.isfinite().all() or (key.endswith("running_var") and found.min() < 0):
            raise UserError(f"{file}: {key} has values that are not finite, or negative variances.")
    trunk.load_state_dict({key: tensors[key] for key in expected})


def _read_torch(file: Path) -> dict[str, Tensor]:
    """Read a file of torch that contains nothing but a dictionary of tensors."""
    try:
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UserError(f"There is no file {file}.") from None
    except Exception as error:  # torch raises many kinds of error on other files
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"{file} is not a file of torch with weights only ({reason}).") from None
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise UserError(f"{file} must contain a dictionary of tensors.")
    return tensors
