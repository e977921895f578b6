"""The receptive field of a location: the pixels of the part that its activations depend on.

The layers of a stream are square, and equal in height and width. The rows and the columns of a receptive field are
therefore computed in the same way, by one function of one coordinate.

Normalisation of the image and instance normalisation use the mean and the variance of all pixels. This dependence is
not counted.
"""

from dataclasses import dataclass

from torch.nn import Conv2d

from core.geometry import PAPER
from core.models.mobilenet import Backbone
from core.models.network import Network
from core.models.stream import Stream

PART_SIZE, MAP_SIZE = PAPER.columns, PAPER.map_size  # pixels and locations along a side of a part, of a Stream
Span = tuple[int, int]  # the first row or column, and the one after the last


@dataclass(frozen=True)
class Layer:
    """One convolution or max-pooling of a stream.

    Attributes:
        name: The name, e.g. "conv 7 × 7".
        kernel: Rows and columns of the input for one location of the output.
        stride: Step from one location of the output to the next, in locations of the input.
        padding: Rows and columns of zeros around the input.
        size: Rows and columns of the output.
        filters: Number of filters of the output.
    """

    name: str
    kernel: int
    stride: int
    padding: int
    size: int
    filters: int


def stream_layers(stream: Stream) -> list[Layer]:
    """Return the layers of a stream that mix pixels, from the part to the feature maps.

    Normalisation with fixed statistics and ReLU process each location by itself, so that they are not listed.
    """
    layers, size = [], PART_SIZE
    for conv in (stream.conv1, stream.conv2[0]):
        assert isinstance(conv, Conv2d)  # as for each part in a Stream
        (kernel, _), (stride, _), padding = conv.kernel_size, conv.stride, int(conv.padding[0])
        size = (size + 2 * padding - kernel) // stride + 1
        layers.append(Layer(f"conv {kernel} × {kernel}", kernel, stride, padding, size, conv.out_channels))
        size //= 2
        layers.append(Layer("max-pool 2 × 2", 2, 2, 0, size, conv.out_channels))
    return layers


def backbone_field(backbone: Backbone) -> int:
    """Return the side of the receptive field of a location of a backbone's features, in pixels.

    The convolutions process the whole image, so that the field is not limited to a part.
    """
    side = 1
    for conv in reversed([each for each in backbone.modules() if isinstance(each, Conv2d)]):
        side = (side - 1) * conv.stride[0] + conv.kernel_size[0]
    return side


def layers_of(network: Network) -> list[Layer] | None:
    """Return the layers of a network's streams, or None if the streams share a backbone."""
    [*_, stream] = network.streams
    return stream_layers(stream) if isinstance(stream, Stream) else None


def receptive_spans(layers: list[Layer], location: int) -> list[Span]:
    """Return what one row (or column) of the feature maps depends on, in each layer.

    Args:
        layers: The layers, from `stream_layers`.
        location: The row or column of a location, from 0.

    Returns:
        A span of rows (or columns) in the part, then one in the output of each layer. The last one is the location.
    """
    first, end = location, location + 1
    spans = [(first, end)]
    sizes = [PART_SIZE, *(layer.size for layer in layers[:-1])]  # of the inputs
    for layer, size in zip(reversed(layers), reversed(sizes), strict=True):
        first = first * layer.stride - layer.padding
        end = (end - 1) * layer.stride - layer.padding + layer.kernel
        spans.append((max(first, 0), min(end, size)))
    return spans[::-1]


def receptive_field(layers: list[Layer], row: int, column: int) -> tuple[Span, Span]:
    """Return the rows and the columns of a part that the activations at one location depend on.

    Args:
        layers: The layers, from `stream_layers`.
        row: Row of the location, from 0 to 14.
        column: Column of the location, from 0 to 14.

    Raises:
        ValueError: If the location is outside the feature maps.
    """
    if not (0 <= row < MAP_SIZE and 0 <= column < MAP_SIZE):
        raise ValueError(f"expected a location from 0 to {MAP_SIZE - 1}, got {row}, {column}")
    return receptive_spans(layers, row)[0], receptive_spans(layers, column)[0]
