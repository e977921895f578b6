"""The network that describes images, in the three architectures of the paper (section 3, figure 2) and one more.

- `cnn` has one stream and no bilinear pooling.
- `b_cnn` has two streams and one region of 15 x 15 locations for each part.
- `mr_bcnn` has two streams and, with region size 5, nine regions of 5 x 5 locations for each part.

The data flow of the bilinear architectures, for B images, P = 3 parts, R regions of a part and streams of M = N = C
filters:

    images (B, 3, 160, 60)
    -> parts (B, P, 3, 60, 60)                            `Network.prepare`
    -> feature maps a, b (B, P, C, 15, 15)                `core.models.stream`, one for each of a and b
    -> bilinear matrices (B, P, R, M, N)                  equations 1 and 2, `core.models.bilinear_pooling`
    -> region vectors (B, P, R, M N)                      equation 3, `Network.region_vectors`
    -> embedding (B, D)                                   `Network.embed`: one fully connected layer
    -> descriptor (B, D), divided by its length           `Network.forward`

`mobile_bcnn` is not in the paper. It has a pretrained backbone, whose features both streams project. With images of
192 x 96 pixels, P = 2 parts of 6 x 6 locations, and region size 2:

    images (B, 3, 192, 96)
    -> normalised images (B, 3, 192, 96)                  `Network.prepare`
    -> features (B, 96, 12, 6)                            `core.models.mobilenet`
    -> feature maps a, b (B, P, C, 6, 6)                  `core.models.projection`: `Network.maps` includes the backbone
    -> as above, with nine regions of 2 x 2 locations for each part
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.config import MOBILE, NetworkConfig
from core.models.bilinear_pooling import locations_by_region
from core.models.dropout import Dropout
from core.models.grouped_pooling import grouped_bilinear_pool
from core.models.mobilenet import Backbone, normalise_channels
from core.models.partwise_linear import partwise_linear
from core.models.projection import Projection
from core.models.stream import Stream, split_parts

STD_FLOOR = 0.05  # added to a standard deviation, which is 0 for an image of one colour
SQUARE_ROOT_FLOOR = 1e-4  # added under the square root, whose derivative at 0 is infinite


def region_numbers(config: NetworkConfig) -> int:
    """Return the number of values of a region vector."""
    return config.filters if config.architecture == "cnn" else config.filters**2 // config.groups


class Network(nn.Module):
    """Describe images: (B, 3, 160, 60), RGB values 0..255 -> descriptors (B, D) of unit length.

    The shapes of images, parts and maps in this class are those of the paper's architectures. Those of `mobile_bcnn`
    follow from its configuration: `NetworkConfig.geometry`.

    Each step is a method that explanations can call by itself: `prepare`, `maps`, `region_vectors`, `embed`, and the
    division by the length. In eval mode `embed` is an affine function of the region vectors, so that a score is an
    exact sum over pairs of regions.

    Args:
        config: Architecture, sizes and preparation of the images.
    """

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.config = config
        bilinear = config.architecture != "cnn"
        self.backbone: nn.Module = (
            Backbone(config.backbone_width, config.frozen_layers) if config.architecture == MOBILE else nn.Identity()
        )
        self.streams = nn.ModuleList(self._build_stream() for _ in range(2 if bilinear else 1))
        self.regions, self.region_numbers = config.geometry.side**2, region_numbers(config)  # R of a part, M N / groups
        self.dropout = Dropout(config.dropout)
        self.linear = nn.Linear(config.geometry.regions * self.region_numbers, config.descriptor)
        self.norm: _BatchNorm | nn.Identity = nn.BatchNorm1d(config.descriptor) if config.batch_norm else nn.Identity()
        if not config.batch_norm:
            self._initialise_weights()

    def _build_stream(self) -> nn.Module:
        config = self.config
        if isinstance(self.backbone, Backbone):
            return Projection(self.backbone.filters, config.filters, config.geometry.parts)
        return Stream(config.filters, config.batch_norm, config.instance_norm, config.groups)

    def _initialise_weights(self) -> None:
        """Draw the weights from the normal distributions of the authors' release."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
                assert module.bias is not None  # a convolution has a bias unless batch normalisation follows
                nn.init.normal_(module.bias, std=0.01)
        nn.init.normal_(self.linear.weight, std=0.001)
        nn.init.normal_(self.linear.bias, std=0.001)

    def prepare(self, images: Tensor) -> Tensor:
        """Prepare images for the streams, by the rules of the configuration.

        Args:
            images: (B, 3, 160, 60), RGB values 0..255, of any dtype.

        Returns:
            Parts, (B, P, 3, 60, 60). For `mobile_bcnn`, normalised images, (B, 3, 192, 96).

        Raises:
            ValueError: If the images have another shape.
        """
        rows, columns = self.config.image_size
        if images.shape[1:] != (3, rows, columns):
            raise ValueError(f"expected images (B, 3, {rows}, {columns}), got {tuple(images.shape)}")
        if self.config.architecture == MOBILE:
            return normalise_channels(images.to(self.linear.weight.dtype))
        if self.config.bgr:
            images = images.flip(1)
        images = (images.to(self.linear.weight.dtype) - self.config.mean) * self.config.scale
        if self.config.normalise_images:
            spread, mean = torch.std_mean(images, dim=(2, 3), keepdim=True)
            images = (images - mean) / (spread + STD_FLOOR)
        return split_parts(images)

    def maps(self, parts: Tensor) -> tuple[Tensor, ...]:
        """Compute the feature maps (B, P, C, 15, 15) of each stream from the result of `prepare`."""
        features = self.backbone(parts)  # unchanged if there is no backbone
        return tuple(stream(features) for stream in self.streams)

    def region_vectors(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Compute the region vectors from the feature maps of the streams (equation 3, before the concatenation).

        With `normalise_regions`, the signed square root and L2 normalisation follow. The activations are not negative
        (ReLU), so that the signed square root is the square root. In an ensemble each group is normalised by itself.

        Args:
            maps: The feature maps of each stream, (B, P, C, 15, 15).

        Returns:
            (B, P, R, M N / groups). For `cnn` each location is a region: (B, P, 225, C).
        """
        flat = [stream_maps.flatten(0, 1) for stream_maps in maps]  # (B P, C, 15, 15)
        if len(flat) == 1:
            vectors = locations_by_region(flat[0], 1).flatten(2)  # (B P, 225, C)
        else:
            a, b = flat
            vectors = grouped_bilinear_pool(a, b, self.config.region_size, self.config.groups)
            vectors = vectors.flatten(2)  # (B P, R, M N / G)
            if self.config.normalise_regions:
                vectors = (vectors + SQUARE_ROOT_FLOOR).unflatten(2, (self.config.groups, -1))
                # the sum of a vector is the squared length of its square root
                vectors = vectors.sqrt() * vectors.sum(3, keepdim=True).rsqrt()
                vectors = vectors.flatten(2)
        return vectors.unflatten(0, (-1, self.config.geometry.parts))

    def embed(self, region_vectors: Tensor) -> Tensor:
        """Compute the embedding, which is the descriptor before its division by its length.

        In eval mode the embedding is an affine function of the region vectors.

        Args:
            region_vectors: (B, P, R, M N).

        Returns:
            (B, D).
        """
        return self.norm(self.linear(region_vectors.flatten(1).to(self.linear.weight.dtype)))

    def embed_parts(self, region_vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the embedding and the contribution of each part to it.

        The embedding is the sum of the contributions and a constant. In training mode the sum is approximate: the
        embedding is divided by the standard deviation of the batch, and the contributions by the running one.

        Args:
            region_vectors: (B, P, R, M N).

        Returns:
            The embedding (B, D), the same as from `embed`, and the contributions (B, P, D).
        """
        parts = partwise_linear(region_vectors.flatten(2), self.linear.weight)
        whole = self.norm(parts.sum(1) + self.linear.bias)
        if isinstance(self.norm, _BatchNorm):
            assert self.norm.running_var is not None  # every batch normalisation of a Network tracks it
            parts = parts * (self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt())
        return whole, parts

    def vectors(self, images: Tensor) -> Tensor:
        """Compute the region vectors (B, P, R, M N) of images (B, 3, 160, 60), with dropout in training mode."""
        maps = self.maps(self.prepare(images))
        with torch.autocast(
            images.device.type, enabled=False
        ):  # the following steps keep the precision of the feature maps
            return self.dropout(self.region_vectors(maps))

    def embedding(self, images: Tensor) -> Tensor:
        """Compute the embedding (B, D) of images (B, 3, 160, 60): all steps except the division by the length."""
        vectors = self.vectors(images)
        with torch.autocast(images.device.type, enabled=False):
            return self.embed(vectors)

    def forward(self, images: Tensor, with_parts: bool = False) -> Tensor:
        """Describe images.

        Args:
            images: (B, 3, 160, 60), RGB values 0..255.
            with_parts: Whether to return the contributions of the parts to the embedding as well (`embed_parts`).

        Returns:
            Descriptors (B, D) of unit length. With `with_parts`, (B, 1 + P, D): the descriptor of an image, then the
            contributions of its parts, which are not divided by the length.
        """
        if not with_parts:
            return F.normalize(self.embedding(images), dim=1)
        vectors = self.vectors(images)
        with torch.autocast(images.device.type, enabled=False):
            whole, parts = self.embed_parts(vectors)
            return torch.cat([F.normalize(whole, dim=1)[:, None], parts], dim=1)


def build_network(architecture: str = "mr_bcnn", filters: int = 64, region_size: int = 0, **options: Any) -> Network:
    """Build a network with random weights.

    With 64 filters, a descriptor of 500 numbers and no batch normalisation, the numbers of parameters are those of the
    authors' release: `mr_bcnn` 55,930,228, `b_cnn` 6,778,228, `cnn` 21,917,364.

    Args:
        architecture: `cnn`, `b_cnn`, `mr_bcnn` or `mobile_bcnn`.
        filters: C, the number of filters of each stream.
        region_size: Number of locations along a side of a region: 15, 5, 3 or 1; for `mobile_bcnn` 6, 3, 2 or 1. 0 is
            the default of the architecture: 5, and 2 for `mobile_bcnn`.
        **options: The other fields of NetworkConfig.

    Returns:
        A network in training mode.

    Raises:
        UserError: If the architecture or the region size is unknown.
    """
    return Network(NetworkConfig(architecture, filters, region_size, **options))
