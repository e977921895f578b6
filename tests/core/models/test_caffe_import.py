"""The tests write .caffemodel files with a small encoder of protobuf's wire format."""

import struct

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.config import NetworkConfig
from core.errors import UserError
from core.models.caffe_import import read_caffemodel

PARTS, FILTERS, DESCRIPTOR = 3, 4, 6


def varint(number):
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def field(number, value):
    """Bytes with their length, or an integer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def single(number, value, kind):
    """One unpacked float or double."""
    return varint(number << 3 | {"f": 5, "d": 1}[kind]) + struct.pack("<" + kind, value)


def blob(array, kind="f", packed=True, old=False):
    number = {"f": 5, "d": 8}[kind]
    if old:
        padded = (1,) * (4 - array.ndim) + array.shape
        shape = b"".join(field(1 + axis, size) for axis, size in enumerate(padded))
    elif packed:
        shape = field(7, field(1, b"".join(varint(size) for size in array.shape)))
    else:
        shape = field(7, b"".join(field(1, size) for size in array.shape))
    if packed:
        return field(number, array.astype("<" + kind).tobytes()) + shape
    half = array.size // 2  # protobuf allows pieces of both ways in one message
    rest = field(number, array.flatten()[half:].astype("<" + kind).tobytes())
    return shape + b"".join(single(number, value, kind) for value in array.flatten()[:half]) + rest


def layer(name, arrays, old=False, **how):
    blobs = [blob(array, old=old, **how) for array in arrays]
    if old:  # V1LayerParameter: bottom, name, type (an enumeration), blobs, a learning rate for each blob
        rest = b"".join(single(7, 1.0, "f") for _ in blobs)
        content = field(2, b"below") + field(4, name.encode()) + field(5, 4) + b"".join(field(6, b) for b in blobs)
        return field(2, content + rest)
    content = field(1, name.encode()) + field(2, b"Convolution") + field(3, b"below") + field(4, name.encode())
    return field(100, content + b"".join(field(7, b) for b in blobs) + field(106, field(1, 64) + field(3, 3)))


def net(weights, old=False, **how):
    """The layers in the authors' order of parts and streams, amid layers that have no weights."""
    data = field(1, b"Bilinear CNN") + layer("data", [], old)
    data += b"".join(
        layer(name, arrays, old, **how) + layer(f"relu_{name}", [], old) for name, arrays in weights.items()
    )
    return data + layer("loss", [], old)


def random_weights(region_size=5, streams=2):
    """What Caffe would store, layer -> (weight, bias). Large enough for descriptors that differ."""
    random = np.random.default_rng(0)

    def draw(*shape):
        return [random.normal(0, 0.2, size).astype(np.float32) for size in (shape, shape[:1])]

    weights = {}
    for stream in range(1, streams + 1):
        shared = draw(FILTERS, 3, 7, 7)
        weights |= {f"conv1_{stream}_{part}": shared for part in (1, 2, 3)}
        weights |= {f"conv2_{stream}_{part}": draw(FILTERS, FILTERS, 5, 5) for part in (1, 2, 3)}
    channels = FILTERS**2 if streams == 2 else FILTERS
    regions = (15 // region_size) ** 2 if streams == 2 else 225
    weights["ip1_reid"] = draw(DESCRIPTOR, PARTS * channels * regions)
    return weights


def by_caffe(weights, image, region_size):
    """(3, 160, 60) RGB -> (D,) of unit length: the authors' net as its layers are written, one image at a time."""
    image = image.numpy()[::-1].astype(np.float32) / 256  # blue first
    data = np.concatenate([image[:, top : top + 60] for top in (0, 50, 100)])  # (9, 60, 60)
    tops = []
    for part in (1, 2, 3):
        maps = []
        for stream in (1, 2) if "conv1_2_1" in weights else (1,):
            x = torch.from_numpy(data[None, 3 * part - 3 : 3 * part])
            for name, padding in ((f"conv1_{stream}_{part}", 3), (f"conv2_{stream}_{part}", 2)):
                weight, bias = (torch.from_numpy(array) for array in weights[name])
                x = F.max_pool2d(F.relu(F.conv2d(x, weight, bias, padding=padding)), 2)
            maps.append(x[0].numpy())  # (C, 15, 15)
        tops.append(bilinear(*maps, region_size) if len(maps) == 2 else maps[0])
    weight, bias = weights["ip1_reid"]
    descriptor = weight @ np.concatenate(tops).flatten() + bias  # channel, row, column
    return torch.from_numpy(descriptor / np.linalg.norm(descriptor))


def bilinear(a, b, region_size):
    """(C, 15, 15) twice -> (C C, rows, columns), location by location; the channel is a C + b."""
    side = 15 // region_size
    top = np.zeros((FILTERS * FILTERS, side, side), np.float32)
    for row in range(15):
        for column in range(15):
            outer = np.outer(a[:, row, column], b[:, row, column])
            top[:, row // region_size, column // region_size] += outer.flatten()
    return top


def write(tmp_path, data):
    path = tmp_path / "net.caffemodel"
    path.write_bytes(data)
    return path


@pytest.fixture
def images():
    return torch.randint(0, 256, (3, 3, 160, 60), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


@pytest.mark.parametrize("old", [False, True], ids=["layer", "layers"])
@pytest.mark.parametrize(
    "how",
    [{}, {"packed": False}, {"kind": "d"}, {"kind": "d", "packed": False}],
    ids=["packed", "unpacked", "double", "unpacked double"],
)
def test_equals_the_authors_network_in_each_file_format(tmp_path, images, old, how):
    weights = random_weights()
    network = read_caffemodel(write(tmp_path, net(weights, old, **how)))
    expected = torch.stack([by_caffe(weights, image, 5) for image in images])
    with torch.no_grad():
        torch.testing.assert_close(network(images), expected, rtol=0, atol=1e-5)
    assert (expected[0] - expected[1]).abs().max() > 1e-3  # otherwise the comparison would not be meaningful


@pytest.mark.parametrize(
    "architecture, region_size, streams", [("mr_bcnn", 3, 2), ("mr_bcnn", 1, 2), ("b_cnn", 15, 2), ("cnn", 5, 1)]
)
def test_equals_the_other_networks(tmp_path, images, architecture, region_size, streams):
    weights = random_weights(region_size, streams)
    network = read_caffemodel(write(tmp_path, net(weights)))
    assert (network.config.architecture, network.config.region_size) == (architecture, region_size)
    expected = torch.stack([by_caffe(weights, image, region_size) for image in images])
    with torch.no_grad():
        torch.testing.assert_close(network(images), expected, rtol=0, atol=1e-5)


def test_network_is_in_eval_mode_and_prepares_images_as_the_authors(tmp_path):
    network = read_caffemodel(str(write(tmp_path, net(random_weights()))))
    assert network.config == NetworkConfig(
        "mr_bcnn",
        FILTERS,
        5,
        DESCRIPTOR,
        dropout=0.5,
        batch_norm=False,
        normalise_regions=False,
        bgr=True,
        mean=0,
        scale=1 / 256,
    )
    assert not network.training
    network.train()(torch.zeros(2, 3, 160, 60)).sum().backward()  # it can be trained: no tensor is a mapped file
    assert network.linear.bias.grad is not None
    with torch.no_grad():
        network.linear.weight += 1


@pytest.mark.parametrize("missing", ["conv1_1_1", "conv1_2_3", "conv2_1_2", "ip1_reid"])
def test_a_missing_layer_is_named(tmp_path, missing):
    weights = random_weights()
    del weights[missing]
    with pytest.raises(UserError, match=f"net.caffemodel: the layer {missing} is missing; the first .*conv1_1_2"):
        read_caffemodel(write(tmp_path, net(weights)))


def test_another_network_raises(tmp_path):
    with pytest.raises(UserError, match="conv1_1_1 is missing; the first layers with weights are: fc6. This is not"):
        read_caffemodel(write(tmp_path, net({"fc6": random_weights()["ip1_reid"]})))
    with pytest.raises(UserError, match="with weights are: none"):
        read_caffemodel(write(tmp_path, net({})))


@pytest.mark.parametrize(
    "name, shape, message",
    [
        ("conv1_1_1", (4, 3, 5, 5), r"conv1_1_1 has an array of shape \(4, 3, 5, 5\); expected \(4, 3, 7, 7\)"),
        ("conv1_2_1", (5, 3, 7, 7), r"conv1_2_1 has an array of shape \(5, 3, 7, 7\); expected \(4, 3, 7, 7\)"),
        ("conv2_2_3", (4, 3, 5, 5), r"conv2_2_3 has an array of shape \(4, 3, 5, 5\); expected \(4, 4, 5, 5\)"),
        ("conv1_1_1", (12, 49), r"conv1_1_1 has arrays of shapes .*; expected a weight of 4 dimensions and a bias"),
        (
            "ip1_reid",
            (6, 433),
            "433 inputs; expected 48 or 432 or 1,200 or 10,800 for the architecture mr_bcnn with 4 filters",
        ),
        ("ip1_reid", (432,), "ip1_reid has arrays of shapes .*; expected a weight of 2 dimensions"),
    ],
)
def test_a_wrong_shape_raises(tmp_path, name, shape, message):
    weights = random_weights() | {name: [np.zeros(shape, np.float32), np.zeros(shape[:1], np.float32)]}
    with pytest.raises(UserError, match=message):
        read_caffemodel(write(tmp_path, net(weights)))


def test_a_layer_without_bias_raises(tmp_path):
    weights = random_weights()
    weights["conv2_1_1"] = weights["conv2_1_1"][:1]
    with pytest.raises(UserError, match=r"conv2_1_1 has arrays of shapes \[\(4, 4, 5, 5\)\]; expected"):
        read_caffemodel(write(tmp_path, net(weights)))


def test_a_first_layer_that_is_not_shared_raises(tmp_path):
    for changed in (0, 1):
        weights = random_weights()
        weights["conv1_2_3"] = [array + (index == changed) for index, array in enumerate(weights["conv1_2_1"])]
        with pytest.raises(UserError, match="conv1_2_1 and conv1_2_3 must be equal"):
            read_caffemodel(write(tmp_path, net(weights)))


def test_a_missing_or_unreadable_file_raises(tmp_path):
    with pytest.raises(UserError, match=r"net.caffemodel: cannot be read \(No such file.*expected a binary file"):
        read_caffemodel(tmp_path / "net.caffemodel")
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\)"):
        read_caffemodel(tmp_path)
    with pytest.raises(UserError, match="cannot be read .*empty"):
        read_caffemodel(write(tmp_path, b""))


def test_a_git_lfs_pointer_raises(tmp_path):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"70" * 32 + b"\nsize 223877236\n"
    with pytest.raises(UserError, match="a Git LFS pointer of 134 bytes.* file of 223877236 bytes with `git lfs pull`"):
        read_caffemodel(write(tmp_path, pointer))


OTHER_FILES = {
    "web page": b"<!DOCTYPE html>\n<html lang='en'>",
    "JSON": b'{"network": {}}',
    "zip": b"PK\x03\x04\x14\x00\x00\x00",
    "PNG": b"\x89PNG\r\n\x1a\n" + b"\x00" * 99,
    "HDF5": b"\x89HDF\r\n\x1a\n" + b"\xff" * 99,
    "solver state": field(1, 150000) + field(2, b"snapshots/train_iter_150000.caffemodel"),
    "zeros": b"\x00" * 99,
    "ones": b"\xff" * 99,
    "a network name only": field(1, b"a net"),
    "an integer in place of a layer": field(2, 7),
    "a layer without a name": field(100, field(1, 7)),
}


@pytest.mark.parametrize("data", OTHER_FILES.values(), ids=OTHER_FILES.keys())
def test_another_kind_of_file_raises(tmp_path, data):
    with pytest.raises(UserError, match="net.caffemodel: this is not a .caffemodel file, it starts with b.*expected a"):
        read_caffemodel(write(tmp_path, data))


def test_a_truncated_file_raises(tmp_path):
    """A cut between two layers leaves a valid message. Then the error names the missing layer."""
    data = net(random_weights())
    for size in range(200, len(data) - len(layer("loss", [])), 997):
        with pytest.raises(UserError, match="truncated"):
            read_caffemodel(write(tmp_path, data[:size]))
    with pytest.raises(
        UserError,
        match=r"truncated or damaged after the layer relu_conv2_2_3 \(a field of 10,\d\d\d bytes starts, "
        r"but only 10,\d\d\d bytes follow\); download it again",
    ):
        read_caffemodel(write(tmp_path, data[: -len(layer("loss", []) + layer("relu_ip1_reid", [])) - 1]))


@pytest.mark.parametrize(
    "content",
    [
        field(5, b"abc") + field(7, field(1, b"\x01")),  # three bytes are not a float
        field(5, b"\x00" * 8) + field(7, field(1, b"\x03")),  # two floats in place of three
        field(5, b"\x00" * 8),  # no shape
        field(7, field(1, b"\x03")),  # no floats
        field(5, 1) + field(7, field(1, b"\x01")),  # an integer in place of floats
        field(7, 3),
        field(7, field(1, b"\x00" + b"\xff" * 9 + b"\x01")),  # a size of more than 64 bits
        field(1, b"\x01"),
        b"\x0c",  # an unknown wire type
        b"\xff" * 11,
    ],
)
def test_a_damaged_blob_raises(tmp_path, content):
    damaged = field(100, field(1, b"conv1_1_1") + field(7, content))
    with pytest.raises(UserError, match="truncated or damaged after the layer data"):
        read_caffemodel(write(tmp_path, layer("data", []) + damaged))
