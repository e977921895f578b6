"""The first layers of MobileNetV2 up to stride 16, a convolutional backbone that can start from ImageNet weights.

    images (B, 3, H, W)
    -> features.0          3 x 3 convolution with stride 2             (B, 32, H / 2, W / 2)
    -> features.1          1 block of 16 filters                       (B, 16, H / 2, W / 2)
    -> features.2 to 3     2 blocks of 24 filters, stride 2            (B, 24, H / 4, W / 4)
    -> features.4 to 6     3 blocks of 32 filters, stride 2            (B, 32, H / 8, W / 8)
    -> features.7 to 10    4 blocks of 64 filters, stride 2            (B, 64, H / 16, W / 16)
    -> features.11 to 13   3 blocks of 96 filters                      (B, 96, H / 16, W / 16)

The names of the layers are those of the released weights. The later layers, with stride 32, are not used.

Source: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, table 2.
"""

from contextlib import nullcontext
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

FIRST_FILTERS = 32
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
)  # expansion, filters, blocks, stride
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB values 0..1


def normalise_channels(images: Tensor) -> Tensor:
    """Normalise RGB images (B, 3, H, W) of values 0..255 by the mean and standard deviation of ImageNet's channels."""
    mean, std = (images.new_tensor(values)[:, None, None] * 255 for values in (IMAGENET_MEAN, IMAGENET_STD))
    return (images - mean) / std


def first_filters(width: float) -> int:
    """Return the number of filters of the first layer of a backbone of a width."""
    return max(1, int(FIRST_FILTERS * width))


class Backbone(nn.Module):
    """Compute features: normalised images (B, 3, H, W) -> (B, K, H / 16, W / 16), for H and W divisible by 16.

    Args:
        width: Factor of all numbers of filters. The released weights have 1, which gives K = 96.
        frozen_layers: Number of first layers (of 14) whose weights and statistics stay the same in training.

    Attributes:
        filters: K, the number of filters of the last block.
    """

    def __init__(self, width: float = 1.0, frozen_layers: int = 0):
        super().__init__()
        filters = first_filters(width)
        layers: list[nn.Module] = [Convolutions(*_convolution(3, filters, 3, stride=2))]
        for expansion, base, blocks, stride in STAGES:
            for number in range(blocks):
                wide = max(1, int(base * width))
                layers.append(InvertedResidual(filters, wide, stride if number == 0 else 1, expansion))
                filters = wide
        self.features = nn.Sequential(*layers)
        self.filters, self.frozen_layers = filters, frozen_layers
        self.frozen.requires_grad_(False)

    @property
    def frozen(self) -> nn.Sequential:
        """The frozen layers."""
        return nn.Sequential(*list(self.features)[: self.frozen_layers])

    def train(self, mode: bool = True) -> Self:
        """Set the training mode of all layers except for the frozen ones, which stay in eval mode."""
        super().train(mode)
        self.frozen.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Compute the features (B, K, H / 16, W / 16) of normalised images (B, 3, H, W)."""
        return self.features(images.contiguous(memory_format=torch.channels_last))


class InvertedResidual(nn.Module):
    """One block: (B, inputs, H, W) -> (B, filters, H / stride, W / stride).

    A 1 x 1 convolution expands the filters, a depthwise 3 x 3 convolution follows, and a 1 x 1 convolution without
    ReLU6 reduces the filters. The input is added if it has the shape of the output.

    Args:
        inputs: Number of filters of the input.
        filters: Number of filters of the output.
        stride: Stride of the depthwise convolution.
        expansion: Factor of the filters between the 1 x 1 convolutions. With 1 there is no first convolution.
    """

    def __init__(self, inputs: int, filters: int, stride: int, expansion: int):
        super().__init__()
        self.adds_input = stride == 1 and inputs == filters
        hidden = inputs * expansion
        self.conv = Convolutions(
            *(_convolution(inputs, hidden, 1) if expansion > 1 else ()),
            *_convolution(hidden, hidden, 3, stride, groups=hidden),
            *_convolution(hidden, filters, 1)[:2],
        )

    def forward(self, x: Tensor) -> Tensor:
        """Compute the output of the block."""
        return x + self.conv(x) if self.adds_input else self.conv(x)


class Convolutions(nn.Sequential):
    """Convolutions, each followed by batch normalisation, and most of them by ReLU6.

    Batch normalisation with fixed statistics multiplies each filter by a factor and adds a constant. Both then become
    part of the convolution, which saves half of the time.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layers in order."""
        layers = list(self)
        for layer, norm, activation in zip(layers, [*layers[1:], None], [*layers[2:], None, None], strict=True):
            if isinstance(layer, nn.Conv2d):
                assert isinstance(norm, _BatchNorm)  # as in `_convolution`
                has_relu = isinstance(activation, nn.ReLU6)
                if norm.training:
                    x = norm(_convolve(layer, x, layer.weight))
                    x = F.relu6(x, inplace=True) if has_relu else x
                else:
                    x = _convolve_and_normalise(layer, norm, x, has_relu)
        return x


def _convolve_and_normalise(conv: nn.Conv2d, norm: _BatchNorm, x: Tensor, has_relu: bool) -> Tensor:
    """Apply a convolution, batch normalisation with fixed statistics and perhaps ReLU6 as one convolution."""
    assert norm.running_mean is not None and norm.running_var is not None  # every Backbone tracks them
    factor = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    weight, bias = conv.weight * factor[:, None, None, None], norm.bias - norm.running_mean * factor
    if has_relu and _can_fuse(x, weight):
        return _convolve_with_relu6(conv, x, weight, bias)
    x = _convolve(conv, x, weight, bias)
    return F.relu6(x, inplace=True) if has_relu else x


def _can_fuse(x: Tensor, weight: Tensor) -> bool:
    """Return whether oneDNN can apply ReLU6 within a convolution: on a CPU, without gradient, outside of an export."""
    if x.device.type != "cpu" or not (x.dtype == weight.dtype == torch.float32) or torch.is_autocast_enabled("cpu"):
        return False
    if torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad):
        return False
    if torch.jit.is_tracing() or torch.compiler.is_compiling():
        return False
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise")


def _convolve_with_relu6(conv: nn.Conv2d, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Apply a convolution and ReLU6 in one pass over the memory; the values are the same as one after the other.

    The operator is the one that torch.compile uses on CPUs. It is not part of the documented interface of PyTorch.
    """
    sizes = conv.padding, conv.stride, conv.dilation, conv.groups
    return torch.ops.mkldnn._convolution_pointwise(x, weight, bias, *sizes, "hardtanh", [0.0, 6.0], "")


def _convolve(conv: nn.Conv2d, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Apply a convolution with other weights.

    A depthwise convolution with a stride that needs a gradient is computed in float32, because its backward pass takes
    20 times as long in bfloat16 on a CPU.
    """
    trained = torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad)
    strided = conv.groups > 1 and conv.stride != (1, 1)
    slow = strided and trained and x.device.type == "cpu" and torch.is_autocast_enabled("cpu")
    with torch.autocast("cpu", enabled=False) if slow else nullcontext():
        return F.conv2d(x.to(weight.dtype) if slow else x, weight, bias, conv.stride, conv.padding, groups=conv.groups)


def _convolution(inputs: int, filters: int, kernel: int, stride: int = 1, groups: int = 1) -> tuple[nn.Module, ...]:
    """Return a convolution, batch normalisation and ReLU6 (ReLU with the maximum 6)."""
    return (
        nn.Conv2d(inputs, filters, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU6(inplace=True),
    )
