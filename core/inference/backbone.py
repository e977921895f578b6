"""Backbone weights: a folder with the pretrained weights of the backbone of `mobile_bcnn`, to start a training from.

    backbone.safetensors   the weights of core.models.mobilenet.Backbone
    backbone.json          {"name": "mobilenetv2", "source": the name of the converted file}

Only `convert_backbone` reads a file of torch, once and with `weights_only`. The file then cannot run code.
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.atomic_files import replace_file
from core.config import BACKBONE_FILE
from core.errors import UserError
from core.inference.checkpoint import CONFIG, find_checkpoint
from core.json_file import read_json, write_json
from core.models.mobilenet import Backbone

BACKBONES = ("mobilenetv2",)
WEIGHTS = "backbone.safetensors"


def convert_backbone(file: Path, folder: Path, name: str = BACKBONES[0]) -> int:
    """Convert the released weights of a network to backbone weights.

    Args:
        file: The file of torch, with a dictionary of tensors whose names are those of `Backbone`. Layers that the
            backbone does not have are ignored.
        folder: The folder to write to; it is created if it is missing.
        name: The name of the network.

    Returns:
        The number of weights.

    Raises:
        UserError: If the file cannot be read, or if weights of the backbone are missing or have another shape.
    """
    backbone = Backbone()
    load_tensors(backbone, _read_torch(file), file)
    folder.mkdir(parents=True, exist_ok=True)
    with replace_file(folder / WEIGHTS) as temporary:
        save_file({key: value.contiguous() for key, value in backbone.state_dict().items()}, temporary)
    write_json(folder / BACKBONE_FILE, {"name": name, "source": file.name})
    return sum(value.numel() for value in backbone.parameters())


def is_backbone(folder: Path) -> bool:
    """Return whether a folder holds backbone weights."""
    return (folder / BACKBONE_FILE).exists()


def backbone_of(folder: Path) -> dict[str, str]:
    """Return the entry of a checkpoint's `data` that names the backbone weights that a training starts from.

    Args:
        folder: A folder of backbone weights, or a checkpoint.
    """
    if is_backbone(folder):
        return {"backbone": read_json(folder / BACKBONE_FILE)["name"]}
    try:
        data = read_json(find_checkpoint(folder) / CONFIG).get("data", {})
    except UserError:  # a run that is resumed does not need the folder
        return {}
    return {"backbone": data["backbone"]} if "backbone" in data else {}


def load_backbone(backbone: Backbone, folder: Path) -> None:
    """Load backbone weights.

    Raises:
        UserError: If the file is damaged or does not fit the backbone.
    """
    file = folder / WEIGHTS
    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{file} is damaged or missing ({error}); convert the backbone weights again.") from None
    load_tensors(backbone, tensors, file)


def load_tensors(backbone: Backbone, tensors: dict[str, Tensor], file: Path) -> None:
    """Copy the tensors of a backbone from a dictionary; other tensors are ignored.

    Raises:
        UserError: If a tensor is missing, has another shape, or cannot be a value of a trained network.
    """
    expected = backbone.state_dict()
    for key, value in expected.items():
        if key not in tensors:
            raise UserError(f"{file} has no weights {key}, so it is not a MobileNetV2 with these names of layers.")
        found = tensors[key]
        if found.shape != value.shape:
            raise UserError(f"{file}: {key} has the shape {tuple(found.shape)}; expected {tuple(value.shape)}.")
        if not found.isfinite().all() or (key.endswith("running_var") and found.min() < 0):
            raise UserError(f"{file}: {key} has values that are not finite, or negative variances.")
    backbone.load_state_dict({key: tensors[key] for key in expected})


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
