"""Camera-based batch normalisation equals a loop over cameras; the running statistics equal the ordinary ones."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn

from core.errors import UserError
from core.models.camera_norm import CameraBatchNorm, normalised_by_camera
from core.models.network import Network, build_network
from core.presets import fast

CAMERAS, IMAGES, PARTS, CHANNELS = 3, 4, 2, 5
CAMERA_OF_ROW = torch.arange(CAMERAS).repeat_interleave(IMAGES).repeat(PARTS)


def layer(kind: type[nn.BatchNorm1d] | type[nn.BatchNorm2d]) -> nn.BatchNorm1d | nn.BatchNorm2d:
    norm = kind(CHANNELS, momentum=0.3).double()
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm


def noise(*shape: int) -> torch.Tensor:
    torch.manual_seed(0)
    values = torch.randn(*shape, dtype=torch.float64)
    shift = CAMERA_OF_ROW[: len(values)].view(-1, *(1,) * (len(shape) - 1))
    return values * (1 + shift) + 3 * shift  # each camera has a mean and variance of its own


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (nn.BatchNorm2d, (PARTS * CAMERAS * IMAGES, CHANNELS, 6, 2)),
        (nn.BatchNorm2d, (CAMERAS * IMAGES, CHANNELS, 6, 2)),
        (nn.BatchNorm1d, (CAMERAS * IMAGES, CHANNELS)),
    ],
    ids=["parts", "part", "descriptor"],
)
def test_values_and_gradients_equal_a_loop_over_cameras(kind, shape):
    norm, values = layer(kind), noise(*shape).requires_grad_()
    found = CameraBatchNorm(norm, CAMERAS, IMAGES)(values)
    expected = torch.empty_like(found)
    axes = [axis for axis in range(len(shape)) if axis != 1]
    view = (-1,) + (1,) * (len(shape) - 2)
    for camera in range(CAMERAS):
        rows = CAMERA_OF_ROW[: len(values)] == camera
        own = values[rows]
        variance, mean = torch.var_mean(own, axes, correction=0, keepdim=True)
        scaled = (own - mean) / (variance + norm.eps).sqrt()
        expected[rows] = scaled * norm.weight.view(view) + norm.bias.view(view)
    torch.testing.assert_close(found, expected)
    target = torch.randn_like(found)
    inputs = (values, norm.weight, norm.bias)
    torch.testing.assert_close(
        torch.autograd.grad((found * target).sum(), inputs), torch.autograd.grad((expected * target).sum(), inputs)
    )


@pytest.mark.parametrize("shape", [(PARTS * CAMERAS * IMAGES, CHANNELS, 6, 2), (CAMERAS * IMAGES, CHANNELS)], ids=str)
def test_running_statistics_are_those_of_the_whole_batch(shape):
    norm = layer(nn.BatchNorm2d if len(shape) == 4 else nn.BatchNorm1d)
    ordinary = deepcopy(norm)
    by_camera = CameraBatchNorm(norm, CAMERAS, IMAGES)
    for _ in range(2):
        by_camera(noise(*shape))
        ordinary(noise(*shape))
    torch.testing.assert_close(norm.state_dict(), ordinary.state_dict())
    by_camera.eval()
    torch.testing.assert_close(by_camera(noise(*shape)), ordinary.eval()(noise(*shape)))


def test_layout_of_the_memory_is_kept():
    values = torch.rand(PARTS * CAMERAS * IMAGES, CHANNELS, 6, 2).contiguous(memory_format=torch.channels_last)
    found = CameraBatchNorm(nn.BatchNorm2d(CHANNELS), CAMERAS, IMAGES)(values)
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_a_batch_of_another_size_is_refused():
    with pytest.raises(ValueError, match="expected 4 images of 3 cameras, got 13 rows"):
        CameraBatchNorm(nn.BatchNorm1d(CHANNELS), CAMERAS, IMAGES)(torch.rand(13, CHANNELS))


@pytest.mark.parametrize("instance_norm", [False, True])
def test_each_camera_of_a_batch_is_described_as_a_batch_of_its_own(instance_norm):
    """All layers of the network, with the three parts of an image, normalise an image with its camera."""
    torch.manual_seed(0)
    config = replace(fast("mr_bcnn")[0], filters=4, descriptor=8, dropout=0.0, instance_norm=instance_norm)
    network = Network(config).double()
    images = torch.randint(0, 256, (CAMERAS * IMAGES, 3, 160, 60))
    expected = torch.cat([network(own) for own in images.split(IMAGES)])
    keys, layers = list(network.state_dict()), [type(module) for module in network.modules()]
    with normalised_by_camera(network, CAMERAS, IMAGES):
        found = network(images)
        assert list(network.state_dict()) == keys
    torch.testing.assert_close(found, expected)
    assert [type(module) for module in network.modules()] == layers


def test_a_network_without_batch_normalisation_is_refused():
    with pytest.raises(UserError, match="needs a network with batch normalisation"):
        with normalised_by_camera(build_network(filters=2, descriptor=4), CAMERAS, IMAGES):
            pass
