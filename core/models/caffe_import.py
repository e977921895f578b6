"""Import of the authors' weights: the network of a `.caffemodel` file."""

import math
import os
from pathlib import Path

import numpy as np
import torch
from numpy import ndarray

from core.config import MAP_SIZE, PART_ROWS, NetworkConfig
from core.errors import UserError
from core.models.caffe_file import read_layers
from core.models.network import Network

# The authors' names of the layers that have weights. Streams and parts are numbered from 1. The parts share the weights
# of conv1, but each part has a layer of its own, so that the file repeats the weights. A CNN has the first stream only.
#   MR B-CNN: madkn/MultiregionBilinearCNN-ReId, market_experiment/protos/train_val.prototxt
#   CNN: madkn/HistogramLoss, models/cuhk03/train_val.prototxt
# A network encoded with all entries of the first file has exactly the size of the released file.
CONV1, CONV2, LINEAR = "conv1_{stream}_{part}", "conv2_{stream}_{part}", "ip1_reid"
PARTS = len(PART_ROWS)
REGION_SIZES = (15, 5, 3, 1)


def read_caffemodel(path: str | os.PathLike) -> Network:
    """Read the authors' network from a .caffemodel file.

    The architecture follows from the blobs: `cnn` has no second stream, `b_cnn` has one region for each part, and
    everything else is `mr_bcnn`. The number of filters, the region size and D follow from the shapes of the blobs.

    Args:
        path: The .caffemodel file.

    Returns:
        The network in eval mode. It prepares images as the authors do: channels in the order blue, green, red, and
        pixel values multiplied by 1/256.

    Raises:
        UserError: If the file is missing, truncated or of another kind, or if a layer is missing or has another shape.
    """
    try:
        return _network(read_layers(Path(path)))
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _network(layers: dict[str, list[ndarray]]) -> Network:
    """Build the network from the blobs of each layer."""
    config = _configuration(layers)
    with torch.device("meta"):  # shapes only, because the file replaces all weights
        network = Network(config)
    arrays: dict[str, ndarray] = {}
    for stream in range(len(network.streams)):
        first = CONV1.format(stream=stream + 1, part=1)
        for part in range(PARTS):
            conv1, conv2 = (name.format(stream=stream + 1, part=part + 1) for name in (CONV1, CONV2))
            arrays |= _arrays(layers, conv1, f"streams.{stream}.conv1", (config.filters, 3, 7, 7))
            arrays |= _arrays(layers, conv2, f"streams.{stream}.conv2.{part}", (config.filters, config.filters, 5, 5))
            if not all(map(np.array_equal, layers[first], layers[conv1])):
                raise UserError(
                    f"{first} and {conv1} must be equal, because the parts share this layer, but they differ."
                )
    inputs = (PARTS, network.region_numbers, network.regions)  # Caffe flattens (channels, rows, columns),
    arrays |= _arrays(layers, LINEAR, "linear", (config.descriptor, math.prod(inputs)))
    # this network (parts, regions, numbers of a region)
    arrays["linear.weight"] = arrays["linear.weight"].reshape(-1, *inputs).transpose(0, 1, 3, 2)
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    network.load_state_dict({name: _tensor(value, shapes[name]) for name, value in arrays.items()}, assign=True)
    return network.eval()


def _configuration(layers: dict[str, list[ndarray]]) -> NetworkConfig:
    """Derive the configuration from the shapes of the blobs; the preparation of images is the authors'."""
    filters = _sizes(layers, CONV1.format(stream=1, part=1), 4)[0]
    descriptor, inputs = _sizes(layers, LINEAR, 2)
    second_stream = {name.format(stream=2, part=part + 1) for name in (CONV1, CONV2) for part in range(PARTS)}
    if second_stream & layers.keys():
        choices = {PARTS * filters**2 * (MAP_SIZE // size) ** 2: size for size in REGION_SIZES}
        architecture = "b_cnn" if choices.get(inputs) == MAP_SIZE else "mr_bcnn"
    else:
        choices = {PARTS * filters * MAP_SIZE**2: NetworkConfig().region_size}
        architecture = "cnn"
    if inputs not in choices:
        raise UserError(
            f"{LINEAR} has {inputs:,} inputs; expected {' or '.join(f'{number:,}' for number in choices)} "
            f"for the architecture {architecture} with {filters} filters."
        )
    return NetworkConfig(
        architecture,
        filters,
        choices[inputs],
        descriptor,
        dropout=0.5,
        batch_norm=False,
        normalise_regions=False,
        bgr=True,
        mean=0.0,
        scale=1 / 256,
    )


def _arrays(layers: dict[str, list[ndarray]], layer: str, name: str, shape: tuple[int, ...]) -> dict[str, ndarray]:
    """Return the weight (outputs, ...) and bias (outputs,) of a layer under the names that the Network uses."""
    _sizes(layers, layer, 1)
    for blob, expected in zip(layers[layer], (shape, shape[:1]), strict=True):
        # in older files every blob has four dimensions
        if blob.shape not in (expected, (1,) * (4 - len(expected)) + expected):
            raise UserError(f"{layer} has an array of shape {blob.shape}; expected {expected}.")
    return dict(zip((f"{name}.weight", f"{name}.bias"), layers[layer], strict=True))


def _sizes(layers: dict[str, list[ndarray]], layer: str, count: int) -> tuple[int, ...]:
    """Return the last `count` dimensions of a layer's weight. Raises UserError if the layer has no such weight."""
    if layer not in layers:
        found = ", ".join([*layers][:10]) or "none"
        raise UserError(
            f"the layer {layer} is missing; the first layers with weights are: {found}. This is not the authors' "
            "network, or the file is truncated."
        )
    shapes = [blob.shape for blob in layers[layer]]
    if len(shapes) != 2 or len(shapes[0]) < count:
        raise UserError(f"{layer} has arrays of shapes {shapes}; expected a weight of {count} dimensions and a bias.")
    return shapes[0][-count:]


def _tensor(array: ndarray, shape: torch.Size) -> torch.Tensor:
    """Copy an array to a tensor, because the memory-mapped file is read-only."""
    return torch.from_numpy(np.array(array, np.float32, order="C").reshape(shape))
