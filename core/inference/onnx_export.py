"""A model for programs without torch: one ONNX file, pictures -> descriptors, checked before it is given away."""

import json
import os
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.errors import UserError
from core.inference.model import Model

OPSET = 18
PILLOW_ONE = 2**22  # Pillow's weights are whole numbers of 2^-22; without that, halves are rounded otherwise
MAX_FILE_BYTES = 2_000_000_000  # bytes of an ONNX file
TOLERANCE = 1e-4  # of each number of a descriptor, against torch
CHECKED_BATCH_SIZES = (1, 2, 7)  # pictures in a batch
CHECKED_SIZES = ((160, 60), (300, 110), (57, 41))  # rows, columns of each of them, with `preprocess`


class Exported(nn.Module):
    """uint8 (B, 3, 160, 60), or (B, H, W, 3) of any size with `preprocess` -> descriptors (B, D) of unit length."""

    def __init__(self, model: Model, preprocess: bool):
        super().__init__()
        self.network, self.flip, self.preprocess = model.network, model.flip, preprocess

    def forward(self, pictures: Tensor) -> Tensor:
        if self.preprocess:
            pictures = shrink(pictures.permute(0, 3, 1, 2))
        embedding = self.network.embedding(pictures)
        if self.flip:
            embedding = (embedding + self.network.embedding(pictures.flip(3))) / 2
        return F.normalize(embedding, dim=1)


def shrink(pictures: Tensor) -> Tensor:
    """uint8 (B, 3, H, W) -> float (B, 3, 160, 60): `core.data.images.resize` number by number, as two matrix products.

    Pillow's way: columns, rounded, then rows, rounded; each number a mean of its neighbours weighted by a triangle.
    ONNX's own Resize weighs the edges otherwise and does not round.
    """
    across, down = triangles(pictures.shape[3], IMAGE_COLUMNS), triangles(pictures.shape[2], IMAGE_ROWS)
    narrow = torch.floor(pictures.double() @ across.T + 0.5)
    return torch.floor(down @ narrow + 0.5).float()


def triangles(size: int, target: int) -> Tensor:
    """float64 (target, size): the weights by which `size` numbers become `target`; each row sums to 1."""
    one = torch.ones(1, dtype=torch.float64)  # arrays of it stay float64 in an export, single numbers do not
    step = torch.as_tensor(size) * one / (target * one)  # a tensor, so that an export computes it for each picture
    places, centres = torch.arange(size) + 0.5 * one, (torch.arange(target) + 0.5 * one) * step
    weights = F.relu(1 - (places - centres[:, None]).abs() / torch.maximum(step, one))
    weights = weights / weights.sum(1, keepdim=True)
    return torch.floor(weights * PILLOW_ONE + 0.5) / PILLOW_ONE


def export_onnx(model: Model, file: str | os.PathLike, preprocess: bool = False, about: dict | None = None) -> float:
    """Write a model as ONNX with a free batch size; returns the largest difference to torch that was found.

    The graph takes `pictures`, RGB: uint8 (B, 3, 160, 60) as `core.data.images.resize` gives them, or with `preprocess`
    uint8 (B, H, W, 3) of any size, and gives `descriptors` (B, D). Colour order, mean and scale are always inside;
    decoding a file and turning it upright are not. `about` goes into the file's metadata. Raises UserError if onnx or
    onnxruntime is not installed, or if onnxruntime disagrees with torch by more than 1e-4.
    """
    onnx, _ = _libraries()
    file = Path(file)
    if not file.parent.is_dir():
        raise UserError(f"There is no folder {file.parent} to write {file.name} to.")
    if model.device != "cpu":
        raise UserError(f"Load the model on the cpu to export it, not on {model.device}.")
    if (size := 4 * sum(value.numel() for value in model.network.parameters())) > MAX_FILE_BYTES:
        raise UserError(f"The weights take {size / 1e9:.1f} GB, and an ONNX file holds at most 2.")
    network = Exported(model, preprocess).eval()
    rows, columns = (224, 96) if preprocess else (IMAGE_ROWS, IMAGE_COLUMNS)
    example = torch.zeros((2, rows, columns, 3) if preprocess else (2, 3, rows, columns), dtype=torch.uint8)
    axes = {0: "batch"} | ({1: "rows", 2: "columns"} if preprocess else {})
    temporary = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # tracing warns of checks of shapes, which the graph need not repeat
            # the exporter by tracing: the other one takes a minute for this network, and one library more
            torch.onnx.export(
                network,
                (example,),
                temporary,
                dynamo=False,
                opset_version=OPSET,
                input_names=["pictures"],
                output_names=["descriptors"],
                dynamic_axes={"pictures": axes, "descriptors": {0: "batch"}},
            )
        graph = onnx.load(temporary)
        onnx.helper.set_model_props(graph, metadata(model, preprocess) | (about or {}))
        onnx.save(graph, temporary)
        difference = largest_difference(model, temporary, preprocess)
        if not difference <= TOLERANCE:
            raise UserError(
                f"The exported graph differs from torch by {difference:.1g}, more than {TOLERANCE:g}: "
                "it was not written; export it with other versions of torch and onnx."
            )
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def metadata(model: Model, preprocess: bool) -> dict[str, str]:
    """What the file says of itself: names -> text."""
    config = model.network.config
    size = "uint8 (B, H, W, 3) of any size" if preprocess else f"uint8 (B, 3, {IMAGE_ROWS}, {IMAGE_COLUMNS})"
    how = "resized by the graph" if preprocess else "resized by Pillow's bilinear filter"
    return {
        "architecture": config.architecture,
        "descriptor": str(config.descriptor),
        "flip": "with the mirror image" if model.flip else "no",
        "input": f"pictures, {size}, RGB, upright, cut to one person, {how}",
        "output": f"descriptors, float32 (B, {config.descriptor}), unit length: a score is their dot product",
        "inside the graph": f"{'BGR, ' if config.bgr else ''}(value - {config.mean:g}) * {config.scale:g}",
        "data": json.dumps(model.checkpoint.data),
    }


def largest_difference(model: Model, file: Path, preprocess: bool) -> float:
    """Of any number of any descriptor between onnxruntime and torch, on random pictures in batches of 1, 2 and 7."""
    _, onnxruntime = _libraries()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    random, worst = np.random.default_rng(0), 0.0
    sizes = CHECKED_SIZES if preprocess else [(IMAGE_ROWS, IMAGE_COLUMNS)] * len(CHECKED_BATCH_SIZES)
    for count, (rows, columns) in zip(CHECKED_BATCH_SIZES, sizes, strict=True):
        pictures = random.integers(0, 256, (count, rows, columns, 3), dtype=np.uint8)
        given = pictures if preprocess else np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))
        found = session.run(["descriptors"], {"pictures": given})[0]
        worst = max(worst, float(np.abs(found - model.describe(pictures)).max()))
    return worst


def _libraries():
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise UserError(
            f"Exporting needs {error.name}, which is not installed: `pip install onnx onnxruntime` brings it."
        ) from None
    return onnx, onnxruntime
