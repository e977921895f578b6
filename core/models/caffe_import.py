"""Import of the authors' weights: read a `.caffemodel` file without Caffe and protobuf.

The file is one protobuf message, NetParameter of Caffe's caffe.proto. This module reads the names of the layers and
their blobs (Caffe's term for arrays of numbers), and skips everything else. The first half of the module builds the
network, the second half parses the file format.
"""

import itertools
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy import ndarray

from core.config import MAP_SIZE, PART_ROWS, NetworkConfig
from core.errors import UserError
from core.models.network import Network

# The authors' names of the layers that have weights. Streams and parts are numbered from 1. The parts share the weights
# of conv1, but each part has a layer of its own, so that the file repeats the weights. A CNN has the first stream only.
#   MR B-CNN: madkn/MultiregionBilinearCNN-ReId, market_experiment/protos/train_val.prototxt
#   CNN: madkn/HistogramLoss, models/cuhk03/train_val.prototxt
# A network encoded with all entries of the first file has exactly the size of the released file.
CONV1, CONV2, LINEAR = "conv1_{stream}_{part}", "conv2_{stream}_{part}", "ip1_reid"
PARTS = len(PART_ROWS)
REGION_SIZES = (15, 5, 3, 1)

# field numbers of caffe.proto
LAYER_FIELDS = {100: (1, 7), 2: (4, 6)}  # NetParameter.layer and the older .layers -> fields of the name, of the blobs
FLOATS, DOUBLES, SHAPE, OLD_SHAPE = 5, 8, 7, (1, 2, 3, 4)  # of BlobProto
# protobuf's wire types
VARINT, DELIMITED, FIXED = 0, 2, {1: 8, 5: 4}  # FIXED: type -> bytes

EXPECTED = "expected a binary file such as the authors' train_iter_150000.caffemodel of 223,877,236 bytes"


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
        return _network(_layers(_mapped(Path(path))))
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


def _mapped(path: Path) -> memoryview:
    """Return the bytes of a file, memory-mapped, so that 224 MB are not in memory twice."""
    try:
        data = np.memmap(path, mode="r").data
    except (OSError, ValueError) as error:  # ValueError: the file is empty
        raise UserError(f"cannot be read ({getattr(error, 'strerror', None) or error}); {EXPECTED}.") from None
    if bytes(data[:23]) == b"version https://git-lfs":
        size = str(data[:1000], "utf-8", "replace").partition("size ")[2].strip()
        raise UserError(
            f"this is a Git LFS pointer of {len(data)} bytes, not the weights; download the file of "
            f"{size} bytes with `git lfs pull`."
        )
    return data


def _layers(net: memoryview) -> dict[str, list[ndarray]]:
    """Return the blobs of each layer that has any, from a NetParameter message."""
    layers: dict[str, list[ndarray]] = {}
    last = None
    try:
        for number, layer in _fields(net):
            if number in LAYER_FIELDS:
                name_field, blob_field = LAYER_FIELDS[number]
                fields = list(_fields(layer))
                value_of_name: Any = dict(fields).get(name_field)  # None if the file is damaged: str raises TypeError
                name = str(value_of_name, "utf-8")
                if blobs := [_blob(value) for field, value in fields if field == blob_field]:
                    layers[name] = blobs
                last = name
    except (ValueError, TypeError, OverflowError) as error:  # TypeError: an integer or nothing in place of bytes
        if last is not None:
            raise UserError(
                f"the file is truncated or damaged after the layer {last} ({error}); download it again."
            ) from None
    if last is None:
        raise UserError(f"this is not a .caffemodel file, it starts with {bytes(net[:24])!r}; {EXPECTED}.")
    return layers


def _blob(message: memoryview) -> ndarray:
    """Return the numbers of a BlobProto message in their shape."""
    numbers: dict[int, memoryview | bytearray] = {}
    shape, old_shape = None, dict.fromkeys(OLD_SHAPE, 0)
    for number, value in _fields(message):
        if number in (FLOATS, DOUBLES):
            numbers[number] = _joined(numbers.get(number), value)
        elif number == SHAPE:  # its only field may be packed or not
            sizes = ([size] if isinstance(size, int) else _varints(size) for _, size in _fields(value))
            shape = tuple(itertools.chain.from_iterable(sizes))
        elif number in OLD_SHAPE:
            old_shape[number] = value
    kind, width = (DOUBLES, "<f8") if DOUBLES in numbers else (FLOATS, "<f4")
    array = np.frombuffer(numbers.get(kind, b""), width)
    return array.reshape(tuple(old_shape.values()) if shape is None else shape)


def _joined(before: memoryview | bytearray | None, piece: memoryview) -> memoryview | bytearray:
    """Append bytes. Numbers in one piece (packed, as Caffe writes them) stay in the mapped file and are not copied."""
    if before is None:
        return piece
    joined = bytearray(before) if isinstance(before, memoryview) else before
    joined += piece
    return joined


def _fields(message: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield the number and the value of each field of a message. A varint is an int, another value is bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == DELIMITED:
            size, at = _varint(message, at)
        elif kind in FIXED:
            size = FIXED[kind]
        else:
            raise ValueError(f"field {number} has the unknown wire type {kind}")
        if size > len(message) - at:
            raise ValueError(f"a field of {size:,} bytes starts, but only {len(message) - at:,} bytes follow")
        yield number, message[at : at + size]
        at += size


def _varints(message: memoryview) -> Iterator[int]:
    """Yield the integers of a packed field."""
    at = 0
    while at < len(message):
        value, at = _varint(message, at)
        yield value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return an integer and the position after it.

    Each byte holds seven bits, the lowest first. The eighth bit is set in all bytes except the last.
    """
    value = 0
    for count, byte in enumerate(message[at : at + 10]):
        value |= (byte & 127) << 7 * count
        if byte < 128:
            return value, at + count + 1
    raise ValueError("an integer has more than 10 bytes or is truncated")
