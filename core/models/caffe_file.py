"""The layers of a `.caffemodel` file, read without Caffe and protobuf.

The file is one protobuf message, NetParameter of Caffe's caffe.proto. This module reads the names of the layers and
their blobs (Caffe's term for arrays of numbers), and skips everything else.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from core.errors import UserError

# field numbers of caffe.proto
LAYER_FIELDS = {100: (1, 7), 2: (4, 6)}  # NetParameter.layer and the older .layers -> fields of the name, of the blobs
FLOATS, DOUBLES, SHAPE, OLD_SHAPE = 5, 8, 7, (1, 2, 3, 4)  # of BlobProto
# protobuf's wire types
VARINT, DELIMITED, FIXED = 0, 2, {1: 8, 5: 4}  # FIXED: type -> bytes

EXPECTED = "expected a binary file such as the authors' train_iter_150000.caffemodel of 223,877,236 bytes"


def read_layers(path: Path) -> dict[str, list[ndarray]]:
    """Return the blobs of each layer that has any. The arrays are memory-mapped and read-only.

    Raises:
        UserError: If the file is missing, truncated or of another kind.
    """
    return _layers(_mapped(path))


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
