import numpy as np
import pytest
import torch

from core.explain.receptive_field import backbone_field, receptive_field, receptive_spans, stream_layers
from core.models.mobilenet import Backbone
from core.models.network import build_network


@pytest.fixture(scope="module")
def stream():
    torch.manual_seed(3)
    stream = build_network("mr_bcnn", filters=4, descriptor=8).streams[0].double().eval()
    for parameter in stream.parameters():  # all weights positive: no term cancels another, and ReLU passes all
        parameter.requires_grad_(False).abs_()
    return stream


def reached_pixels(stream, row: int, column: int) -> torch.Tensor:
    """Return which pixels of the first part have a gradient at a location, over many images.

    Max-pooling passes the gradient of the largest value only, so that one image does not show the whole field.
    """
    reached = torch.zeros(60, 60, dtype=torch.bool)
    generator = torch.Generator().manual_seed(0)
    for _ in range(12):
        parts = torch.rand(8, 3, 3, 60, 60, generator=generator, dtype=torch.float64).requires_grad_()
        stream(parts)[:, 0, :, row, column].sum().backward()
        reached |= (parts.grad[:, 0] != 0).any(0).any(0)
    return reached


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 14), (7, 3), (14, 8)])
def test_the_field_holds_exactly_the_pixels_with_a_gradient(stream, row, column):
    (top, bottom), (left, right) = receptive_field(stream_layers(stream), row, column)
    expected = np.zeros((60, 60), bool)
    expected[top:bottom, left:right] = True
    np.testing.assert_array_equal(reached_pixels(stream, row, column), expected)


def test_the_field_of_a_backbone_holds_exactly_the_pixels_with_a_gradient():
    torch.manual_seed(3)
    backbone = Backbone(0.1).double().eval()
    for parameter in backbone.parameters():  # all weights positive, and no constants
        parameter.requires_grad_(False).abs_()
    images = torch.rand(1, 3, 544, 544, dtype=torch.float64).mul_(1e-9).requires_grad_()  # ReLU6 passes small values
    backbone(images)[0, :, 17, 17].sum().backward()
    rows = images.grad[0].abs().sum((0, 2)).nonzero().flatten()
    assert rows[-1] - rows[0] + 1 == backbone_field(backbone) == 267


def test_the_layers_are_those_of_the_paper(stream):
    layers = stream_layers(stream)
    assert [layer.name for layer in layers] == ["conv 7 × 7", "max-pool 2 × 2", "conv 5 × 5", "max-pool 2 × 2"]
    assert [layer.size for layer in layers] == [60, 30, 30, 15]


def test_a_field_in_the_middle_worked_by_hand(stream):
    # location 7 <- 14, 15 of conv2 <- 12..17 of the first pool <- 24..35 of conv1 <- pixels 21..38
    assert receptive_spans(stream_layers(stream), 7) == [(21, 39), (24, 36), (12, 18), (14, 16), (7, 8)]


def test_a_location_outside_the_maps_is_refused(stream):
    with pytest.raises(ValueError, match="0 to 14, got 15, 0"):
        receptive_field(stream_layers(stream), 15, 0)
