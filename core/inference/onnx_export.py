"""Export of a model to ONNX, for programs without torch. The exported graph is checked against torch."""

import json
import os
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import IMAGE_COLUMNS, IMAGE_ROWS, MOBILE, NetworkConfig
from core.errors import UserError
from core.inference.model import Model
from core.models.network import STD_FLOOR

OPSET = 18
PILLOW_ONE = 2**22  # Pillow rounds its weights to multiples of 2^-22, which decides how values of x.5 are rounded
MAX_FILE_BYTES = 2_000_000_000  # limit of the ONNX format
TOLERANCE = 1e-4  # largest difference of a number of a descriptor to torch
CHECKED_BATCH_SIZES = (1, 2, 7)
CHECKED_SIZES = ((160, 60), (300, 110), (57, 41))  # rows and columns for each batch size, with `preprocess`


class Exported(nn.Module):
    """Describe images like a Model, as a module that can be exported.

    Args:
        model: The model.
        preprocess: Whether the input is uint8 (B, H, W, 3) of any size instead of uint8 (B, 3, H, W) of the size of
            the network, 160 x 60 or 192 x 96.
    """

    def __init__(self, model: Model, preprocess: bool):
        super().__init__()
        self.network, self.flip, self.preprocess = model.network, model.flip, preprocess

    def forward(self, images: Tensor) -> Tensor:
        """Compute descriptors (B, D) of unit length."""
        if self.preprocess:
            images = shrink(images.permute(0, 3, 1, 2), self.network.config.image_size)
        embedding = self.network.embedding(images)
        if self.flip:
            embedding = (embedding + self.network.embedding(images.flip(3))) / 2
        return F.normalize(embedding, dim=1)


def shrink(images: Tensor, size: tuple[int, int] = (IMAGE_ROWS, IMAGE_COLUMNS)) -> Tensor:
    """Resize images with the same values as `core.data.images.resize`, as two matrix products.

    Pillow first resizes and rounds the columns, then the rows. Each number is a mean of its neighbours with triangular
    weights. ONNX's Resize operator weights the edges differently and does not round.

    Args:
        images: uint8 (B, 3, H, W).
        size: The rows and columns of the result.

    Returns:
        float (B, 3, rows, columns).
    """
    rows, columns = size
    across, down = triangles(images.shape[3], columns), triangles(images.shape[2], rows)
    narrow = torch.floor(images.double() @ across.T + 0.5)
    return torch.floor(down @ narrow + 0.5).float()


def triangles(size: int, target: int) -> Tensor:
    """Compute the weights that resize `size` numbers to `target`: float64 (target, size). Each row sums to 1."""
    one = torch.ones(1, dtype=torch.float64)  # not a scalar: an export keeps float64 for arrays only
    step = torch.as_tensor(size) * one / (target * one)  # a tensor, so that the graph computes it for each image size
    positions, centres = torch.arange(size) + 0.5 * one, (torch.arange(target) + 0.5 * one) * step
    weights = F.relu(1 - (positions - centres[:, None]).abs() / torch.maximum(step, one))
    weights = weights / weights.sum(1, keepdim=True)
    return torch.floor(weights * PILLOW_ONE + 0.5) / PILLOW_ONE


def export_onnx(model: Model, file: str | os.PathLike, preprocess: bool = False, about: dict | None = None) -> float:
    """Export a model to an ONNX file with a variable batch size.

    The input `images` is RGB, uint8 (B, 3, H, W) of the size of the network as from `core.data.images.resize`, or
    uint8 (B, H, W, 3) with `preprocess`. The output `descriptors` is float32 (B, D). The graph includes the order of
    colours, the mean and the scale. It does not decode files or rotate images upright.

    Args:
        model: A model on the CPU.
        file: The file to write.
        preprocess: Whether the graph resizes images of any size.
        about: Additional metadata of the file: names and texts.

    Returns:
        The largest difference of a number of a descriptor between onnxruntime and torch.

    Raises:
        UserError: If onnx or onnxruntime is not installed, the weights exceed the format's limit, or the difference is
            above 1e-4.
    """
    onnx, _ = _libraries()
    file = Path(file)
    if not file.parent.is_dir():
        raise UserError(f"There is no folder {file.parent} to write {file.name} to.")
    if model.device != "cpu":
        raise UserError(f"The model is on {model.device}; load it on the cpu to export it.")
    if (size := 4 * sum(value.numel() for value in model.network.parameters())) > MAX_FILE_BYTES:
        raise UserError(f"The weights take {size / 1e9:.1f} GB; the limit of an ONNX file is 2 GB.")
    network = Exported(model, preprocess).eval()
    rows, columns = (224, 96) if preprocess else model.network.config.image_size
    example = torch.zeros((2, rows, columns, 3) if preprocess else (2, 3, rows, columns), dtype=torch.uint8)
    axes = {0: "batch"} | ({1: "rows", 2: "columns"} if preprocess else {})
    temporary = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # tracing warns that checks of shapes are not part of the graph
            # tracing: the dynamo exporter takes a minute for this network and needs another library
            torch.onnx.export(
                network,
                (example,),
                temporary,
                dynamo=False,
                opset_version=OPSET,
                input_names=["images"],
                output_names=["descriptors"],
                dynamic_axes={"images": axes, "descriptors": {0: "batch"}},
            )
        graph = onnx.load(temporary)
        onnx.helper.set_model_props(graph, metadata(model, preprocess) | (about or {}))
        onnx.save(graph, temporary)
        difference = largest_difference(model, temporary, preprocess)
        if not difference <= TOLERANCE:
            raise UserError(
                f"The exported graph differs from torch by {difference:.1g}, more than {TOLERANCE:g}, "
                "and was not written. Try other versions of torch and onnx."
            )
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def metadata(model: Model, preprocess: bool) -> dict[str, str]:
    """Return the metadata of the file: names and texts."""
    config = model.network.config
    size = "uint8 (B, H, W, 3) of any size" if preprocess else "uint8 (B, 3, {}, {})".format(*config.image_size)
    how = "resized by the graph" if preprocess else "resized by Pillow's bilinear filter"
    return {
        "architecture": config.architecture,
        "descriptor": str(config.descriptor),
        "flip": "with the mirror image" if model.flip else "no",
        "input": f"images, {size}, RGB, upright, cropped to one person, {how}",
        "output": f"descriptors, float32 (B, {config.descriptor}), unit length; the score of two is their dot product",
        "inside the graph": _preparation(config),
        "data": json.dumps(model.checkpoint.data),
    }


def _preparation(config: NetworkConfig) -> str:
    """Return the preparation of pixel values as a formula."""
    if config.architecture == MOBILE:
        return "(value / 255 - mean) / std of ImageNet's channels"
    scaled = f"{'BGR, ' if config.bgr else ''}(value - {config.mean:g}) * {config.scale:g}"
    if config.normalise_images:
        scaled += f", then (value - mean) / (std + {STD_FLOOR:g}) of each channel of each image"
    return scaled


def largest_difference(model: Model, file: Path, preprocess: bool) -> float:
    """Compute the largest difference of a number to torch, on random batches of 1, 2 and 7 images."""
    _, onnxruntime = _libraries()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    random, worst = np.random.default_rng(0), 0.0
    sizes = CHECKED_SIZES if preprocess else [model.network.config.image_size] * len(CHECKED_BATCH_SIZES)
    for count, (rows, columns) in zip(CHECKED_BATCH_SIZES, sizes, strict=True):
        images = random.integers(0, 256, (count, rows, columns, 3), dtype=np.uint8)
        inputs = images if preprocess else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        found = session.run(["descriptors"], {"images": inputs})[0]
        worst = max(worst, float(np.abs(found - model.describe(images)).max()))
    return worst


def _libraries():
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise UserError(
            f"The export needs {error.name}, which is not installed. Install it with `pip install onnx onnxruntime`."
        ) from None
    return onnx, onnxruntime
