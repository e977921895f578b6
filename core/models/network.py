"""The three architectures of the paper as one network: `cnn`, `b_cnn`, `mr_bcnn` (section 3, figure 2)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.config import IMAGE_COLUMNS, IMAGE_ROWS, MAP_SIZE, PART_ROWS, NetworkConfig
from core.models.bilinear_pooling import locations_by_region
from core.models.dropout import Dropout
from core.models.grouped_pooling import grouped_bilinear_pool
from core.models.half_instance_norm import HalfInstanceNorm
from core.models.partwise_linear import partwise_linear

PARTS = len(PART_ROWS)
STD_FLOOR = 0.05  # so that an image of one colour is not divided by nothing
SQUARE_ROOT_FLOOR = 1e-4  # added under the square root, whose slope at zero is infinite


def split_parts(images: Tensor) -> Tensor:
    """(B, 3, 160, 60) -> (B, P, 3, 60, 60): three overlapping horizontal stripes."""
    return torch.stack([images[:, :, top:bottom] for top, bottom in PART_ROWS], dim=1)


class Stream(nn.Module):
    """A feature extractor: parts (B, P, 3, 60, 60) -> maps (B, P, C, 15, 15).

    conv1 (7 x 7) is shared by the parts, conv2 (5 x 5) is one for each part (authors' release). ReLU comes after
    max-pooling, which gives the same numbers as before it and touches a quarter of them.
    """

    def __init__(self, filters: int, batch_norm: bool, instance_norm: bool = False, groups: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(3, filters, 7, padding=3, bias=not batch_norm)
        self.conv2 = nn.ModuleList(
            nn.Conv2d(filters, filters, 5, padding=2, groups=groups, bias=not batch_norm) for _ in PART_ROWS
        )
        self.norm1: nn.Module = nn.BatchNorm2d(filters) if batch_norm else nn.Identity()
        if instance_norm:
            self.norm1 = HalfInstanceNorm(filters)
        self.norm2 = nn.ModuleList(nn.BatchNorm2d(filters) if batch_norm else nn.Identity() for _ in PART_ROWS)

    def forward(self, parts: Tensor) -> Tensor:
        x = parts.transpose(0, 1).flatten(0, 1)  # (P B, 3, 60, 60), part by part
        x = x.contiguous(memory_format=torch.channels_last)
        x = F.relu_(self.norm1(F.max_pool2d(self.conv1(x), 2)))  # (P B, C, 30, 30)
        maps = [
            F.relu_(norm(F.max_pool2d(conv(part), 2)))
            for part, conv, norm in zip(x.chunk(PARTS), self.conv2, self.norm2, strict=True)
        ]
        return torch.stack(maps, dim=1)  # (B, P, C, 15, 15)


class Network(nn.Module):
    """Images (B, 3, 160, 60), RGB values 0..255 -> descriptors (B, D) of unit length.

    The steps are methods, so that explanations can call them one by one:
    `prepare` -> `maps` -> `region_vectors` -> `embed` -> unit length. `embed` is affine in the region vectors.
    """

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.config = config
        bilinear = config.architecture != "cnn"
        self.streams = nn.ModuleList(
            Stream(config.filters, config.batch_norm, config.instance_norm, config.groups)
            for _ in range(2 if bilinear else 1)
        )
        # without bilinear pooling each place takes the part of a region
        self.regions = (MAP_SIZE // config.region_size) ** 2 if bilinear else MAP_SIZE**2
        self.region_numbers = config.filters**2 // config.groups if bilinear else config.filters
        self.dropout = Dropout(config.dropout)
        self.linear = nn.Linear(PARTS * self.regions * self.region_numbers, config.descriptor)
        self.norm: _BatchNorm | nn.Identity = nn.BatchNorm1d(config.descriptor) if config.batch_norm else nn.Identity()
        if not config.batch_norm:
            self._initialise_as_the_authors()

    def _initialise_as_the_authors(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
                assert module.bias is not None  # only a batch normalisation stands for it
                nn.init.normal_(module.bias, std=0.01)
        nn.init.normal_(self.linear.weight, std=0.001)
        nn.init.normal_(self.linear.bias, std=0.001)

    def prepare(self, images: Tensor) -> Tensor:
        """(B, 3, 160, 60), RGB 0..255, any number type -> (B, P, 3, 60, 60), as the streams want it."""
        if images.shape[1:] != (3, IMAGE_ROWS, IMAGE_COLUMNS):
            raise ValueError(f"expected images (B, 3, {IMAGE_ROWS}, {IMAGE_COLUMNS}), got {tuple(images.shape)}")
        if self.config.bgr:
            images = images.flip(1)
        images = (images.to(self.linear.weight.dtype) - self.config.mean) * self.config.scale
        if self.config.normalise_images:
            spread, mean = torch.std_mean(images, dim=(2, 3), keepdim=True)
            images = (images - mean) / (spread + STD_FLOOR)
        return split_parts(images)

    def maps(self, parts: Tensor) -> tuple[Tensor, ...]:
        """(B, P, 3, 60, 60) -> the maps of each stream, (B, P, C, 15, 15)."""
        return tuple(stream(parts) for stream in self.streams)

    def region_vectors(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Maps of the streams -> (B, P, R, M N / groups), or (B, P, 225, C) for `cnn` (equation 3).

        Where bilinear matrices are normalised, each group's is for itself.
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
                vectors = vectors.sqrt() * vectors.sum(3, keepdim=True).rsqrt()  # the roots' squares are the numbers
                vectors = vectors.flatten(2)
        return vectors.unflatten(0, (-1, PARTS))

    def embed(self, region_vectors: Tensor) -> Tensor:
        """(B, P, R, M N) -> (B, D) before it is scaled to unit length: an affine function of the region vectors."""
        return self.norm(self.linear(region_vectors.flatten(1).to(self.linear.weight.dtype)))

    def embed_parts(self, region_vectors: Tensor) -> tuple[Tensor, Tensor]:
        """(B, P, R, M N) -> (B, D), the same as `embed`, and (B, P, D), what each part adds to it.

        The latter sum up to the former but for a constant; while training, but for the difference between the batch's
        spread and the running one, too.
        """
        parts = partwise_linear(region_vectors.flatten(2), self.linear.weight)
        whole = self.norm(parts.sum(1) + self.linear.bias)
        if isinstance(self.norm, _BatchNorm):
            assert self.norm.running_var is not None  # all of a Network track it
            parts = parts * (self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt())
        return whole, parts

    def vectors(self, images: Tensor) -> Tensor:
        """(B, 3, 160, 60) -> region vectors (B, P, R, M N); while training, without those that drop out."""
        maps = self.maps(self.prepare(images))
        with torch.autocast(images.device.type, enabled=False):  # from here on in the precision of the maps
            return self.dropout(self.region_vectors(maps))

    def embedding(self, images: Tensor) -> Tensor:
        """All steps but the last: (B, 3, 160, 60) -> (B, D) before it is scaled to unit length."""
        vectors = self.vectors(images)
        with torch.autocast(images.device.type, enabled=False):
            return self.embed(vectors)

    def forward(self, images: Tensor, with_parts: bool = False) -> Tensor:
        """Descriptors (B, D); or (B, 1 + P, D), behind each descriptor what each part adds to it before its scaling."""
        if not with_parts:
            return F.normalize(self.embedding(images), dim=1)
        vectors = self.vectors(images)
        with torch.autocast(images.device.type, enabled=False):
            whole, parts = self.embed_parts(vectors)
            return torch.cat([F.normalize(whole, dim=1)[:, None], parts], dim=1)


def build_network(architecture: str = "mr_bcnn", filters: int = 64, region_size: int = 5, **options) -> Network:
    """A network with fresh weights. `options` are the other fields of NetworkConfig.

    With 64 filters and a descriptor of 500 numbers the parameters are those of the authors' release: `mr_bcnn`
    55,930,228, `b_cnn` 6,778,228, `cnn` 21,917,364. Raises UserError for an unknown architecture or region size.
    """
    return Network(NetworkConfig(architecture, filters, region_size, **options))
